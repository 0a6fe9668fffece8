package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Message;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.HealthEvent;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What each event of the other services changes in the routing table. Not thread-safe. */
final class EventRows {
  private final RowChanges rows;
  private final Draining draining;

  EventRows(RowChanges rows, Draining draining) {
    this.rows = rows;
    this.draining = draining;
  }

  /**
   * @throws IllegalArgumentException when it cannot follow what is known of its stream
   */
  void apply(ParsedEvent event) {
    rows.because(event.recorded());
    switch (event) {
      case ParsedEvent.OfNeg(var recorded, var content) -> neg(recorded, content);
      case ParsedEvent.OfBackend(var recorded, var content) -> backend(recorded.stream(), content);
      case ParsedEvent.OfHealth(var recorded, var content) -> health(recorded.stream(), content);
    }
  }

  private void neg(RecordedEvent recorded, NegEvent event) {
    String name = recorded.stream();
    switch (event.getEventCase()) {
      case NEG_CREATED ->
          rows.put(new RowKey(RowKind.NEG, name), event.getNegCreated().getNetworkEndpointGroup());
      case ENDPOINT_ATTACHED -> {
        NetworkEndpoint endpoint = event.getEndpointAttached().getNetworkEndpoint();
        var address = new EndpointAddress(endpoint.getIpAddress(), endpoint.getPort());
        rows.put(RowKey.endpoint(name, address), endpoint);
        draining.endpointAttached(name, address, rows);
      }
      case ENDPOINT_UPDATED -> {
        NetworkEndpoint endpoint = event.getEndpointUpdated().getNetworkEndpoint();
        var address = new EndpointAddress(endpoint.getIpAddress(), endpoint.getPort());
        rows.put(RowKey.endpoint(name, address), endpoint);
      }
      case ENDPOINT_DETACHED -> {
        var endpoint = event.getEndpointDetached();
        var address = new EndpointAddress(endpoint.getIpAddress(), endpoint.getPort());
        rows.remove(RowKey.endpoint(name, address));
        draining.endpointDetached(name, address, recorded.occurredAt(), rows);
      }
      case NEG_DELETED -> {
        rows.remove(new RowKey(RowKind.NEG, name));
        rows.keys(RowKind.ENDPOINT, RowKey.endpointPrefix(name)).forEach(rows::remove);
      }
      case INSTANCE_GROUP_CREATED ->
          rows.put(
              new RowKey(RowKind.INSTANCE_GROUP, name),
              event.getInstanceGroupCreated().getInstanceGroup());
      case NAMED_PORTS_SET -> {
        RowKey key = new RowKey(RowKind.INSTANCE_GROUP, name);
        rows.put(
            key,
            instanceGroup(key).toBuilder()
                .clearNamedPorts()
                .addAllNamedPorts(event.getNamedPortsSet().getNamedPortsList())
                .build());
      }
      case INSTANCE_GROUP_DELETED -> {
        rows.remove(new RowKey(RowKind.INSTANCE_GROUP, name));
        rows.keys(RowKind.ENDPOINT, RowKey.endpointPrefix(name)).forEach(rows::remove);
      }
      case NEG_DELETION_STARTED,
          NEG_DELETION_REFUSED,
          INSTANCE_GROUP_DELETION_STARTED,
          INSTANCE_GROUP_DELETION_REFUSED -> {
        // Traffic goes on until it is decided.
      }
      case NETWORK_CREATED,
          NETWORK_SWITCHED_TO_CUSTOM_MODE,
          NETWORK_DELETED,
          SUBNETWORK_CREATED,
          SUBNETWORK_UPDATED,
          SUBNETWORK_DELETED,
          INSTANCE_CREATED,
          INSTANCE_UPDATED,
          INSTANCE_DELETED,
          INSTANCES_ADDED,
          INSTANCES_REMOVED -> {
        // Where endpoints may come from; no traffic follows from it.
      }
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a NegEvent of no known kind");
    }
  }

