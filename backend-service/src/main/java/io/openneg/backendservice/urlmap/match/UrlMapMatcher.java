package io.openneg.backendservice.urlmap.match;

import io.openneg.backend.v1.PathMatcher;
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
      return new Match("", "url_map.default_service", map.getDefaultService());
    }
    PathTable.@Nullable Entry path = matcher.paths().find(request.path());
    if (path != null) {
      return new Match(host.field(), path.field(), path.rule().getService());
    }
    RouteList.@Nullable Entry route = matcher.routes().find(request);
    if (route != null) {
      return new Match(host.field(), route.field(), route.rule().getService());
    }
    return new Match(
        host.field(), matcher.at() + ".default_service", matcher.source().getDefaultService());
  }
}
