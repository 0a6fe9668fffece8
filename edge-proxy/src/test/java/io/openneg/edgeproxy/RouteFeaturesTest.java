package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.Xds;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What URL maps can say, seen from the client and from the endpoint. */
@Timeout(60)
class RouteFeaturesTest {
  private final ProxyUnderTest proxy = new ProxyUnderTest();

  /** Tells its name and the request it got. */
  private static Backend backend(String name) {
    return new Backend(
        exchange -> {
          exchange.getResponseHeaders().add("X-From", name);
          Backend.answer(
              exchange,
              200,
              "%s %s%s [%s] [%s]"
                  .formatted(
                      name,
                      exchange.getRequestHeaders().getFirst("Host").replaceAll(":\\d+$", ""),
                      exchange.getRequestURI(),
                      String.join(",", exchange.getRequestHeaders().getOrDefault("X-A", none())),
                      String.join(",", exchange.getRequestHeaders().getOrDefault("X-B", none()))));
        });
  }

  private static List<String> none() {
    return List.of();
  }

  private final Backend blue = backend("blue");
  private final Backend green = backend("green");

  @BeforeEach
  void serve() {
    proxy.send(CLUSTER, Xds.cluster("blue").build(), Xds.cluster("green").build());
    proxy.send(
        ENDPOINT,
        Xds.assignment("blue", Xds.endpoint(blue.port())),
        Xds.assignment("green", Xds.endpoint(green.port())));
    proxy.send(LISTENER, Xds.listener("l", proxy.port, "r"));
    proxy.send(ROUTE, Xds.routes("r", "blue"));
    proxy.awaitListening();
  }

  @AfterEach
  void stop() {
    proxy.close();
    blue.close();
    green.close();
  }

  private static Route.Builder to(String cluster, RouteMatch.Builder match) {
    return Route.newBuilder()
        .setMatch(match)
        .setRoute(RouteAction.newBuilder().setCluster(cluster));
  }

  private static RouteMatch.Builder prefix(String prefix) {
    return RouteMatch.newBuilder().setPrefix(prefix);
  }

  private static StringMatcher exact(String text) {
    return StringMatcher.newBuilder().setExact(text).build();
  }

  private static HeaderValueOption header(String name, String value, boolean replace) {
    return HeaderValueOption.newBuilder()
        .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
        .setAppendAction(
            replace
                ? HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
                : HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)
        .build();
  }

  private String body(String path, String... headers) {
    var request = proxy.request(path);
    return proxy
        .exchange((headers.length == 0 ? request : request.headers(headers)).build())
        .body();
  }

  @Test
  void routesByHeadersParametersAndExpressions() {
    proxy.send(
        ROUTE,
        Xds.routes(
            "r",
            to(
                    "green",
                    prefix("/")
                        .addHeaders(
                            HeaderMatcher.newBuilder().setName("x-a").setStringMatch(exact("1,2"))))
                .build(),
            to(
                    "green",
                    prefix("/")
                        .addHeaders(
                            HeaderMatcher.newBuilder()
                                .setName(":method")
                                .setStringMatch(exact("DELETE"))))
                .build(),
            to(
                    "green",
                    prefix("/")
                        .addQueryParameters(
                            QueryParameterMatcher.newBuilder()
                                .setName("q")
                                .setStringMatch(exact("1"))))
                .build(),
            to(
                    "green",
                    RouteMatch.newBuilder()
                        .setSafeRegex(RegexMatcher.newBuilder().setRegex("/v[0-9]+/.*")))
                .build(),
            to("blue", prefix("/")).build()));

    assertThat(body("/")).startsWith("blue");
    assertThat(body("/", "X-A", "1", "X-A", "2")).startsWith("green");
    assertThat(body("/", "X-A", "1")).startsWith("blue");
    assertThat(proxy.exchange(proxy.request("/").DELETE().build()).body()).startsWith("green");
    assertThat(body("/?a&q=1")).startsWith("green");
    assertThat(body("/?q=2&q=1")).startsWith("blue");
    assertThat(body("/v12/x")).startsWith("green");
    assertThat(body("/v/x")).startsWith("blue");
  }

  @Test
  void rewritesHostAndPath() {
    proxy.send(
        ROUTE,
        Xds.routes(
            "r",
            Route.newBuilder()
                .setMatch(prefix("/api/"))
                .setRoute(
                    RouteAction.newBuilder()
                        .setCluster("blue")
                        .setPrefixRewrite("/")
                        .setHostRewriteLiteral("inner.example"))
                .build(),
            Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPath("/one"))
                .setRoute(RouteAction.newBuilder().setCluster("blue").setPrefixRewrite("/two"))
                .build(),
            Route.newBuilder()
                .setMatch(prefix("/old/"))
                .setRedirect(RedirectAction.newBuilder().setPrefixRewrite("/new/"))
                .build()));

