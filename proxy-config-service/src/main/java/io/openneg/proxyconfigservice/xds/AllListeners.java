package io.openneg.proxyconfigservice.xds;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RuleTarget;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of all forwarding rules. They are made together, because several rules, of
 * different projects, may claim one name.
 *
 * @param sockets by listener name, for proxies
 * @param apis by listener name, for proxyless gRPC clients
 * @param schemes by listener name
 * @param dropped reasons by forwarding rule
 */
record AllListeners(
    Map<String, XdsResource> sockets,
    Map<String, XdsResource> apis,
    Map<String, LoadBalancingScheme> schemes,
    Map<String, List<String>> dropped) {

  /**
   * @param routes of the same table
   */
  static AllListeners of(RoutingTable table, ResourceSet routes) {
    AllListeners all =
        new AllListeners(new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    new TreeMap<>(table.forwardingRules()).values().forEach(rule -> all.add(rule, table, routes));
    return all;
  }

  private void add(ForwardingRule rule, RoutingTable table, ResourceSet routes) {
    String name = Listeners.name(rule.getName());
    Optional<RuleTarget> target = RuleTarget.find(table, rule.getTarget());
    Optional<String> missing =
        target.isEmpty()
            ? Optional.of("target '%s' is not there (yet)".formatted(rule.getTarget()))
            : missing(target.get(), table);
    if (missing.isPresent()) {
      drop(rule, missing.get());
    } else if (sockets.containsKey(name)) {
      drop(rule, "a forwarding rule of another project is listener '%s' already".formatted(name));
    } else {
      try {
        switch (target.orElseThrow()) {
          case RuleTarget.Http http -> {
            UrlMap map = Objects.requireNonNull(table.urlMaps().get(http.urlMap()));
            XdsResource socket =
                Listeners.socket(
                    rule, http, map, AccessLogs.ofRequests(services(http.urlMap(), table, routes)));
            apis.put(name, Listeners.api(rule, http, map));
            sockets.put(name, socket);
          }
          case RuleTarget.Bytes bytes ->
              sockets.put(
                  name,
                  Listeners.socket(
                      rule,
                      bytes,
                      AccessLogs.ofConnections(
                          Objects.requireNonNull(table.backendServices().get(bytes.service())))));
        }
        schemes.put(name, rule.getLoadBalancingScheme());
      } catch (IllegalArgumentException e) {
        drop(rule, Objects.requireNonNullElse(e.getMessage(), "cannot be said to proxies"));
      }
    }
  }

  /** The backend services that requests may go to by a URL map. */
  private static List<BackendService> services(
      String urlMap, RoutingTable table, ResourceSet routes) {
    @Nullable XdsResource route = routes.get(urlMap);
    return route == null
        ? List.of()
        : route.refs().stream().map(table.backendServices()::get).filter(Objects::nonNull).toList();
  }

  /** What a target cannot do without and has not; a listener is told when it can serve. */
  private static Optional<String> missing(RuleTarget target, RoutingTable table) {
    for (String certificate : target.certificates()) {
      @Nullable KeyedCertificate keyed = table.sslCertificates().get(certificate);
      if (keyed == null) {
        return Optional.of("certificate '%s' is not there (yet)".formatted(certificate));
      }
      if (keyed.getSealedKey().isEmpty()) {
        return Optional.of(
            "the private key of '%s' has not come from backend-service (yet)"
                .formatted(certificate));
      }
    }
    return switch (target) {
      case RuleTarget.Http http ->
          table.urlMaps().containsKey(http.urlMap())
              ? Optional.empty()
              : Optional.of(
                  "URL map '%s' of target '%s' is not there (yet)"
                      .formatted(http.urlMap(), http.proxy()));
      case RuleTarget.Bytes bytes ->
          table.backendServices().containsKey(bytes.service())
              ? Optional.empty()
              : Optional.of(
                  "backend service '%s' of target '%s' is not there (yet)"
                      .formatted(bytes.service(), bytes.proxy()));
    };
  }

  private void drop(ForwardingRule rule, String reason) {
    dropped.put(rule.getName(), List.of(reason));
  }
}
