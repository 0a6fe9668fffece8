package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static io.openneg.edgeproxy.testing.RawBackend.head;
import static io.openneg.edgeproxy.testing.RawBackend.readAll;
import static io.openneg.edgeproxy.testing.RawBackend.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.Xds;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of the configuration while requests come without a pause. */
@Timeout(60)
class ChangeUnderLoadTest {

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void endpointsComeAndGoWithoutAFailedRequest() {
    try (Backend a = new Backend("a");
        Backend b = new Backend("b")) {
      proxy.serve(Xds.endpoint(a.port()), Xds.endpoint(b.port()));
      try (Load load = new Load(proxy, 4)) {
        for (int round = 0; round < 20; round++) {
          proxy.endpoints(Xds.endpoint(a.port()));
          load.awaitMore(20);
          int before = b.requests();
          load.awaitMore(20);
          assertThat(b.requests()).as("requests to the removed endpoint").isEqualTo(before);
          proxy.endpoints(Xds.endpoint(a.port(), HealthStatus.UNHEALTHY), Xds.endpoint(b.port()));
          load.awaitMore(20);
          before = a.requests();
          load.awaitMore(20);
          assertThat(a.requests()).as("requests to the unhealthy endpoint").isEqualTo(before);
          proxy.endpoints(Xds.endpoint(a.port()), Xds.endpoint(b.port()));
        }
        assertThat(load.failures()).isEmpty();
      }
    }
  }

  @Test
  void routesMoveToAnotherClusterWithoutAFailedRequest() {
    try (Backend blue = new Backend("blue");
        Backend green = new Backend("green")) {
      proxy.serve(Xds.endpoint(blue.port()));
      try (Load load = new Load(proxy, 4)) {
        for (int round = 0; round < 10; round++) {
          String from = round % 2 == 0 ? "c" : "green";
          String to = round % 2 == 0 ? "green" : "c";
          int port = round % 2 == 0 ? green.port() : blue.port();
          proxy.send(CLUSTER, Xds.cluster(from).build(), Xds.cluster(to).build());
          proxy.send(ENDPOINT, Xds.assignment(to, Xds.endpoint(port)));
          proxy.send(ROUTE, Xds.routes("r", to));
          proxy.send(CLUSTER, Xds.cluster(to).build());
          load.awaitMore(30);
        }
        assertThat(load.failures()).isEmpty();
        assertThat(blue.requests()).isPositive();
        assertThat(green.requests()).isPositive();
      }
    }
  }

  @Test
  void aClusterIsReplacedWithoutAFailedRequest() {
    try (Backend a = new Backend("a")) {
      proxy.serve(Xds.endpoint(a.port()));
      try (Load load = new Load(proxy, 4)) {
        for (int round = 0; round < 20; round++) {
          proxy.send(
              CLUSTER,
              Xds.cluster("c")
                  .setLbPolicy(
                      round % 2 == 0
                          ? Cluster.LbPolicy.LEAST_REQUEST
                          : Cluster.LbPolicy.ROUND_ROBIN)
                  .build());
          load.awaitMore(10);
        }
        assertThat(load.failures()).isEmpty();
      }
    }
  }

  @Test
  void theControlPlaneGoesAndNoRequestFails() {
    try (Backend a = new Backend("a")) {
      proxy.serve(Xds.endpoint(a.port()));
      try (Load load = new Load(proxy, 4)) {
        proxy.ads.stop();
        load.awaitMore(200);
        proxy.ads.start();
        proxy.ads.awaitStream(2);
        load.awaitMore(50);
        assertThat(load.failures()).isEmpty();
      }
    }
  }

  /** Requests that the dead one had taken may fail; all that come later must not. */
  @Test
  void aKilledBackendCostsNoFurtherRequest() {
    Backend doomed = new Backend("doomed");
    try (Backend alive = new Backend("alive")) {
      proxy.serve(Xds.endpoint(doomed.port()), Xds.endpoint(alive.port()));
      proxy.send(
          ROUTE,
          Xds.routes("r", RouteAction.newBuilder().setCluster("c").setRetryPolicy(Xds.retries(2))));
      try (Load load = new Load(proxy, 4)) {
        load.awaitMore(100);
        doomed.close();
        load.awaitMore(20);
        int inFlightLosses = load.failures().size();
        assertThat(inFlightLosses).isLessThanOrEqualTo(8);
        load.awaitMore(300);
        assertThat(load.failures()).hasSize(inFlightLosses);
        assertThat(proxy.httpStats().getInteger("retries")).isPositive();
      }
    } finally {
      doomed.close();
    }
  }