  private void backend(String name, BackendEvent event) {
    switch (event.getEventCase()) {
      case HEALTH_CHECK_CREATED ->
          rows.put(
              new RowKey(RowKind.HEALTH_CHECK, name),
              event.getHealthCheckCreated().getHealthCheck());
      case HEALTH_CHECK_UPDATED ->
          rows.put(
              new RowKey(RowKind.HEALTH_CHECK, name),
              event.getHealthCheckUpdated().getHealthCheck());
      case HEALTH_CHECK_DELETED -> rows.remove(new RowKey(RowKind.HEALTH_CHECK, name));
      case BACKEND_SERVICE_CREATED ->
          rows.put(
              new RowKey(RowKind.BACKEND_SERVICE, name),
              event.getBackendServiceCreated().getBackendService());
      case BACKEND_SERVICE_UPDATED -> {
        BackendService before = service(name);
        BackendService updated =
            event.getBackendServiceUpdated().getBackendService().toBuilder()
                .clearBackends()
                .addAllBackends(before.getBackendsList())
                .build();
        rows.put(new RowKey(RowKind.BACKEND_SERVICE, name), updated);
        if (!drainingTimeout(updated).equals(drainingTimeout(before))) {
          for (String group : groups(updated)) {
            draining.timeoutChanged(name, group, drainingTimeout(updated), rows);
          }
        }
      }
      case BACKEND_ADDED -> {
        Backend added = event.getBackendAdded().getBackend();
        BackendService service = service(name);
        rows.put(
            new RowKey(RowKind.BACKEND_SERVICE, name),
            without(service, added.getGroup()).addBackends(added).build());
        draining.backendAdded(name, added.getGroup(), drainingTimeout(service), rows);
      }
      case BACKEND_UPDATED -> {
        Backend updated = event.getBackendUpdated().getBackend();
        rows.put(
            new RowKey(RowKind.BACKEND_SERVICE, name),
            without(service(name), updated.getGroup()).addBackends(updated).build());
      }
      case BACKEND_REMOVED -> {
        String group = event.getBackendRemoved().getGroup();
        rows.put(new RowKey(RowKind.BACKEND_SERVICE, name), without(service(name), group).build());
        draining.backendRemoved(name, group, rows);
      }
      case BACKEND_SERVICE_DELETED -> {
        for (Backend backend : service(name).getBackendsList()) {
          draining.backendRemoved(name, backend.getGroup(), rows);
        }
        rows.remove(new RowKey(RowKind.BACKEND_SERVICE, name));
      }
      case URL_MAP_CREATED ->
          rows.put(new RowKey(RowKind.URL_MAP, name), event.getUrlMapCreated().getUrlMap());
      case URL_MAP_UPDATED ->
          rows.put(new RowKey(RowKind.URL_MAP, name), event.getUrlMapUpdated().getUrlMap());
      case URL_MAP_DELETED -> rows.remove(new RowKey(RowKind.URL_MAP, name));
      case TARGET_HTTP_PROXY_CREATED ->
          rows.put(
              new RowKey(RowKind.TARGET_HTTP_PROXY, name),
              event.getTargetHttpProxyCreated().getTargetHttpProxy());
      case TARGET_HTTP_PROXY_UPDATED ->
          rows.put(
              new RowKey(RowKind.TARGET_HTTP_PROXY, name),
              event.getTargetHttpProxyUpdated().getTargetHttpProxy());
      case URL_MAP_SET -> {
        RowKey key = new RowKey(RowKind.TARGET_HTTP_PROXY, name);
        TargetHttpProxy proxy = (TargetHttpProxy) existing(key);
        rows.put(key, proxy.toBuilder().setUrlMap(event.getUrlMapSet().getUrlMap()).build());
      }
      case TARGET_HTTP_PROXY_DELETED -> rows.remove(new RowKey(RowKind.TARGET_HTTP_PROXY, name));
      case FORWARDING_RULE_CREATED ->
          rows.put(
              new RowKey(RowKind.FORWARDING_RULE, name),
              event.getForwardingRuleCreated().getForwardingRule());
      case TARGET_SET -> {
        RowKey key = new RowKey(RowKind.FORWARDING_RULE, name);
        ForwardingRule rule = (ForwardingRule) existing(key);
        rows.put(key, rule.toBuilder().setTarget(event.getTargetSet().getTarget()).build());
      }
      case FORWARDING_RULE_DELETED -> rows.remove(new RowKey(RowKind.FORWARDING_RULE, name));
      case ADDRESS_CREATED, ADDRESS_DELETED -> {
        // The rules that use an address have its digits.
      }
      case SSL_CERTIFICATE_CREATED ->
          rows.put(
              new RowKey(RowKind.SSL_CERTIFICATE, name),
              KeyedCertificate.newBuilder()
                  .setCertificate(event.getSslCertificateCreated().getSslCertificate())
                  .build());
      case SSL_CERTIFICATE_DELETED -> rows.remove(new RowKey(RowKind.SSL_CERTIFICATE, name));
      case TARGET_HTTPS_PROXY_CREATED ->
          rows.put(
              new RowKey(RowKind.TARGET_HTTPS_PROXY, name),
              event.getTargetHttpsProxyCreated().getTargetHttpsProxy());
      case TARGET_HTTPS_PROXY_UPDATED ->
          rows.put(
              new RowKey(RowKind.TARGET_HTTPS_PROXY, name),
              event.getTargetHttpsProxyUpdated().getTargetHttpsProxy());
      case TARGET_HTTPS_PROXY_DELETED -> rows.remove(new RowKey(RowKind.TARGET_HTTPS_PROXY, name));
      case TARGET_TCP_PROXY_CREATED ->
          rows.put(
              new RowKey(RowKind.TARGET_TCP_PROXY, name),
              event.getTargetTcpProxyCreated().getTargetTcpProxy());
      case TARGET_TCP_PROXY_UPDATED ->
          rows.put(
              new RowKey(RowKind.TARGET_TCP_PROXY, name),
              event.getTargetTcpProxyUpdated().getTargetTcpProxy());
      case TARGET_TCP_PROXY_DELETED -> rows.remove(new RowKey(RowKind.TARGET_TCP_PROXY, name));
      case TARGET_SSL_PROXY_CREATED ->
          rows.put(
              new RowKey(RowKind.TARGET_SSL_PROXY, name),
              event.getTargetSslProxyCreated().getTargetSslProxy());
      case TARGET_SSL_PROXY_UPDATED ->
          rows.put(
              new RowKey(RowKind.TARGET_SSL_PROXY, name),
              event.getTargetSslProxyUpdated().getTargetSslProxy());
      case TARGET_SSL_PROXY_DELETED -> rows.remove(new RowKey(RowKind.TARGET_SSL_PROXY, name));
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a BackendEvent of no known kind");
    }
  }

