package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.urlmap.PathTemplate;
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
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * URL map → RouteConfiguration: hosts, and the order of routes, of which a proxy takes the first
 * that matches. One translation of one map; not thread-safe.
 */
final class Routes {
  /** Name and domain of the virtual host for hosts that no rule names. */
  private static final String ANY_HOST = "*";

  /** A name; "*" in front stands for any beginning, alone for any host. */
  private static final Pattern HOST = Pattern.compile("\\*|\\*?[A-Za-z0-9._~:\\[\\]-]+");

  /** Proxies refuse a virtual host without a name. */
  private static final String UNNAMED = "(no name)";

  private static final DirectResponseAction CANNOT_BE_SAID =
      DirectResponseAction.newBuilder()
          .setStatus(500)
          .setBody(DataSource.newBuilder().setInlineString("the rule for this cannot be served"))
          .build();

  private static final String ANY_PATH_BELOW = "/*";
  private static final RouteMatch ANY_PATH = RouteMatches.prefix("/");

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
  private final RouteTargets targets;
  private final SequencedSet<String> dropped = new LinkedHashSet<>();

  private Routes(UrlMap map, Map<String, BackendService> services) {
    this.map = map;
    this.targets = new RouteTargets(services, dropped);
  }

  static Translated translate(UrlMap map, Map<String, BackendService> services) {
    Routes routes = new Routes(map, services);
    RouteConfiguration configuration = routes.configuration();
    return new Translated(
        XdsResource.of(XdsType.ROUTES, map.getName(), configuration, routes.targets.clusters()),
        List.copyOf(routes.dropped));
  }

  /** The routes of a URL map that does not exist: none, so that every request gets 404. */
  static XdsResource empty(String name) {
    return XdsResource.of(
        XdsType.ROUTES, name, RouteConfiguration.newBuilder().setName(name).build(), Set.of());
  }

