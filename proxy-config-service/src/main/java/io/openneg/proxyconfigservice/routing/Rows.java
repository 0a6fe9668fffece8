package io.openneg.proxyconfigservice.routing;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.health.v1.HealthChanged;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.routing.RoutingTable.ServiceAndNeg;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.TreePMap;

/**
 * The maps behind a {@link RoutingTable}, kind by kind. Changes only while a table is being made;
 * the table holds it in a final field, which publishes it safely.
 */
final class Rows {
  PMap<String, NetworkEndpointGroup> negs;
  PMap<String, InstanceGroup> instanceGroups;
  PMap<String, TreePMap<EndpointAddress, NetworkEndpoint>> endpoints;
  PMap<ServiceAndNeg, TreePMap<EndpointAddress, Instant>> draining;
  PMap<String, PMap<EndpointAddress, HealthChanged>> health;
  PMap<String, HealthCheck> healthChecks;
  PMap<String, BackendService> backendServices;
  PMap<String, UrlMap> urlMaps;
  PMap<String, TargetHttpProxy> targetHttpProxies;
  PMap<String, KeyedCertificate> sslCertificates;
  PMap<String, TargetHttpsProxy> targetHttpsProxies;
  PMap<String, TargetTcpProxy> targetTcpProxies;
  PMap<String, TargetSslProxy> targetSslProxies;
  PMap<String, ForwardingRule> forwardingRules;
  // Indexes: they follow from the backend services.
  PMap<String, PSet<String>> servicesOfNeg;
  PMap<String, PSet<String>> servicesOfHealthCheck;

  Rows() {
    negs = HashTreePMap.empty();
    instanceGroups = HashTreePMap.empty();
    endpoints = HashTreePMap.empty();
    draining = HashTreePMap.empty();
    health = HashTreePMap.empty();
    healthChecks = HashTreePMap.empty();
    backendServices = HashTreePMap.empty();
    urlMaps = HashTreePMap.empty();
    targetHttpProxies = HashTreePMap.empty();
    sslCertificates = HashTreePMap.empty();
    targetHttpsProxies = HashTreePMap.empty();
    targetTcpProxies = HashTreePMap.empty();
    targetSslProxies = HashTreePMap.empty();
    forwardingRules = HashTreePMap.empty();
    servicesOfNeg = HashTreePMap.empty();
    servicesOfHealthCheck = HashTreePMap.empty();
  }

  Rows(Rows before) {
    negs = before.negs;
    instanceGroups = before.instanceGroups;
    endpoints = before.endpoints;
    draining = before.draining;
    health = before.health;
    healthChecks = before.healthChecks;
    backendServices = before.backendServices;
    urlMaps = before.urlMaps;
    targetHttpProxies = before.targetHttpProxies;
    sslCertificates = before.sslCertificates;
    targetHttpsProxies = before.targetHttpsProxies;
    targetTcpProxies = before.targetTcpProxies;
    targetSslProxies = before.targetSslProxies;
    forwardingRules = before.forwardingRules;
    servicesOfNeg = before.servicesOfNeg;
    servicesOfHealthCheck = before.servicesOfHealthCheck;
  }

  void apply(RowChange change) {
    String name = change.key().text();
    @Nullable Message content = change.content();
    switch (change.key().kind()) {
      case NEG -> negs = changed(negs, name, (NetworkEndpointGroup) content);
      case INSTANCE_GROUP ->
          instanceGroups = changed(instanceGroups, name, (InstanceGroup) content);
      case ENDPOINT -> changeEndpoint(change.key().asEndpoint(), (NetworkEndpoint) content);
      case DRAINING -> changeDraining(change.key().asDraining(), (Timestamp) content);
      case HEALTH -> changeHealth(change.key().asTarget(), (HealthChanged) content);
      case HEALTH_CHECK -> healthChecks = changed(healthChecks, name, (HealthCheck) content);
      case BACKEND_SERVICE -> changeService(name, (BackendService) content);
      case URL_MAP -> urlMaps = changed(urlMaps, name, (UrlMap) content);
      case TARGET_HTTP_PROXY ->
          targetHttpProxies = changed(targetHttpProxies, name, (TargetHttpProxy) content);
      case SSL_CERTIFICATE ->
          sslCertificates = changed(sslCertificates, name, (KeyedCertificate) content);
      case TARGET_HTTPS_PROXY ->
          targetHttpsProxies = changed(targetHttpsProxies, name, (TargetHttpsProxy) content);
      case TARGET_TCP_PROXY ->
          targetTcpProxies = changed(targetTcpProxies, name, (TargetTcpProxy) content);
      case TARGET_SSL_PROXY ->
          targetSslProxies = changed(targetSslProxies, name, (TargetSslProxy) content);
      case FORWARDING_RULE ->
          forwardingRules = changed(forwardingRules, name, (ForwardingRule) content);
    }
  }

