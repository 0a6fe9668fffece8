package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.Xds;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests through a real proxy to real backends, one at a time. */
@Timeout(60)
class TrafficTest {

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void spreadsRequestsEvenly() {
    try (Backend a = new Backend("a");
        Backend b = new Backend("b");
        Backend c = new Backend("c")) {
      proxy.serve(Xds.endpoint(a.port()), Xds.endpoint(b.port()), Xds.endpoint(c.port()));
      for (int i = 0; i < 30; i++) {
        assertThat(proxy.get("/").statusCode()).isEqualTo(200);
      }
      assertThat(List.of(a.requests(), b.requests(), c.requests())).containsExactly(10, 10, 10);
    }
  }

  @Test
  void sharesOutByTheWeightOfLocalities() {
    try (Backend a = new Backend("a");
        Backend b = new Backend("b")) {
      proxy.serve();
      proxy.send(
          ENDPOINT,
          Xds.localities(
              "c",
              Xds.locality("neg-a", 30, Xds.endpoint(a.port())),
              Xds.locality("neg-b", 10, Xds.endpoint(b.port()))));
      for (int i = 0; i < 40; i++) {
        proxy.get("/");
      }
      assertThat(a.requests()).isEqualTo(30);
      assertThat(b.requests()).isEqualTo(10);
    }
  }

  @Test
  void answersItselfWhenNothingCanAnswer() {
    proxy.serve();
    HttpResponse<String> unhealthy = proxy.get("/");
    assertThat(unhealthy.statusCode()).isEqualTo(502);
    assertThat(unhealthy.body()).isEqualTo("no healthy upstream");
    assertThat(proxy.httpStats().getInteger("no_healthy")).isEqualTo(1);

    proxy.endpoints(
        Xds.endpoint(1, HealthStatus.UNHEALTHY), Xds.endpoint(2, HealthStatus.DRAINING));
    assertThat(proxy.get("/").statusCode()).isEqualTo(502);

    proxy.send(ROUTE, Xds.routes("r", "gone"));
    assertThat(proxy.get("/").statusCode()).isEqualTo(503);
    assertThat(proxy.httpStats().getInteger("no_cluster")).isEqualTo(1);

    proxy.send(ROUTE, Xds.routes("r", new Route[0]));
    assertThat(proxy.get("/").statusCode()).isEqualTo(404);
    assertThat(proxy.httpStats().getInteger("no_route")).isEqualTo(1);
  }

  @Test
  void aRefusedConnectionIsRetriedOnAnotherEndpointAndOnlyIfTheRouteSaysSo() {
    int nobody = ProxyUnderTest.freePort();
    try (Backend alive = new Backend("alive")) {
      proxy.serve(Xds.endpoint(nobody), Xds.endpoint(alive.port()));
      int failed = 0;
      for (int i = 0; i < 10; i++) {
        int status = proxy.get("/").statusCode();
        failed += status == 503 ? 1 : 0;
        assertThat(status).isIn(200, 503);
      }
      assertThat(failed).isEqualTo(5);

      proxy.send(
          ROUTE,
          Xds.routes("r", RouteAction.newBuilder().setCluster("c").setRetryPolicy(Xds.retries(2))));
      for (int i = 0; i < 10; i++) {
        HttpResponse<String> response =
            proxy.exchange(
                proxy.request("/").POST(HttpRequest.BodyPublishers.ofString("body")).build());
        assertThat(response.statusCode()).isEqualTo(200);
      }
      assertThat(proxy.httpStats().getInteger("retries")).isBetween(5, 10);
    }
  }