  @Test
  void aRequestInFlightOnAnEndpointThatGoesIsFinishedAndThenItsConnectionsAreClosed()
      throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    try (RawBackend leaving =
            new RawBackend(
                socket -> {
                  while (true) {
                    RawBackend.readHead(socket);
                    arrived.countDown();
                    hold.await();
                    write(socket, head("HTTP/1.1 200 OK", "content-length: 4") + "done");
                  }
                });
        Backend other = new Backend("other")) {
      proxy.serve(Xds.endpoint(leaving.port()));
      CompletableFuture<String> inFlight =
          CompletableFuture.supplyAsync(() -> proxy.get("/slow").body());
      arrived.await();
      proxy.endpoints(Xds.endpoint(other.port()));
      assertThat(proxy.get("/").body()).isEqualTo("other");
      assertThat(leaving.connections()).isEqualTo(1);
      hold.countDown();
      assertThat(inFlight.join()).isEqualTo("done");
      await().pollInterval(Duration.ofMillis(10)).until(() -> leaving.connections() == 0);
    }
  }

  @Test
  void connectionsOfARemovedEndpointAreClosedEvenIfNoRequestUsesThem() throws Exception {
    try (RawBackend leaving =
        new RawBackend(
            socket -> {
              while (true) {
                RawBackend.readHead(socket);
                write(socket, head("HTTP/1.1 200 OK", "content-length: 4") + "done");
              }
            })) {
      proxy.serve(Xds.endpoint(leaving.port()));
      assertThat(proxy.get("/").body()).isEqualTo("done");
      assertThat(proxy.endpoint(leaving.port()).getInteger("connections")).isEqualTo(1);
      proxy.endpoints();
      await().pollInterval(Duration.ofMillis(10)).until(() -> leaving.connections() == 0);
      assertThat(proxy.get("/").statusCode()).isEqualTo(502);
    }
  }

  @Test
  void aRemovedListenerFinishesItsRequestsAndRefusesOthers() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    try (Backend slow =
            new Backend(
                exchange -> {
                  if (exchange.getRequestURI().getPath().equals("/slow")) {
                    arrived.countDown();
                    awaitQuietly(hold);
                  }
                  Backend.answer(exchange, 200, "done");
                });
        Socket idle = serveAndConnect(slow);
        Socket busy = proxy.connect()) {
      write(idle, head("GET / HTTP/1.1", "Host: a"));
      assertThat(RawBackend.readHead(idle)).startsWith("HTTP/1.1 200 ");
      assertThat(idle.getInputStream().readNBytes(4)).hasSize(4);
      write(busy, head("GET /slow HTTP/1.1", "Host: a"));
      arrived.await();

      proxy.send(LISTENER);
      assertThat(idle.getInputStream().read()).as("the idle connection ends").isEqualTo(-1);
      await()
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> proxy.connect().close())
                      .isInstanceOf(ConnectException.class));
      hold.countDown();
      assertThat(readAll(busy))
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("connection: close")
          .endsWith("done");

      proxy.send(LISTENER, Xds.listener("l", proxy.port, "r"));
      proxy.send(ROUTE, Xds.routes("r", "c"));
      proxy.awaitListening();
      assertThat(proxy.get("/").body()).isEqualTo("done");
    }
  }

  private Socket serveAndConnect(Backend backend) throws java.io.IOException {
    proxy.serve(Xds.endpoint(backend.port()));
    return proxy.connect();
  }

  @Test
  void anotherListenerTakesAnAddressOverWithoutAFailedRequest() {
    try (Backend a = new Backend("a")) {
      proxy.serve(Xds.endpoint(a.port()));
      try (Load load = new Load(proxy, 4)) {
        for (int round = 0; round < 10; round++) {
          proxy.send(LISTENER, Xds.listener("l" + round, proxy.port, "r"));
          load.awaitMore(20);
        }
        assertThat(load.failures()).isEmpty();
      }
    }
  }

  @Test
  void waitAnswersInTheMomentOfTheChange() {
    try (Backend a = new Backend("a")) {
      proxy.serve(Xds.endpoint(a.port()));
      String endpoint = "127.0.0.1:" + a.port();
      assertThat(proxy.admin("/wait?state=healthy&endpoint=" + endpoint).statusCode())
          .isEqualTo(200);
      for (String state : List.of("unhealthy", "draining", "absent", "healthy")) {
        CompletableFuture<Integer> answer =
            CompletableFuture.supplyAsync(
                () ->
                    proxy
                        .admin("/wait?timeout_ms=20000&endpoint=" + endpoint + "&state=" + state)
                        .statusCode());
        assertThat(answer).isNotDone();
        switch (state) {
          case "unhealthy" -> proxy.endpoints(Xds.endpoint(a.port(), HealthStatus.UNHEALTHY));
          case "draining" -> proxy.endpoints(Xds.endpoint(a.port(), HealthStatus.DRAINING));
          case "absent" -> proxy.endpoints();
          default -> proxy.endpoints(Xds.endpoint(a.port()));
        }
        assertThat(answer.join()).isEqualTo(200);
      }
      assertThat(proxy.admin("/wait?timeout_ms=50&state=absent&endpoint=" + endpoint).statusCode())
          .isEqualTo(408);
      assertThat(
              proxy
                  .admin("/wait?timeout_ms=50&state=healthy&cluster=other&endpoint=" + endpoint)
                  .statusCode())
          .isEqualTo(408);
      assertThat(proxy.admin("/wait?state=healthy&endpoint=nonsense").statusCode()).isEqualTo(400);
      assertThat(proxy.admin("/wait?state=dead&endpoint=" + endpoint).statusCode()).isEqualTo(400);
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
