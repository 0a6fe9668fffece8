package io.openneg.urlmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.UrlMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The matcher against one that knows the rules and nothing about speed. */
class UrlMapMatcherPropertyTest {
  private static final int CASES = 100_000;
  private static final int REQUESTS_PER_MAP = 50;

  // Few labels, so that patterns overlap and requests meet them.
  private static final List<String> LABELS = List.of("a", "b", "a-b", "b-a");
  private static final List<String> SEGMENTS = List.of("a", "b", "ab", "a*");

  @Test
  void precedenceIsThatOfTheRules() {
    Random random = new Random(20261123);
    int byRule = 0;
    for (int n = 0; n < CASES / REQUESTS_PER_MAP; n++) {
      UrlMap map = map(random);
      UrlMapMatcher matcher = new UrlMapMatcher(map);
      for (int i = 0; i < REQUESTS_PER_MAP; i++) {
        String host = host(random);
        String path = path(random);
        String expected = naive(map, host, path);
        assertThat(matcher.match(RequestHead.of(host, path)).outcome())
            .as("%s%s in %s", host, path, map)
            .isEqualTo(
                new Outcome.Forward(
                    List.of(new Outcome.Target(expected, 1)),
                    HttpRouteAction.getDefaultInstance(),
                    new Outcome.Url(false, host + path)));
        byRule += expected.startsWith("rule") ? 1 : 0;
      }
    }
    assertThat(byRule).as("requests that met a path rule").isBetween(CASES / 10, CASES);
  }

  private static UrlMap map(Random random) {
    UrlMap.Builder map = UrlMap.newBuilder().setDefaultService("default");
    Set<String> hosts = new HashSet<>();
    int matchers = random.nextInt(4);
    for (int m = 0; m < matchers; m++) {
      HostRule.Builder rule = HostRule.newBuilder().setPathMatcher("m" + m);
      for (int h = 0; h < 3; h++) {
        String host =
            switch (random.nextInt(5)) {
              case 0 -> "*";
              case 1, 2 -> "*" + (random.nextBoolean() ? "." : "-") + host(random);
              default -> host(random);
            };
        if (hosts.add(host)) {
          rule.addHosts(host);
        }
      }
      map.addHostRules(rule).addPathMatchers(matcher(random, m));
    }
    return map.build();
  }

  private static PathMatcher matcher(Random random, int m) {
    PathMatcher.Builder matcher =
        PathMatcher.newBuilder().setName("m" + m).setDefaultService("default " + m);
    Set<String> paths = new HashSet<>();
    int rules = random.nextInt(5);
    for (int r = 0; r < rules; r++) {
      PathRule.Builder rule = PathRule.newBuilder().setService("rule %d of %d".formatted(r, m));
      for (int p = 0; p < 3; p++) {
        String path = path(random).replace("*", "");
        if (random.nextBoolean()) {
          path = path.endsWith("/") ? path + "*" : path + "/*";
        }
        if (paths.add(path)) {
          rule.addPaths(path);
        }
      }
      matcher.addPathRules(rule);
    }
    return matcher.build();
  }

  private static String host(Random random) {
    List<String> labels = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      labels.add(LABELS.get(random.nextInt(LABELS.size())));
    }
    return String.join(".", labels);
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder("/");
    for (int i = random.nextInt(4); i > 0; i--) {
      path.append(SEGMENTS.get(random.nextInt(SEGMENTS.size())));
      if (i > 1 || random.nextBoolean()) {
        path.append('/');
      }
    }
    return path.toString();
  }

  private static String naive(UrlMap map, String host, String path) {
    String bestHost = "";
    String matcherName = "";
    for (HostRule rule : map.getHostRulesList()) {
      for (String pattern : rule.getHostsList()) {
        if (hostRank(pattern, host) > hostRank(bestHost, host)) {
          bestHost = pattern;
          matcherName = rule.getPathMatcher();
        }
      }
    }
    for (PathMatcher matcher : map.getPathMatchersList()) {
      if (matcher.getName().equals(matcherName)) {
        return naive(matcher, path);
      }
    }
    return map.getDefaultService();
  }

  /** 0: does not fit; the exact host above every pattern, a longer pattern above a shorter one. */
  private static int hostRank(String pattern, String host) {
    if (pattern.equals(host)) {
      return 1_000;
    }
    boolean fits =
        pattern.startsWith("*")
            && host.endsWith(pattern.substring(1))
            && host.length() >= pattern.length();
    return fits ? pattern.length() : 0;
  }

  private static String naive(PathMatcher matcher, String path) {
    String service = matcher.getDefaultService();
    int best = 0;
    for (PathRule rule : matcher.getPathRulesList()) {
      for (String pattern : rule.getPathsList()) {
        boolean fits =
            pattern.endsWith("*")
                ? path.startsWith(pattern.substring(0, pattern.length() - 1))
                : path.equals(pattern);
        // An exact path is longer than the prefix that takes the same path: no '*' in either.
        int length = pattern.endsWith("*") ? pattern.length() - 1 : 1_000;
        if (fits && length > best) {
          best = length;
          service = rule.getService();
        }
      }
    }
    return service;
  }
}
