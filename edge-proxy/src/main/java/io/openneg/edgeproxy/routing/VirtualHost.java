package io.openneg.edgeproxy.routing;

import java.util.List;

/**
 * The routes for some domains.
 *
 * @param domains exact names, {@code *suffix}, {@code prefix*} or {@code *}; lower case
 * @param routes in the order in which they are tried
 */
public record VirtualHost(String name, List<String> domains, List<Route> routes) {
  public VirtualHost {
    domains = List.copyOf(domains);
    routes = List.copyOf(routes);
  }
}
