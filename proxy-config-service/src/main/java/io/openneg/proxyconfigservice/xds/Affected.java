package io.openneg.proxyconfigservice.xds;

import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import java.util.HashSet;
import java.util.Set;

/**
 * What has to be translated again after a change.
 *
 * @param services backend services that are another cluster now; their endpoints and the URL maps
 *     that name them are affected with them
 * @param endpoints backend services whose endpoints alone are affected
 * @param listeners whether any listener is
 */
record Affected(
    Set<String> services,
    Set<String> endpoints,
    Set<String> urlMaps,
    Set<String> certificates,
    boolean listeners) {

  static Affected by(RoutingTableDelta delta, RoutingTable table) {
    Set<String> services = new HashSet<>();
    Set<String> endpoints = new HashSet<>();
    Set<String> urlMaps = new HashSet<>();
    Set<String> certificates = new HashSet<>();
    boolean listeners = false;
    for (RowChange change : delta.changes()) {
      RowKey key = change.key();
      switch (key.kind()) {
        case NEG, INSTANCE_GROUP -> endpoints.addAll(table.servicesOfNeg(key.text()));
        case ENDPOINT -> endpoints.addAll(table.servicesOfNeg(key.asEndpoint().neg()));
        case DRAINING -> endpoints.add(key.asDraining().backendService());
        case HEALTH -> addUsers(key.asTarget(), table, endpoints);
        case BACKEND_SERVICE -> {
          services.add(key.text());
          // The listener of a TCP or SSL proxy comes and goes with it.
          listeners = true;
        }
        case URL_MAP -> {
          urlMaps.add(key.text());
          listeners = true;
        }
        case SSL_CERTIFICATE -> {
          certificates.add(key.text());
          listeners = true;
        }
        case TARGET_HTTP_PROXY,
            TARGET_HTTPS_PROXY,
            TARGET_TCP_PROXY,
            TARGET_SSL_PROXY,
            FORWARDING_RULE ->
            listeners = true;
        case HEALTH_CHECK -> {
          // How endpoints are probed is nothing to the proxies; what came of it is.
        }
      }
    }
    return new Affected(services, endpoints, urlMaps, certificates, listeners);
  }

  /** Everything that is or was there. */
  static Affected all(XdsSnapshot before, RoutingTable table) {
    Set<String> services = new HashSet<>(table.backendServices().keySet());
    before.clusters().byName().keySet().stream()
        .filter(name -> !ClientTelling.isSecond(name))
        .forEach(services::add);
    Set<String> urlMaps = new HashSet<>(table.urlMaps().keySet());
    urlMaps.addAll(before.routes().byName().keySet());
    Set<String> certificates = new HashSet<>(table.sslCertificates().keySet());
    certificates.addAll(before.secrets().byName().keySet());
    return new Affected(services, Set.of(), urlMaps, certificates, true);
  }

  private static void addUsers(RowKey.Target target, RoutingTable table, Set<String> endpoints) {
    EndpointAddress address = target.address();
    for (String name : table.servicesOfHealthCheck(target.healthCheck())) {
      var service = table.backendServices().get(name);
      if (service != null
          && service.getBackendsList().stream()
              .anyMatch(backend -> table.endpoints(backend.getGroup()).containsKey(address))) {
        endpoints.add(name);
      }
    }
  }
}
