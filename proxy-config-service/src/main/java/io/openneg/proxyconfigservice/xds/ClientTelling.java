package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Target TCP and SSL proxies with {@code proxy_header: PROXY_V1}. Proxies are told on the cluster
 * whether endpoints hear of the client, and another target may lead to the same backend service
 * without, so such a service has a second cluster.
 */
final class ClientTelling {
  /** No resource name contains {@code |}. */
  private static final String SUFFIX = "|PROXY_V1";

  private ClientTelling() {}

  /** The name of a service's second cluster. */
  static String cluster(String service) {
    return service + SUFFIX;
  }

  static boolean isSecond(String cluster) {
    return cluster.endsWith(SUFFIX);
  }

  /** Names of the services to which a target leads that tells of the client. */
  static Set<String> services(RoutingTable table) {
    Set<String> services = new HashSet<>();
    for (TargetTcpProxy proxy : table.targetTcpProxies().values()) {
      if (proxy.getProxyHeader() == ProxyHeader.PROXY_V1) {
        services.add(proxy.getService());
      }
    }
    for (TargetSslProxy proxy : table.targetSslProxies().values()) {
      if (proxy.getProxyHeader() == ProxyHeader.PROXY_V1) {
        services.add(proxy.getService());
      }
    }
    return services;
  }

  /** Names of the services that have a second cluster. */
  static Set<String> services(ResourceSet clusters) {
    return clusters.byName().keySet().stream()
        .filter(ClientTelling::isSecond)
        .map(name -> name.substring(0, name.length() - SUFFIX.length()))
        .collect(Collectors.toSet());
  }
}