  private void changeEndpoint(RowKey.Endpoint key, @Nullable NetworkEndpoint endpoint) {
    TreePMap<EndpointAddress, NetworkEndpoint> inner =
        endpoints.getOrDefault(key.neg(), TreePMap.empty());
    inner = endpoint == null ? inner.minus(key.address()) : inner.plus(key.address(), endpoint);
    endpoints = inner.isEmpty() ? endpoints.minus(key.neg()) : endpoints.plus(key.neg(), inner);
  }

  private void changeDraining(RowKey.Draining key, @Nullable Timestamp until) {
    ServiceAndNeg where = new ServiceAndNeg(key.backendService(), key.neg());
    TreePMap<EndpointAddress, Instant> inner = draining.getOrDefault(where, TreePMap.empty());
    inner =
        until == null
            ? inner.minus(key.address())
            : inner.plus(
                key.address(), Instant.ofEpochSecond(until.getSeconds(), until.getNanos()));
    draining = inner.isEmpty() ? draining.minus(where) : draining.plus(where, inner);
  }

  private void changeHealth(RowKey.Target key, @Nullable HealthChanged verdict) {
    PMap<EndpointAddress, HealthChanged> inner =
        changed(
            health.getOrDefault(key.healthCheck(), HashTreePMap.empty()), key.address(), verdict);
    health =
        inner.isEmpty() ? health.minus(key.healthCheck()) : health.plus(key.healthCheck(), inner);
  }

  private void changeService(String name, @Nullable BackendService service) {
    @Nullable BackendService before = backendServices.get(name);
    if (before != null) {
      for (Backend backend : before.getBackendsList()) {
        servicesOfNeg = unindexed(servicesOfNeg, backend.getGroup(), name);
      }
      for (String check : before.getHealthChecksList()) {
        servicesOfHealthCheck = unindexed(servicesOfHealthCheck, check, name);
      }
    }
    if (service != null) {
      for (Backend backend : service.getBackendsList()) {
        servicesOfNeg = indexed(servicesOfNeg, backend.getGroup(), name);
      }
      for (String check : service.getHealthChecksList()) {
        servicesOfHealthCheck = indexed(servicesOfHealthCheck, check, name);
      }
    }
    backendServices = changed(backendServices, name, service);
  }

  private static PMap<String, PSet<String>> indexed(
      PMap<String, PSet<String>> index, String key, String service) {
    return index.plus(key, index.getOrDefault(key, HashTreePSet.empty()).plus(service));
  }

  private static PMap<String, PSet<String>> unindexed(
      PMap<String, PSet<String>> index, String key, String service) {
    PSet<String> rest = index.getOrDefault(key, HashTreePSet.empty()).minus(service);
    return rest.isEmpty() ? index.minus(key) : index.plus(key, rest);
  }

  private static <K, V> PMap<K, V> changed(PMap<K, V> map, K key, @Nullable V value) {
    return value == null ? map.minus(key) : map.plus(key, value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Rows that
        && negs.equals(that.negs)
        && instanceGroups.equals(that.instanceGroups)
        && endpoints.equals(that.endpoints)
        && draining.equals(that.draining)
        && health.equals(that.health)
        && healthChecks.equals(that.healthChecks)
        && backendServices.equals(that.backendServices)
        && urlMaps.equals(that.urlMaps)
        && targetHttpProxies.equals(that.targetHttpProxies)
        && sslCertificates.equals(that.sslCertificates)
        && targetHttpsProxies.equals(that.targetHttpsProxies)
        && targetTcpProxies.equals(that.targetTcpProxies)
        && targetSslProxies.equals(that.targetSslProxies)
        && forwardingRules.equals(that.forwardingRules);
  }

  @Override
  public int hashCode() {
    return Objects.hash(negs, backendServices, forwardingRules);
  }
}