  @Test
  void whenAllRetriesFailTheConnectionFailureIsTold() {
    proxy.serve(Xds.endpoint(ProxyUnderTest.freePort()));
    proxy.send(
        ROUTE,
        Xds.routes("r", RouteAction.newBuilder().setCluster("c").setRetryPolicy(Xds.retries(2))));
    HttpResponse<String> response = proxy.get("/");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body()).contains("connection failure");
    assertThat(proxy.httpStats().getInteger("upstream_connect_failures")).isEqualTo(3);
  }

  @Test
  void whatAnEndpointMayHaveSeenIsNotSentAgain() {
    try (RawBackend broken = new RawBackend(RawBackend::readHead);
        Backend other = new Backend("other")) {
      proxy.serve(Xds.endpoint(broken.port()));
      proxy.send(
          ROUTE,
          Xds.routes("r", RouteAction.newBuilder().setCluster("c").setRetryPolicy(Xds.retries(2))));
      assertThat(proxy.get("/").statusCode()).isEqualTo(503);
      assertThat(other.requests()).isZero();
      assertThat(proxy.httpStats().getInteger("retries")).isZero();
      assertThat(proxy.httpStats().getInteger("upstream_resets")).isEqualTo(1);
    }
  }

  @Test
  void moreRequestsThanAClusterAdmitsAreTurnedAway() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    try (Backend slow =
        new Backend(
            exchange -> {
              arrived.countDown();
              awaitQuietly(hold);
              Backend.answer(exchange, 200, "done");
            })) {
      proxy.serve(Xds.endpoint(slow.port()));
      proxy.send(
          CLUSTER,
          Xds.cluster("c")
              .setCircuitBreakers(
                  CircuitBreakers.newBuilder()
                      .addThresholds(
                          CircuitBreakers.Thresholds.newBuilder()
                              .setMaxRequests(UInt32Value.of(1))))
              .build());
      CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> proxy.get("/").body());
      arrived.await();
      assertThat(proxy.get("/").statusCode()).isEqualTo(503);
      assertThat(proxy.httpStats().getInteger("overflows")).isEqualTo(1);
      hold.countDown();
      assertThat(first.join()).isEqualTo("done");
      // A client has its whole answer a moment before the endpoint is known to have ended it.
      await().until(() -> proxy.get("/").statusCode() == 200);
    }
  }

  @Test
  void aSlowEndpointIsGivenUpAfterTheRoutesTimeout() {
    CountDownLatch hold = new CountDownLatch(1);
    try (Backend slow =
        new Backend(
            exchange -> {
              awaitQuietly(hold);
              Backend.answer(exchange, 200, "late");
            })) {
      proxy.serve(Xds.endpoint(slow.port()));
      proxy.send(
          ROUTE,
          Xds.routes(
              "r",
              RouteAction.newBuilder()
                  .setCluster("c")
                  .setTimeout(Duration.newBuilder().setNanos(200_000_000))));
      HttpResponse<String> response = proxy.get("/");
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEqualTo("upstream request timeout");
      assertThat(proxy.endpoint(slow.port()).getInteger("active")).isZero();
      hold.countDown();
    }
  }

  @Test
  void endsWhatMakesNoProgress() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    try (RawBackend stuck =
        new RawBackend(
            socket -> {
              RawBackend.readHead(socket);
              hold.await();
            })) {
      proxy.serve(Xds.endpoint(stuck.port()));
      Duration shortTime = Duration.newBuilder().setNanos(200_000_000).build();
      proxy.send(
          LISTENER,
          Xds.listener(
              "l",
              proxy.port,
              Xds.http("r")
                  .setStreamIdleTimeout(shortTime)
                  .setCommonHttpProtocolOptions(
                      io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions.newBuilder()
                          .setIdleTimeout(shortTime))
                  .build()));
      try (Socket idle = proxy.connect()) {
        assertThat(idle.getInputStream().read()).as("an unused connection ends").isEqualTo(-1);
      }
      HttpResponse<String> response = proxy.get("/");
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEqualTo("stream timeout");
      hold.countDown();
    }
  }

  @Test
  void redirectsAndAnswersAsTheRoutesSay() {
    proxy.serve();
    proxy.send(
        ROUTE,
        Xds.routes(
            "r",
            Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPath("/old"))
                .setRedirect(
                    RedirectAction.newBuilder()
                        .setHostRedirect("new.example")
                        .setHttpsRedirect(true))
                .build(),
            Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPathSeparatedPrefix("/teapot"))
                .setDirectResponse(
                    DirectResponseAction.newBuilder()
                        .setStatus(418)
                        .setBody(DataSource.newBuilder().setInlineString("short and stout")))
                .build()));
    HttpResponse<String> redirect = proxy.get("/old?a=b");
    assertThat(redirect.statusCode()).isEqualTo(301);
    assertThat(redirect.headers().firstValue("location")).hasValue("https://new.example/old?a=b");
    HttpResponse<String> teapot = proxy.get("/teapot/1");
    assertThat(teapot.statusCode()).isEqualTo(418);
    assertThat(teapot.body()).isEqualTo("short and stout");
    assertThat(proxy.get("/teapots").statusCode()).isEqualTo(404);
  }

  @Test
  void speaksHttp2ToAClusterThatWantsIt() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      HttpServer backend =
          vertx
              .createHttpServer()
              .requestHandler(
                  request ->
                      request
                          .body()
                          .onSuccess(
                              body -> request.response().end(request.version() + " " + body)))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      proxy.serve();
      proxy.send(
          CLUSTER,
          Xds.cluster("c")
              .putTypedExtensionProtocolOptions(
                  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                  Any.pack(
                      HttpProtocolOptions.newBuilder()
                          .setExplicitHttpConfig(
                              HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                                  .setHttp2ProtocolOptions(
                                      Http2ProtocolOptions.getDefaultInstance()))
                          .build()))
              .build());
      proxy.endpoints(Xds.endpoint(backend.actualPort()));
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> response =
            proxy.exchange(
                proxy.request("/").POST(HttpRequest.BodyPublishers.ofString("hello")).build());
        assertThat(response.body()).isEqualTo("HTTP_2 hello");
      }
      assertThat(proxy.endpoint(backend.actualPort()).getInteger("connections")).isEqualTo(1);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void namesATakenPortToTheControlPlaneAndListensWhenItIsFree() throws Exception {
    try (Backend backend = new Backend("ok")) {
      String nonce;
      try (ServerSocket holder =
          new ServerSocket(proxy.port, 1, InetAddress.getLoopbackAddress())) {
        nonce = proxy.ads.send(LISTENER, "l1", Xds.listener("l", proxy.port, "r"));
        assertThat(proxy.ads.awaitAnswer(LISTENER, nonce).getErrorDetail().getMessage())
            .isEqualTo(
                "Listener \"l\": address: cannot listen on 127.0.0.1:%d: Address already in use"
                    .formatted(holder.getLocalPort()));
        assertThat(proxy.admin("/ready").statusCode()).isEqualTo(503);
        assertThat(proxy.admin("/ready").body()).contains("Address already in use");
      }
      // It was refused for itself, so it has to be asked for again.
      proxy.ads.awaitDelta(LISTENER, r -> r.getResourceNamesSubscribeList().contains("l"));
      proxy.send(CLUSTER, Xds.cluster("c").build());
      proxy.endpoints(Xds.endpoint(backend.port()));
      proxy.send(ROUTE, Xds.routes("r", "c"));
      proxy.awaitListening();
      assertThat(proxy.get("/").body()).isEqualTo("ok");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
