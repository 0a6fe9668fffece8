package io.openneg.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.openneg.backend.v1.UrlMap;
import io.openneg.e2e.RouteInterpreter.Request;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.urlmap.Outcome;
import io.openneg.urlmap.Outcome.Forward;
import io.openneg.urlmap.Outcome.Redirect;
import io.openneg.urlmap.RequestHead;
import io.openneg.urlmap.UrlMapMatcher;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What backend-service says of a URL map is what proxies are told: its matcher against a reader of
 * the routes that proxy-config-service makes of the map, which takes the first route that fits.
 */
class RoutePrecedenceTest {
  private static final int CASES = 100_000;
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

  private static RouteConfiguration routes(UrlMap map) {
    RowChange row = new RowChange(new RowKey(RowKind.URL_MAP, NAME), map);
    var snapshot =
        Translator.translate(RoutingTable.empty().apply(new RoutingTableDelta(0, 1, List.of(row))));
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
