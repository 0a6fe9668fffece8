package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * URL map → RouteConfiguration. One translation of one map; not thread-safe.
 *
 * <p>A route to a backend service that is not there stays: dropping it would send its requests to
 * whichever rule comes next, which nobody asked for.
 */
final class Routes {
  /** Name and domain of the virtual host for hosts that no rule names. */
  private static final String ANY_HOST = "*";

  private static final String ANY_PATH_BELOW = "/*";
  private static final int DEFAULT_TIMEOUT_SEC = 30;

  /** Only what never reached an endpoint is tried elsewhere, so no request is served twice. */
  private static final RetryPolicy RETRY_UNSERVED =
      RetryPolicy.newBuilder()
          .setRetryOn("connect-failure,refused-stream")
          .setNumRetries(UInt32Value.of(2))
          .build();

  /** The order does not matter between exact paths; among prefixes the longest must be first. */
  private static final Comparator<String> LONGEST_FIRST =
      Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder());

  /**
   * A resource, and what of its source could not be said in it.
   *
   * @param dropped reasons, for people
   */
  record Translated(XdsResource resource, List<String> dropped) {}

  private final UrlMap map;
  private final Map<String, BackendService> services;
  private final Set<String> clusters = new TreeSet<>();
  private final SequencedSet<String> dropped = new LinkedHashSet<>();

  private Routes(UrlMap map, Map<String, BackendService> services) {
    this.map = map;
    this.services = services;
  }

  static Translated translate(UrlMap map, Map<String, BackendService> services) {
    Routes routes = new Routes(map, services);
    RouteConfiguration configuration = routes.configuration();
    return new Translated(
        XdsResource.of(XdsType.ROUTES, map.getName(), configuration, routes.clusters),
        List.copyOf(routes.dropped));
  }

  /** The routes of a URL map that does not exist: none, so that every request gets 404. */
  static XdsResource empty(String name) {
    return XdsResource.of(
        XdsType.ROUTES, name, RouteConfiguration.newBuilder().setName(name).build(), Set.of());
  }

  private RouteConfiguration configuration() {
    RouteConfiguration.Builder configuration =
        RouteConfiguration.newBuilder()
            .setName(map.getName())
            // Host rules name hosts; "example.com:8080" is the host example.com.
            .setIgnorePortInHostMatching(true);
    Map<String, PathMatcher> matchers = new HashMap<>();
    map.getPathMatchersList().forEach(matcher -> matchers.putIfAbsent(matcher.getName(), matcher));
    SequencedMap<String, SequencedSet<String>> hosts = hostsByMatcher(matchers.keySet());
    boolean anyHost = false;
    for (Map.Entry<String, SequencedSet<String>> entry : hosts.entrySet()) {
      PathMatcher matcher = matchers.get(entry.getKey());
      if (matcher != null) {
        anyHost |= entry.getValue().contains(ANY_HOST);
        configuration.addVirtualHosts(virtualHost(matcher, entry.getValue()));
      }
    }
    if (!anyHost) {
      configuration.addVirtualHosts(
          VirtualHost.newBuilder()
              .setName(ANY_HOST)
              .addDomains(ANY_HOST)
              .addRoutes(route(pathsBelow("/"), map.getDefaultService())));
    }
    return configuration.build();
  }

  /** Proxies pick the exact host, then the longest pattern, then "*", as URL maps do. */
  private SequencedMap<String, SequencedSet<String>> hostsByMatcher(Set<String> matchers) {
    TreeMap<String, SequencedSet<String>> byMatcher = new TreeMap<>();
    Set<String> seen = new TreeSet<>();
    for (HostRule rule : map.getHostRulesList()) {
      String matcher = rule.getPathMatcher();
      for (String host : rule.getHostsList()) {
        if (!matchers.contains(matcher)) {
          dropped.add("host '%s': there is no path matcher '%s'".formatted(host, matcher));
        } else if (!seen.add(host.toLowerCase(Locale.ROOT))) {
          dropped.add("host '%s' stands in an earlier host rule too".formatted(host));
        } else {
          byMatcher
              .computeIfAbsent(matcher, _ -> new TreeSet<>())
              .add(host.toLowerCase(Locale.ROOT));
        }
      }
    }
    return byMatcher;
  }

  private VirtualHost virtualHost(PathMatcher matcher, SequencedSet<String> hosts) {
    VirtualHost.Builder host =
        VirtualHost.newBuilder().setName(matcher.getName()).addAllDomains(hosts);
    TreeMap<String, String> exact = new TreeMap<>(LONGEST_FIRST);
    TreeMap<String, String> prefixes = new TreeMap<>(LONGEST_FIRST);
    for (PathRule rule : matcher.getPathRulesList()) {
      for (String path : rule.getPathsList()) {
        boolean prefix = path.endsWith(ANY_PATH_BELOW);
        @Nullable String before =
            prefix
                ? prefixes.putIfAbsent(path.substring(0, path.length() - 1), rule.getService())
                : exact.putIfAbsent(path, rule.getService());
        if (before != null && !before.equals(rule.getService())) {
          dropped.add(
              "path '%s' of path matcher '%s' stands in an earlier path rule too"
                  .formatted(path, matcher.getName()));
        }
      }
    }
    // An exact path is at least as long as any prefix of it, so the longest rule wins this way too.
    exact.forEach((path, service) -> host.addRoutes(route(exactPath(path), service)));
    prefixes.forEach((prefix, service) -> host.addRoutes(route(pathsBelow(prefix), service)));
    if (!prefixes.containsKey("/")) {
      host.addRoutes(route(pathsBelow("/"), matcher.getDefaultService()));
    }
    return host.build();
  }

  private static RouteMatch exactPath(String path) {
    return RouteMatch.newBuilder().setPath(path).build();
  }

  private static RouteMatch pathsBelow(String prefix) {
    return RouteMatch.newBuilder().setPrefix(prefix).build();
  }

  private Route route(RouteMatch match, String serviceName) {
    clusters.add(serviceName);
    @Nullable BackendService service = services.get(serviceName);
    if (service == null) {
      dropped.add(
          "backend service '%s' is not there (yet); its routes answer 503".formatted(serviceName));
    }
    int timeoutSec =
        service != null && service.hasTimeoutSec() ? service.getTimeoutSec() : DEFAULT_TIMEOUT_SEC;
    return Route.newBuilder()
        .setMatch(match)
        .setRoute(
            RouteAction.newBuilder()
                .setCluster(serviceName)
                .setTimeout(Duration.newBuilder().setSeconds(timeoutSec))
                .setRetryPolicy(RETRY_UNSERVED))
        .build();
  }
}
