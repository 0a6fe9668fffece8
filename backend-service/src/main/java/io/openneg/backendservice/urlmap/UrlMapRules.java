package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.References;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a URL map may say (compute v1). Pure. */
final class UrlMapRules {
  // "*", or "*" followed by "." or "-" and a suffix, or an exact name.
  private static final Pattern HOST =
      Pattern.compile("\\*|\\*[.-][a-z0-9]([a-z0-9.-]*[a-z0-9])?|[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
  private static final int MAX_HOST = 253;

  private UrlMapRules() {}

  /**
   * @param name of the map: what it may refer to depends on its scope
   */
  static void check(String name, UrlMap map, Violations faults) {
    ActionRules.ofDefault("url_map", faults)
        .check(
            map.getDefaultService(),
            map.hasDefaultUrlRedirect(),
            map.getDefaultUrlRedirect(),
            map.getDefaultRouteAction());
    HeaderActionRules.check(map.getHeaderAction(), "url_map.header_action", faults);
    Set<String> hosts = new HashSet<>();
    Set<String> named = new HashSet<>();
    for (int i = 0; i < map.getHostRulesCount(); i++) {
      HostRule rule = map.getHostRules(i);
      String at = "url_map.host_rules[%d]".formatted(i);
      faults.check(rule.getHostsCount() > 0, at + ".hosts", "must name at least one host");
      for (int j = 0; j < rule.getHostsCount(); j++) {
        String field = "%s.hosts[%d]".formatted(at, j);
        if (faults.check(
            HOST.matcher(rule.getHosts(j)).matches() && rule.getHosts(j).length() <= MAX_HOST,
            field,
            "must be a lower-case host name, '*', or '*' followed by '.' or '-' and a suffix")) {
          faults.check(hosts.add(rule.getHosts(j)), field, "must be in the map once");
        }
      }
      named.add(rule.getPathMatcher());
      faults.check(
          map.getPathMatchersList().stream()
              .anyMatch(m -> m.getName().equals(rule.getPathMatcher())),
          at + ".path_matcher",
          "must name a path matcher of the map, is '%s'".formatted(rule.getPathMatcher()));
    }
    Set<String> matchers = new HashSet<>();
    for (int i = 0; i < map.getPathMatchersCount(); i++) {
      PathMatcher matcher = map.getPathMatchers(i);
      String at = "url_map.path_matchers[%d]".formatted(i);
      faults.check(!matcher.getName().isEmpty(), at + ".name", "must be given");
      faults.check(matchers.add(matcher.getName()), at + ".name", "must be in the map once");
      faults.check(named.contains(matcher.getName()), at + ".name", "must be named by a host rule");
      matcher(matcher, at, faults);
    }
    UrlMapReferences.services(map)
        .forEach(
            (service, field) -> References.check(name, service, "backendServices", field, faults));
    UrlMapTests.check(name, map, faults);
  }

  private static void matcher(PathMatcher matcher, String at, Violations faults) {
    ActionRules.ofDefault(at, faults)
        .check(
            matcher.getDefaultService(),
            matcher.hasDefaultUrlRedirect(),
            matcher.getDefaultUrlRedirect(),
            matcher.getDefaultRouteAction());
    HeaderActionRules.check(matcher.getHeaderAction(), at + ".header_action", faults);
    RouteRuleRules.check(matcher, at, faults);
    for (int i = 0; i < matcher.getRouteRulesCount(); i++) {
      HttpRouteRule rule = matcher.getRouteRules(i);
      String ruleAt = "%s.route_rules[%d]".formatted(at, i);
      ActionRules.ofRule(ruleAt, rule.getMatchRulesList(), faults)
          .check(
              rule.getService(),
              rule.hasUrlRedirect(),
              rule.getUrlRedirect(),
              rule.getRouteAction());
      HeaderActionRules.check(rule.getHeaderAction(), ruleAt + ".header_action", faults);
    }
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < matcher.getPathRulesCount(); i++) {
      PathRule rule = matcher.getPathRules(i);
      String ruleAt = "%s.path_rules[%d]".formatted(at, i);
      ActionRules.ofRule(ruleAt, List.of(), faults)
          .check(
              rule.getService(),
              rule.hasUrlRedirect(),
              rule.getUrlRedirect(),
              rule.getRouteAction());
      faults.check(rule.getPathsCount() > 0, ruleAt + ".paths", "must have at least one path");
      for (int j = 0; j < rule.getPathsCount(); j++) {
        String path = rule.getPaths(j);
        String field = "%s.paths[%d]".formatted(ruleAt, j);
        int star = path.indexOf('*');
        boolean wellFormed =
            path.startsWith("/")
                && path.indexOf('?') < 0
                && path.indexOf('#') < 0
                && (star < 0 || (star == path.length() - 1 && path.charAt(star - 1) == '/'));
        if (faults.check(
            wellFormed,
            field,
            "must begin with '/', have '*' only last and after '/', and no '?' or '#'")) {
          faults.check(paths.add(path), field, "must be in the path matcher once");
        }
      }
    }
  }
}