  /** One that was created before instance groups could serve has no row yet. */
  private InstanceGroup instanceGroup(RowKey key) {
    return rows.current(key) instanceof InstanceGroup known
        ? known
        : InstanceGroup.newBuilder().setName(key.text()).build();
  }

  private void health(String stream, HealthEvent event) {
    RowKey key = new RowKey(RowKind.HEALTH, stream);
    switch (event.getEventCase()) {
      case HEALTH_CHANGED -> rows.put(key, event.getHealthChanged());
      case PROBING_STOPPED -> rows.remove(key);
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a HealthEvent of no known kind");
    }
  }

  private BackendService service(String name) {
    return (BackendService) existing(new RowKey(RowKind.BACKEND_SERVICE, name));
  }

  /** The groups a backend service has as backends; none when there is no such service. */
  static List<String> groups(@Nullable Message service) {
    return service instanceof BackendService known
        ? known.getBackendsList().stream().map(Backend::getGroup).toList()
        : List.of();
  }

  private static Duration drainingTimeout(BackendService service) {
    return Duration.ofSeconds(service.getConnectionDraining().getDrainingTimeoutSec());
  }

  private static BackendService.Builder without(BackendService service, String group) {
    BackendService.Builder rest = service.toBuilder().clearBackends();
    for (Backend backend : service.getBackendsList()) {
      if (!backend.getGroup().equals(group)) {
        rest.addBackends(backend);
      }
    }
    return rest;
  }

  private Message existing(RowKey key) {
    @Nullable Message content = rows.current(key);
    if (content == null) {
      throw new IllegalArgumentException("an event of " + key + ", which was never created");
    }
    return content;
  }
}
