package io.openneg.proxyconfigservice.explain;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfigservice.Fixtures;
import io.openneg.proxyconfigservice.explain.RouteInterpreter.Request;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.urlmap.Outcome;
import io.openneg.urlmap.Outcome.Forward;
import io.openneg.urlmap.Outcome.Redirect;
import io.openneg.urlmap.RequestHead;
import io.openneg.urlmap.UrlMapMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What {@link UrlMapMatcher} says of a URL map is what proxies are told: against a reader of the
 * routes that they get, which takes the first route that fits.
 */
class RoutePrecedenceTest {
  private static final int CASES = 100_000;
  private static final int EXPLAINED = 20_000;
  private static final int REQUESTS_PER_MAP = 50;
  private static final String NAME = "projects/p/global/urlMaps/map";

  @Test
  void theMatcherAndTheRoutesAgree() {
    Random random = new Random(20261123);
    Map<String, Integer> met = new TreeMap<>();
    for (int n = 0; n < CASES / REQUESTS_PER_MAP; n++) {
      RandomUrlMap maps = new RandomUrlMap(random);
      UrlMap map = maps.map(NAME);
      UrlMapMatcher matcher = new UrlMapMatcher(map);
      RouteInterpreter interpreter = new RouteInterpreter(routes(map));
      for (int i = 0; i < REQUESTS_PER_MAP; i++) {
        Request request = maps.request();
        var match = matcher.match(head(request));
        Route route = requireNonNull(interpreter.route(request), "a route");
        assertThat(said(match.outcome()))
            .as("%s in %s by %s", request, map, match.rule())
            .isEqualTo(told(route, request));
        met.merge(match.rule().replaceAll("\\[\\d+\\]", ""), 1, Integer::sum);
      }
    }
    assertThat(met.keySet())
        .containsExactly(
            "url_map",
            "url_map.path_matchers",
            "url_map.path_matchers.path_rules.paths",
            "url_map.path_matchers.route_rules.match_rules");
    assertThat(met.values()).as("how often: %s", met).allMatch(times -> times > CASES / 50);
  }

  /** The same by the whole chain, with services that have an endpoint, and by what it answers. */
  @Test
  void whatIsExplainedIsWhatTheRoutesDo() {
    Random random = new Random(20261124);
    int forwarded = 0;
    for (int n = 0; n < EXPLAINED / REQUESTS_PER_MAP; n++) {
      RandomUrlMap maps = new RandomUrlMap(random);
      UrlMap map = maps.map(NAME);
      RoutingTable table = served(map);
      XdsSnapshot snapshot = Translator.translate(table);
      RouteInterpreter interpreter = new RouteInterpreter(routes(snapshot));
      for (int i = 0; i < REQUESTS_PER_MAP; i++) {
        Request request = maps.request();
        Findings findings = new Findings();
        var explanation =
            RequestExplanation.of(
                head(request), new Entrance("", 80), table, snapshot, "", findings);
        Route route = requireNonNull(interpreter.route(request), "a route");
        assertThat(explanation.answered()).as("%s: %s", request, findings.list()).isTrue();
        Map<String, Double> shares = new TreeMap<>();
        explanation
            .destinations()
            .forEach(
                destination -> {
                  shares.merge(destination.service(), destination.share(), Double::sum);
                  assertThat(destination.endpoints()).containsExactly(address(1));
                });
        assertThat(shares).as("%s in %s", request, map).isEqualTo(shares(route));
        forwarded += shares.isEmpty() ? 0 : 1;
      }
    }
    assertThat(forwarded).as("requests that reach a service").isBetween(EXPLAINED / 4, EXPLAINED);
  }

