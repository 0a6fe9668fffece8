package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.HttpHeaderMatch;
import io.openneg.backend.v1.HttpQueryParameterMatch;
import io.openneg.backend.v1.HttpRedirectAction;
import io.openneg.backend.v1.HttpRedirectAction.RedirectResponseCode;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.Int64RangeMatch;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlRewrite;
import io.openneg.backend.v1.WeightedBackendService;
import io.openneg.proxyconfigservice.explain.RouteInterpreter.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * URL maps that keep the rules, and requests that often meet their rules: few words, much overlap.
 */
final class RandomUrlMap {
  private static final List<String> WORDS = List.of("a", "b", "a-b", "ab");
  private static final List<String> VALUES = List.of("", "a", "ab", "ba", "1", "5", "-3");

  private final Random random;
  private int services;

  RandomUrlMap(Random random) {
    this.random = random;
  }

  UrlMap map(String name) {
    UrlMap.Builder map = UrlMap.newBuilder().setName(name);
    if (random.nextBoolean()) {
      map.setDefaultService(service());
    } else {
      map.setDefaultUrlRedirect(redirect(true));
    }
    Set<String> hosts = new HashSet<>();
    for (int m = random.nextInt(3); m >= 0; m--) {
      HostRule.Builder rule = HostRule.newBuilder().setPathMatcher("m" + m);
      for (int h = 0; h < 3; h++) {
        String host =
            switch (random.nextInt(8)) {
              case 0 -> "*";
              case 1, 2, 3 -> "*" + (random.nextBoolean() ? "." : "-") + host();
              default -> host();
            };
        if (hosts.add(host)) {
          rule.addHosts(host);
        }
      }
      map.addHostRules(rule).addPathMatchers(matcher("m" + m));
    }
    return map.build();
  }

