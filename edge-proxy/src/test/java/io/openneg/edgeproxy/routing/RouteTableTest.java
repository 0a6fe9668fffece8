package io.openneg.edgeproxy.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.openneg.edgeproxy.routing.RouteAction.Respond;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {

  private record Fields(String path, String query, Map<String, String> headers)
      implements RequestFields {
    @Override
    public @Nullable String header(String name) {
      return headers.get(name);
    }
  }

  private static Route route(PathRule path, RouteAction action, FieldRule... fields) {
    return new Route(path, List.of(fields), action, List.of());
  }

  private static VirtualHost host(String name, String... domains) {
    return new VirtualHost(
        name,
        List.of(domains),
        List.of(route(new PathRule.Prefix("/", true), new Respond(200, name))));
  }

  private static @Nullable String answer(RouteTable table, String authority) {
    Route route = table.match(authority, new Fields("/", "", Map.of()));
    return route != null && route.action() instanceof Respond(int _, String body) ? body : null;
  }

  @ParameterizedTest
  @CsvSource({
    "www.example.com, exact",
    "WWW.Example.COM, exact",
    "api.example.com, suffix",
    "a.b.example.com, suffix",
    "x-dev.example.com, dash",
    "www.example.org, prefix",
    "www.example.net:8080, port",
    "other, all",
    ".example.com, all",
    "example.com, all",
  })
  void picksTheHostByEnvoysPrecedence(String authority, String expected) {
    RouteTable table =
        new RouteTable(
            "routes",
            List.of(
                host("all", "*"),
                host("prefix", "www.example.*"),
                host("suffix", "*.example.com"),
                host("dash", "*-dev.example.com"),
                host("port", "www.example.net:8080"),
                host("exact", "www.example.com")),
            false);
    assertThat(answer(table, authority)).isEqualTo(expected);
  }

  @Test
  void aPortIsPartOfTheNameUnlessItIsIgnored() {
    List<VirtualHost> hosts = List.of(host("exact", "example.com"), host("v6", "[::1]"));
    assertThat(answer(new RouteTable("r", hosts, false), "example.com:80")).isNull();
    assertThat(answer(new RouteTable("r", hosts, true), "example.com:80")).isEqualTo("exact");
    assertThat(answer(new RouteTable("r", hosts, true), "[::1]:80")).isEqualTo("v6");
    assertThat(answer(new RouteTable("r", hosts, true), "[::1]")).isEqualTo("v6");
  }

  @ParameterizedTest
  @CsvSource({
    "/exact, exact",
    "/exact/more, rest",
    "/seg, segment",
    "/seg/, segment",
    "/seg/a, segment",
    "/segment, rest",
    "/pre, prefix",
    "/prefixed, prefix",
    "/Any/Case, any case",
    "/, rest",
  })
  void takesTheFirstRouteWhosePathMatches(String path, String expected) {
    List<Route> routes =
        List.of(
            route(new PathRule.Exact("/exact", true), new Respond(200, "exact")),
            route(new PathRule.SegmentPrefix("/seg", true), new Respond(200, "segment")),
            route(new PathRule.Prefix("/pre", true), new Respond(200, "prefix")),
            route(new PathRule.Exact("/any/case", false), new Respond(200, "any case")),
            route(new PathRule.Prefix("/", true), new Respond(200, "rest")));
    RouteTable table =
        new RouteTable("routes", List.of(new VirtualHost("all", List.of("*"), routes)), false);
    assertThat(table.match("any", new Fields(path, "", Map.of())))
        .extracting(Route::action)
        .isEqualTo(new Respond(200, expected));
  }

  @Test
  void aDomainMayBeThereOnlyOnce() {
    assertThatThrownBy(
            () ->
                new RouteTable(
                    "routes", List.of(host("one", "*.a.com"), host("two", "*.a.com")), false))
        .hasMessageContaining("*.a.com")
        .hasMessageContaining("one")
        .hasMessageContaining("two");
  }

  /** Against a naive model: of all patterns that match, the one that ranks highest. */
  @Test
  void agreesWithTheModelOnRandomDomainsAndHosts() {
    Random random = new Random(20_260_101);
    for (int round = 0; round < 2_000; round++) {
      Set<String> patterns = new LinkedHashSet<>();
      for (int i = 0; i < 6; i++) {
        patterns.add(pattern(random));
      }
      List<VirtualHost> hosts = new ArrayList<>();
      patterns.forEach(pattern -> hosts.add(host(pattern, pattern)));
      RouteTable table = new RouteTable("routes", hosts, false);
      for (int i = 0; i < 10; i++) {
        String name = name(random);
        assertThat(answer(table, name))
            .as("%s among %s", name, patterns)
            .isEqualTo(model(patterns, name));
      }
    }
  }

  private static String pattern(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> "*";
      case 1, 2 -> "*" + name(random);
      case 3, 4 -> name(random) + "*";
      default -> name(random);
    };
  }

  /** From an alphabet so small that patterns and names often meet. */
  private static String name(Random random) {
    StringBuilder name = new StringBuilder();
    int length = 1 + random.nextInt(4);
    for (int i = 0; i < length; i++) {
      name.append("ab.".charAt(random.nextInt(3)));
    }
    return name.toString();
  }

  private static @Nullable String model(Set<String> patterns, String name) {
    return patterns.stream()
        .filter(pattern -> rank(pattern, name) >= 0)
        .max(Comparator.comparingInt(pattern -> rank(pattern, name)))
        .orElse(null);
  }

  private static int rank(String pattern, String name) {
    if (pattern.equals(name)) {
      return 3_000;
    }
    if (pattern.equals("*")) {
      return 0;
    }
    if (pattern.startsWith("*") && name.endsWith(pattern.substring(1))) {
      return name.length() >= pattern.length() ? 2_000 + pattern.length() : -1;
    }
    if (pattern.endsWith("*") && name.startsWith(pattern.substring(0, pattern.length() - 1))) {
      return name.length() >= pattern.length() ? 1_000 + pattern.length() : -1;
    }
    return -1;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // A header that is absent fits an inverted "present" only.
        "absent  | x     | true",
        "absent  | y     | false",
        "not-a   | y=b   | true",
        "not-a   | y=a   | false",
        "not-a   | x     | false",
        "range   | y=-2  | true",
        "range   | y=3   | false",
        "range   | y=a   | false",
        "regex   | y=aa  | true",
        "regex   | y=aab | false",
        "prefix  | y=ab  | true",
        "suffix  | y=ab  | false",
        "suffix  | y=ba  | true",
      })
  void asksForHeaders(String rule, String header, boolean fits) {
    FieldRule demanded =
        switch (rule) {
          case "absent" -> new FieldRule.Header("y", new TextRule.Present(), true);
          case "not-a" -> new FieldRule.Header("y", new TextRule.Exact("a"), true);
          case "range" -> new FieldRule.Header("y", new TextRule.Range(-2, 3), false);
          case "regex" ->
              new FieldRule.Header("y", new TextRule.Regex(Pattern.compile("a+")), false);
          case "prefix" -> new FieldRule.Header("y", new TextRule.Prefix("a"), false);
          default -> new FieldRule.Header("y", new TextRule.Suffix("a"), false);
        };
    int equals = header.indexOf('=');
    Map<String, String> headers =
        equals < 0
            ? Map.of(header, "")
            : Map.of(header.substring(0, equals), header.substring(equals + 1));
    assertThat(demanded.matches(new Fields("/", "", headers))).isEqualTo(fits);
  }

  @ParameterizedTest
  @CsvSource({"q=1, true", "a&q=1&q=2, true", "q=2&q=1, false", "q, false", "'', false"})
  void asksForTheFirstParameterOfAName(String query, boolean fits) {
    assertThat(
            new FieldRule.Parameter("q", new TextRule.Exact("1"))
                .matches(new Fields("/", query, Map.of())))
        .isEqualTo(fits);
  }

  @Test
  void sharesRequestsByWeight() {
    RouteAction.Forward forward =
        new RouteAction.Forward(
            List.of(weighted("a", 1), weighted("none", 0), weighted("b", 3)),
            503,
            Duration.ZERO,
            null,
            RetryPolicy.NONE,
            null,
            null,
            List.of());
    assertThat(forward.cluster(0).name()).isEqualTo("a");
    assertThat(forward.cluster(0.2499).name()).isEqualTo("a");
    assertThat(forward.cluster(0.25).name()).isEqualTo("b");
    assertThat(forward.cluster(0.9999).name()).isEqualTo("b");
  }

  private static WeightedCluster weighted(String name, int weight) {
    return new WeightedCluster(name, weight, List.of(), List.of());
  }
}