  private static RoutingTable served(UrlMap map) {
    List<RowChange> rows =
        new ArrayList<>(
            List.of(
                Fixtures.urlMap(map),
                Fixtures.proxy(Fixtures.httpProxy(Fixtures.proxy("web"), NAME)),
                Fixtures.rule(
                    Fixtures.forwardingRule(Fixtures.rule("web"), Fixtures.proxy("web"), 80)),
                Fixtures.group(Fixtures.group(Fixtures.neg("n"))),
                Fixtures.attached(Fixtures.neg("n"), address(1))));
    Pattern.compile("service[0-9]+")
        .matcher(map.toString())
        .results()
        .map(MatchResult::group)
        .distinct()
        .forEach(name -> rows.add(Fixtures.service(Fixtures.httpService(name, Fixtures.neg("n")))));
    return Fixtures.table(rows.toArray(RowChange[]::new));
  }

  private static Map<String, Double> shares(Route route) {
    Map<String, Double> shares = new TreeMap<>();
    if (route.getRoute().hasWeightedClusters()) {
      var clusters = route.getRoute().getWeightedClusters().getClustersList();
      double total = clusters.stream().mapToLong(one -> one.getWeight().getValue()).sum();
      for (ClusterWeight one : clusters) {
        if (one.getWeight().getValue() > 0) {
          shares.merge(one.getName(), one.getWeight().getValue() / total, Double::sum);
        }
      }
    } else if (route.hasRoute()) {
      shares.put(route.getRoute().getCluster(), 1.0);
    }
    return shares;
  }

  private static RouteConfiguration routes(UrlMap map) {
    RowChange row = new RowChange(new RowKey(RowKind.URL_MAP, NAME), map);
    return routes(
        Translator.translate(
            RoutingTable.empty().apply(new RoutingTableDelta(0, 1, List.of(row)))));
  }

  private static RouteConfiguration routes(XdsSnapshot snapshot) {
    try {
      return requireNonNull(snapshot.routes().get(NAME), () -> snapshot.dropped().toString())
          .body()
          .unpack(RouteConfiguration.class);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static RequestHead head(Request request) {
    return RequestHead.of(
        request.host(),
        request.path() + (request.query().isEmpty() ? "" : "?" + request.query()),
        new HashMap<>(request.headers())
            .entrySet().stream()
                .map(e -> new RequestHead.Header(e.getKey(), e.getValue()))
                .toList());
  }

  private static String said(Outcome outcome) {
    return switch (outcome) {
      case Forward forward -> "%s at %s".formatted(forward.services(), forward.url().rest());
      case Redirect redirect -> "%d to %s".formatted(redirect.status(), redirect.url());
    };
  }

  private static String told(Route route, Request request) {
    String query = request.query().isEmpty() ? "" : "?" + request.query();
    if (route.hasRedirect()) {
      RedirectAction redirect = route.getRedirect();
      String host =
          redirect.getHostRedirect().isEmpty() ? request.host() : redirect.getHostRedirect();
      String path =
          redirect.getPathRedirect().isEmpty()
              ? rewritten(route, request.path(), redirect.getPrefixRewrite())
              : redirect.getPathRedirect();
      int status =
          switch (redirect.getResponseCode()) {
            case MOVED_PERMANENTLY -> 301;
            case FOUND -> 302;
            case PERMANENT_REDIRECT -> 308;
            default -> throw new AssertionError("unexpected " + redirect);
          };
      return "%d to %s://%s%s%s"
          .formatted(
              status,
              redirect.getHttpsRedirect() ? "https" : "http",
              host,
              path,
              redirect.getStripQuery() ? "" : query);
    }
    RouteAction action = route.getRoute();
    List<String> clusters =
        action.hasWeightedClusters()
            ? action.getWeightedClusters().getClustersList().stream()
                .filter(cluster -> cluster.getWeight().getValue() > 0)
                .map(ClusterWeight::getName)
                .toList()
            : List.of(action.getCluster());
    String host =
        action.getHostRewriteLiteral().isEmpty() ? request.host() : action.getHostRewriteLiteral();
    return "%s at %s%s%s"
        .formatted(
            clusters, host, rewritten(route, request.path(), action.getPrefixRewrite()), query);
  }

  private static String rewritten(Route route, String path, String prefix) {
    if (prefix.isEmpty()) {
      return path;
    }
    return route.getMatch().hasPath()
        ? prefix
        : prefix + path.substring(route.getMatch().getPrefix().length());
  }
}