  Request request() {
    Map<String, String> headers = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      headers.put(one(WORDS), one(VALUES));
    }
    List<String> query = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      query.add(random.nextInt(4) == 0 ? one(WORDS) : one(WORDS) + "=" + one(VALUES));
    }
    String path = path();
    return new Request(
        host(),
        random.nextInt(10) == 0 ? path.replace('a', 'A') : path,
        String.join("&", query),
        headers);
  }

  private PathMatcher matcher(String name) {
    PathMatcher.Builder matcher = PathMatcher.newBuilder().setName(name);
    if (random.nextInt(3) > 0) {
      matcher.setDefaultService(service());
      if (random.nextBoolean()) {
        matcher.setDefaultRouteAction(HttpRouteAction.newBuilder().setUrlRewrite(rewrite(true)));
      }
    } else {
      matcher.setDefaultUrlRedirect(redirect(true));
    }
    if (random.nextBoolean()) {
      pathRules(matcher);
    } else {
      for (int r = 0; r < 4; r++) {
        matcher.addRouteRules(routeRule(r));
      }
    }
    return matcher.build();
  }

  private void pathRules(PathMatcher.Builder matcher) {
    Set<String> paths = new HashSet<>();
    for (int r = random.nextInt(5); r > 0; r--) {
      PathRule.Builder rule = PathRule.newBuilder();
      switch (random.nextInt(3)) {
        case 0 -> rule.setUrlRedirect(redirect(true));
        case 1 -> rule.setRouteAction(weighted());
        default -> rule.setService(service());
      }
      for (int p = 0; p < 3; p++) {
        String path = path();
        if (random.nextBoolean()) {
          path = path.endsWith("/") ? path + "*" : path + "/*";
        }
        if (paths.add(path)) {
          rule.addPaths(path);
        }
      }
      matcher.addPathRules(rule);
    }
  }

  private HttpRouteRule routeRule(int priority) {
    HttpRouteRule.Builder rule = HttpRouteRule.newBuilder().setPriority(priority);
    boolean plain = random.nextBoolean();
    for (int m = random.nextInt(2); m >= 0; m--) {
      rule.addMatchRules(match(plain));
    }
    switch (random.nextInt(3)) {
      case 0 -> rule.setUrlRedirect(redirect(plain));
      case 1 -> rule.setRouteAction(weighted());
      default ->
          rule.setService(service())
              .setRouteAction(HttpRouteAction.newBuilder().setUrlRewrite(rewrite(plain)));
    }
    return rule.build();
  }

  /**
   * @param plain with a path that has a part to replace
   */
  private HttpRouteRuleMatch match(boolean plain) {
    HttpRouteRuleMatch.Builder match = HttpRouteRuleMatch.newBuilder();
    switch (plain ? random.nextInt(2) : 2 + random.nextInt(2)) {
      case 0 -> match.setPrefixMatch(path()).setIgnoreCase(random.nextBoolean());
      case 1 -> match.setFullPathMatch(path()).setIgnoreCase(random.nextBoolean());
      case 2 -> match.setRegexMatch(one(List.of("/a.*", "/[ab]/.*", "(/a|/b)+/?", "/")));
      default -> match.setPathTemplateMatch(one(List.of("/*", "/a/*", "/*/b", "/a/**", "/*/a/**")));
    }
    if (random.nextInt(3) == 0) {
      match.addHeaderMatches(header());
    }
    if (random.nextInt(3) == 0) {
      HttpQueryParameterMatch.Builder parameter =
          HttpQueryParameterMatch.newBuilder().setName(one(WORDS));
      switch (random.nextInt(3)) {
        case 0 -> parameter.setPresentMatch(true);
        case 1 -> parameter.setExactMatch(one(WORDS));
        default -> parameter.setRegexMatch("a.*|");
      }
      match.addQueryParameterMatches(parameter);
    }
    return match.build();
  }

  private HttpHeaderMatch header() {
    HttpHeaderMatch.Builder header =
        HttpHeaderMatch.newBuilder()
            .setHeaderName(one(WORDS).toUpperCase(Locale.ROOT))
            .setInvertMatch(random.nextInt(3) == 0);
    switch (random.nextInt(6)) {
      case 0 -> header.setExactMatch(one(WORDS));
      case 1 -> header.setPrefixMatch(one(WORDS));
      case 2 -> header.setSuffixMatch(one(WORDS));
      case 3 -> header.setRegexMatch("[ab]+");
      case 4 -> header.setRangeMatch(Int64RangeMatch.newBuilder().setRangeStart(-3).setRangeEnd(5));
      default -> header.setPresentMatch(true);
    }
    return header.build();
  }

  private HttpRedirectAction redirect(boolean plain) {
    HttpRedirectAction.Builder redirect =
        HttpRedirectAction.newBuilder()
            .setStripQuery(random.nextBoolean())
            .setRedirectResponseCode(
                one(
                    List.of(
                        RedirectResponseCode.MOVED_PERMANENTLY_DEFAULT,
                        RedirectResponseCode.FOUND,
                        RedirectResponseCode.PERMANENT_REDIRECT)));
    switch (random.nextInt(plain ? 4 : 3)) {
      case 0 -> redirect.setHttpsRedirect(true);
      case 1 -> redirect.setHostRedirect("to.example.com");
      case 2 -> redirect.setPathRedirect("/to");
      default -> redirect.setPrefixRedirect("/to/");
    }
    return redirect.build();
  }

  private UrlRewrite rewrite(boolean plain) {
    UrlRewrite.Builder rewrite = UrlRewrite.newBuilder();
    if (plain && random.nextBoolean()) {
      rewrite.setPathPrefixRewrite("/inner/");
    }
    if (random.nextBoolean()) {
      rewrite.setHostRewrite("inner.example.com");
    }
    return rewrite.build();
  }

  private HttpRouteAction weighted() {
    return HttpRouteAction.newBuilder()
        .addWeightedBackendServices(
            WeightedBackendService.newBuilder().setBackendService(service()).setWeight(1))
        .addWeightedBackendServices(
            WeightedBackendService.newBuilder()
                .setBackendService(service())
                .setWeight(random.nextInt(2)))
        .build();
  }

  /** Another one each time, so that a request that meets the wrong rule shows. */
  private String service() {
    return "service" + services++;
  }

  private String host() {
    List<String> labels = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      labels.add(one(WORDS));
    }
    return String.join(".", labels);
  }

  private String path() {
    StringBuilder path = new StringBuilder("/");
    for (int i = random.nextInt(4); i > 0; i--) {
      path.append(one(WORDS)).append(i > 1 || random.nextBoolean() ? "/" : "");
    }
    return path.toString();
  }

  private <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
