package io.openneg.urlmap;

import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A URL map, compiled once to say what becomes of many requests (compute v1, "URL maps"). Made for
 * maps that keep the rules; of what stands twice the first counts. Immutable and thread-safe.
 */
public final class UrlMapMatcher {
  private final UrlMap map;
  private final HostTable hosts;
  private final Map<String, Compiled> matchers = new HashMap<>();

  private record Compiled(String at, PathMatcher source, PathTable paths, RouteList routes) {}

  public UrlMapMatcher(UrlMap map) {
    this.map = map;
    this.hosts = new HostTable(map.getHostRulesList());
    for (int i = 0; i < map.getPathMatchersCount(); i++) {
      PathMatcher matcher = map.getPathMatchers(i);
      String at = "url_map.path_matchers[%d]".formatted(i);
      matchers.putIfAbsent(
          matcher.getName(),
          new Compiled(
              at,
              matcher,
              new PathTable(matcher.getPathRulesList(), at + ".path_rules"),
              new RouteList(matcher.getRouteRulesList(), at + ".route_rules")));
    }
  }

  /** What becomes of a request. */
  public Match match(RequestHead request) {
    HostTable.@Nullable Entry host = hosts.find(request.host());
    @Nullable Compiled matcher = host == null ? null : matchers.get(host.pathMatcher());
    if (host == null || matcher == null) {
      return new Match("", "url_map", byDefault(request));
    }
    PathTable.@Nullable Entry path = matcher.paths().find(request.path());
    if (path != null) {
      return new Match(host.field(), path.field(), outcome(request, path));
    }
    RouteList.@Nullable Entry route = matcher.routes().find(request);
    return route != null
        ? new Match(host.field(), route.field(), outcome(request, route))
        : new Match(host.field(), matcher.at(), byDefault(request, matcher.source()));
  }

  private Outcome byDefault(RequestHead request) {
    return map.hasDefaultUrlRedirect()
        ? Outcome.redirect(request, map.getDefaultUrlRedirect(), MatchedPath.ROOT)
        : Outcome.forward(
            request, map.getDefaultService(), map.getDefaultRouteAction(), MatchedPath.ROOT);
  }

  private static Outcome byDefault(RequestHead request, PathMatcher matcher) {
    return matcher.hasDefaultUrlRedirect()
        ? Outcome.redirect(request, matcher.getDefaultUrlRedirect(), MatchedPath.ROOT)
        : Outcome.forward(
            request,
            matcher.getDefaultService(),
            matcher.getDefaultRouteAction(),
            MatchedPath.ROOT);
  }

  private static Outcome outcome(RequestHead request, PathTable.Entry path) {
    PathRule rule = path.rule();
    return rule.hasUrlRedirect()
        ? Outcome.redirect(request, rule.getUrlRedirect(), path.matched())
        : Outcome.forward(request, rule.getService(), rule.getRouteAction(), path.matched());
  }

  private static Outcome outcome(RequestHead request, RouteList.Entry route) {
    HttpRouteRule rule = route.rule();
    return rule.hasUrlRedirect()
        ? Outcome.redirect(request, rule.getUrlRedirect(), route.matched())
        : Outcome.forward(request, rule.getService(), rule.getRouteAction(), route.matched());
  }
}