    assertThat(body("/api/a/b?c=d")).startsWith("blue inner.example/a/b?c=d ");
    assertThat(body("/one?x")).startsWith("blue 127.0.0.1/two?x ");
    assertThat(proxy.get("/old/a?b").headers().firstValue("location"))
        .hasValue("http://127.0.0.1:" + proxy.port + "/new/a?b");
  }

  @Test
  void changesHeadersFromTheInnermostLevelOutwards() {
    RouteConfiguration.Builder routes =
        Xds.routes(
                "r",
                Route.newBuilder()
                    .setMatch(prefix("/redirect"))
                    .setRedirect(RedirectAction.newBuilder().setPathRedirect("/"))
                    .build(),
                Route.newBuilder()
                    .setMatch(prefix("/"))
                    .addRequestHeadersToAdd(header("X-A", "route", false))
                    .addResponseHeadersToAdd(header("X-Out", "route", false))
                    .addResponseHeadersToRemove("X-From")
                    .setRoute(
                        RouteAction.newBuilder()
                            .setWeightedClusters(
                                WeightedCluster.newBuilder()
                                    .addClusters(
                                        WeightedCluster.ClusterWeight.newBuilder()
                                            .setName("blue")
                                            .setWeight(UInt32Value.of(1))
                                            .addRequestHeadersToRemove("X-B")
                                            .addRequestHeadersToAdd(header("X-A", "50%%", true)))))
                    .build())
            .toBuilder()
            .addResponseHeadersToAdd(header("X-Out", "config", false));
    routes.getVirtualHostsBuilder(0).addRequestHeadersToAdd(header("X-A", "host", false));
    proxy.send(ROUTE, routes.build());

    HttpResponse<String> response =
        proxy.exchange(proxy.request("/").headers("X-A", "client", "X-B", "client").build());
    assertThat(response.body()).endsWith(" [50%,route,host] []");
    assertThat(response.headers().allValues("x-out")).containsExactly("route", "config");
    assertThat(response.headers().firstValue("x-from")).isEmpty();
    assertThat(proxy.get("/redirect").headers().allValues("x-out")).containsExactly("config");
  }

  @Test
  void sharesRequestsByWeight() {
    proxy.send(
        ROUTE,
        Xds.routes(
            "r",
            RouteAction.newBuilder()
                .setWeightedClusters(
                    WeightedCluster.newBuilder()
                        .addClusters(
                            WeightedCluster.ClusterWeight.newBuilder()
                                .setName("blue")
                                .setWeight(UInt32Value.of(1)))
                        .addClusters(
                            WeightedCluster.ClusterWeight.newBuilder()
                                .setName("green")
                                .setWeight(UInt32Value.of(3)))
                        .addClusters(
                            WeightedCluster.ClusterWeight.newBuilder()
                                .setName("none")
                                .setWeight(UInt32Value.of(0))))));
    int requests = 800;
    for (int i = 0; i < requests; i++) {
      assertThat(proxy.get("/").statusCode()).isEqualTo(200);
    }
    // Eight standard deviations: less than once in 10^15 by chance.
    assertThat(blue.requests()).isBetween(100, 300);
    assertThat(blue.requests() + green.requests()).isEqualTo(requests);
  }

  /** As session affinity is told by the control plane, one kind after the other. */
  @Test
  void requestsThatBelongTogetherGoToOneEndpoint() {
    proxy.send(
        CLUSTER,
        Xds.cluster("blue").setLbPolicy(Cluster.LbPolicy.RING_HASH).build(),
        Xds.cluster("green").build());
    proxy.send(
        ENDPOINT,
        Xds.assignment("blue", Xds.endpoint(blue.port()), Xds.endpoint(green.port())),
        Xds.assignment("green", Xds.endpoint(green.port())));

    route(policy -> policy.getHeaderBuilder().setHeaderName("X-User"));
    Set<String> seen = new HashSet<>();
    for (int user = 0; user < 30; user++) {
      String first = from("X-User", "u" + user);
      assertThat(from("X-User", "u" + user)).isEqualTo(first);
      seen.add(first);
    }
    assertThat(seen).as("users are spread").containsExactlyInAnyOrder("blue", "green");

    route(policy -> policy.getConnectionPropertiesBuilder().setSourceIp(true));
    String all = from("X-User", "u");
    for (int i = 0; i < 10; i++) {
      assertThat(from("X-User", "u" + i)).isEqualTo(all);
    }

    route(
        policy ->
            policy
                .getCookieBuilder()
                .setName("GCLB")
                .setPath("/")
                .setTtl(com.google.protobuf.Duration.newBuilder().setSeconds(60)));
    HttpResponse<String> answer = proxy.exchange(proxy.request("/").build());
    String cookie = answer.headers().firstValue("set-cookie").orElseThrow();
    assertThat(cookie).matches("GCLB=[0-9a-f]{32}; Max-Age=60; Path=/; HttpOnly");
    String belongs = answer.headers().firstValue("x-from").orElseThrow();
    for (int i = 0; i < 10; i++) {
      var again =
          proxy.exchange(
              proxy
                  .request("/")
                  .header("Cookie", cookie.substring(0, cookie.indexOf(';')))
                  .build());
      assertThat(again.headers().firstValue("x-from")).hasValue(belongs);
      assertThat(again.headers().firstValue("set-cookie")).as("it has one").isEmpty();
    }
  }

  private String from(String header, String value) {
    return proxy
        .exchange(proxy.request("/").header(header, value).build())
        .headers()
        .firstValue("x-from")
        .orElseThrow();
  }

  private void route(Consumer<RouteAction.HashPolicy.Builder> policy) {
    RouteAction.Builder action = RouteAction.newBuilder().setCluster("blue");
    policy.accept(action.addHashPolicyBuilder());
    proxy.send(ROUTE, Xds.routes("r", action));
  }
}