  private RouteConfiguration configuration() {
    HeaderChanges headers = HeaderChanges.of(map.getHeaderAction(), dropped::add);
    RouteConfiguration.Builder configuration =
        RouteConfiguration.newBuilder()
            .setName(map.getName())
            // Host rules name hosts; "example.com:8080" is the host example.com.
            .setIgnorePortInHostMatching(true)
            .addAllRequestHeadersToAdd(headers.requestToAdd())
            .addAllRequestHeadersToRemove(headers.requestToRemove())
            .addAllResponseHeadersToAdd(headers.responseToAdd())
            .addAllResponseHeadersToRemove(headers.responseToRemove());
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
              .addRoutes(safely("the default", ANY_PATH, () -> byDefault())));
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
        } else if (!isHost(host)) {
          dropped.add("host '%s' is none".formatted(host));
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

  private static boolean isHost(String host) {
    return HOST.matcher(host).matches();
  }

  private VirtualHost virtualHost(PathMatcher matcher, SequencedSet<String> hosts) {
    HeaderChanges headers = HeaderChanges.of(matcher.getHeaderAction(), dropped::add);
    VirtualHost.Builder host =
        VirtualHost.newBuilder()
            .setName(matcher.getName().isEmpty() ? UNNAMED : matcher.getName())
            .addAllDomains(hosts)
            .addAllRequestHeadersToAdd(headers.requestToAdd())
            .addAllRequestHeadersToRemove(headers.requestToRemove())
            .addAllResponseHeadersToAdd(headers.responseToAdd())
            .addAllResponseHeadersToRemove(headers.responseToRemove());
    boolean all =
        matcher.getRouteRulesCount() > 0 ? routeRules(matcher, host) : pathRules(matcher, host);
    if (!all) {
      host.addRoutes(
          safely(
              "the default of path matcher '%s'".formatted(matcher.getName()),
              ANY_PATH,
              () -> byDefault(matcher)));
    }
    return host.build();
  }

  /** Adds path rules, longest first; says whether they take every path. */
  private boolean pathRules(PathMatcher matcher, VirtualHost.Builder host) {
    TreeMap<String, PathRule> exact = new TreeMap<>(LONGEST_FIRST);
    TreeMap<String, PathRule> prefixes = new TreeMap<>(LONGEST_FIRST);
    for (PathRule rule : matcher.getPathRulesList()) {
      for (String path : rule.getPathsList()) {
        @Nullable PathRule before =
            path.endsWith(ANY_PATH_BELOW)
                ? prefixes.putIfAbsent(path.substring(0, path.length() - 1), rule)
                : exact.putIfAbsent(path, rule);
        if (before != null && !goSameWay(before, rule)) {
          dropped.add(
              "path '%s' of path matcher '%s' stands in an earlier path rule too"
                  .formatted(path, matcher.getName()));
        }
      }
    }
    // An exact path is at least as long as any prefix of it, so the longest rule wins this way too.
    exact.forEach((path, rule) -> addPath(RouteMatches.path(path), path, rule, host));
    prefixes.forEach((prefix, rule) -> addPath(RouteMatches.prefix(prefix), prefix, rule, host));
    return prefixes.containsKey("/");
  }

  private void addPath(RouteMatch match, String path, PathRule rule, VirtualHost.Builder host) {
    add("path '%s'".formatted(path), () -> match, made -> route(made, rule), host);
  }

  /**
   * Adds a route. One that proxies would refuse must not take the others with it, nor leave its
   * requests to whichever rule comes next: it answers them with 500. Only if what it asks of
   * requests cannot be said, they go on to the next rule.
   *
   * @param what it is, for people
   */
  private void add(
      String what,
      Supplier<RouteMatch> match,
      Function<RouteMatch, Route> route,
      VirtualHost.Builder host) {
    RouteMatch made;
    try {
      made = match.get();
      EnvoyRules.check(made);
    } catch (RuntimeException e) {
      dropped.add("%s is left out: %s".formatted(what, e.getMessage()));
      return;
    }
    host.addRoutes(safely(what, made, () -> route.apply(made)));
  }

  private Route safely(String what, RouteMatch match, Supplier<Route> route) {
    try {
      Route made = route.get();
      EnvoyRules.check(made);
      return made;
    } catch (RuntimeException e) {
      dropped.add("%s answers 500: %s".formatted(what, e.getMessage()));
      return Route.newBuilder().setMatch(match).setDirectResponse(CANNOT_BE_SAID).build();
    }
  }

  private static boolean goSameWay(PathRule one, PathRule other) {
    return one.toBuilder().clearPaths().build().equals(other.toBuilder().clearPaths().build());
  }

  /** Adds route rules in order of priority. None of them is known to take every path. */
  private boolean routeRules(PathMatcher matcher, VirtualHost.Builder host) {
    matcher.getRouteRulesList().stream()
        .sorted(Comparator.comparingInt(HttpRouteRule::getPriority))
        .forEach(
            rule ->
                rule.getMatchRulesList()
                    .forEach(
                        match ->
                            add(
                                "route rule of priority %d".formatted(rule.getPriority()),
                                () -> RouteMatches.of(match),
                                made -> route(made, match, rule),
                                host)));
    return false;
  }

  private Route byDefault() {
    return map.hasDefaultUrlRedirect()
        ? RouteTargets.redirect(ANY_PATH, map.getDefaultUrlRedirect()).build()
        : targets.forward(ANY_PATH, map.getDefaultService(), map.getDefaultRouteAction()).build();
  }

  private Route byDefault(PathMatcher matcher) {
    return matcher.hasDefaultUrlRedirect()
        ? RouteTargets.redirect(ANY_PATH, matcher.getDefaultUrlRedirect()).build()
        : targets
            .forward(ANY_PATH, matcher.getDefaultService(), matcher.getDefaultRouteAction())
            .build();
  }

  private Route route(RouteMatch match, PathRule rule) {
    return rule.hasUrlRedirect()
        ? RouteTargets.redirect(match, rule.getUrlRedirect()).build()
        : targets.forward(match, rule.getService(), rule.getRouteAction()).build();
  }

  private Route route(RouteMatch match, HttpRouteRuleMatch source, HttpRouteRule rule) {
    String rewrite = rule.getRouteAction().getUrlRewrite().getPathTemplateRewrite();
    if (!rewrite.isEmpty()) {
      PathTemplate.parse(source.getPathTemplateMatch()).checkRewrite(rewrite);
    }
    HeaderChanges headers = HeaderChanges.of(rule.getHeaderAction(), dropped::add);
    Route.Builder route =
        rule.hasUrlRedirect()
            ? RouteTargets.redirect(match, rule.getUrlRedirect())
            : targets.forward(match, rule.getService(), rule.getRouteAction());
    return route
        .addAllRequestHeadersToAdd(headers.requestToAdd())
        .addAllRequestHeadersToRemove(headers.requestToRemove())
        .addAllResponseHeadersToAdd(headers.responseToAdd())
        .addAllResponseHeadersToRemove(headers.responseToRemove())
        .build();
  }
}
