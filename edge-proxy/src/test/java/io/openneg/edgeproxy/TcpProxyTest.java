package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.Xds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections through a real proxy that forwards them as they are. */
@Timeout(60)
class TcpProxyTest {

  private static final int MEGABYTE = 1 << 20;

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @AfterEach
  void stop() {
    proxy.close();
  }

  /** Says its name, then what it hears, until it hears no more. */
  private static RawBackend echo(String name) {
    return new RawBackend(
        socket -> {
          RawBackend.write(socket, name);
          socket.getInputStream().transferTo(socket.getOutputStream());
        });
  }

  private String nameOfEndpoint(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(1), StandardCharsets.ISO_8859_1);
  }

  private void assertReset() throws IOException {
    try (Socket socket = proxy.connect()) {
      assertThatThrownBy(() -> read(socket)).isInstanceOf(SocketException.class);
    }
  }

  private static int read(Socket socket) throws IOException {
    return socket.getInputStream().read();
  }

  @Test
  void spreadsConnectionsEvenly() throws Exception {
    try (RawBackend a = echo("a");
        RawBackend b = echo("b")) {
      proxy.serveTcp(Xds.endpoint(a.port()), Xds.endpoint(b.port()));
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        names.add(firstByte());
      }
      assertThat(names).containsOnly("a", "b");
      assertThat(proxy.endpoint(a.port()).getInteger("requests")).isEqualTo(5);
      assertThat(proxy.endpoint(b.port()).getInteger("requests")).isEqualTo(5);
      assertThat(proxy.tcpStat("forwarded")).isEqualTo(10);
    }
  }

  private String firstByte() throws IOException {
    try (Socket socket = proxy.connect()) {
      return nameOfEndpoint(socket);
    }
  }

  @Test
  void carries100MegabytesEachWayUnchanged() throws Exception {
    try (RawBackend backend =
        new RawBackend(socket -> socket.getInputStream().transferTo(socket.getOutputStream()))) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        CompletableFuture<byte[]> sent =
            CompletableFuture.supplyAsync(() -> send(socket, 100), Thread::startVirtualThread);
        MessageDigest received = MessageDigest.getInstance("SHA-256");
        long bytes =
            socket
                .getInputStream()
                .transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), received));
        assertThat(bytes).isEqualTo(100L * MEGABYTE);
        assertThat(received.digest()).isEqualTo(sent.get(10, TimeUnit.SECONDS));
      }
      assertThat(proxy.tcpStat("bytes_up")).isEqualTo(100 * MEGABYTE);
      assertThat(proxy.tcpStat("bytes_down")).isEqualTo(100 * MEGABYTE);
    }
  }

  private static byte[] send(Socket socket, int megabytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      Random random = new Random(7);
      byte[] piece = new byte[MEGABYTE];
      for (int i = 0; i < megabytes; i++) {
        random.nextBytes(piece);
        digest.update(piece);
        socket.getOutputStream().write(piece);
      }
      socket.shutdownOutput();
      return digest.digest();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A proxy without back-pressure would take it all and hold it in memory. */
  @Test
  void takesNoMoreThanTheEndpointTakes() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicLong written = new AtomicLong();
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              go.await();
              RawBackend.write(socket, "" + RawBackend.readAll(socket).length());
            })) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        Thread writer =
            Thread.startVirtualThread(
                () -> {
                  try {
                    for (int i = 0; i < 64; i++) {
                      socket.getOutputStream().write(new byte[MEGABYTE]);
                      written.addAndGet(MEGABYTE);
                    }
                    socket.shutdownOutput();
                  } catch (IOException e) {
                    written.set(-1);
                  }
                });
        AtomicLong before = new AtomicLong(-1);
        await()
            .pollInterval(java.time.Duration.ofMillis(500))
            .until(() -> written.get() == before.getAndSet(written.get()));
        assertThat(written.get()).as("what the kernels' buffers hold").isLessThan(32L * MEGABYTE);
        go.countDown();
        assertThat(RawBackend.readAll(socket)).isEqualTo("" + 64 * MEGABYTE);
        writer.join();
      }
    }
  }

  @Test
  void theClientMayEndItsHalfFirst() throws Exception {
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              String all = RawBackend.readAll(socket);
              RawBackend.write(socket, "heard " + all);
            })) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        RawBackend.write(socket, "question");
        socket.shutdownOutput();
        assertThat(RawBackend.readAll(socket)).isEqualTo("heard question");
      }
      await().untilAsserted(() -> assertThat(proxy.tcpStat("connections")).isZero());
      assertThat(proxy.endpoint(backend.port()).getInteger("active")).isZero();
    }
  }

  @Test
  void theEndpointMayEndItsHalfFirst() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              RawBackend.write(socket, "bye");
              socket.shutdownOutput();
              heard.complete(RawBackend.readAll(socket));
            })) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        assertThat(RawBackend.readAll(socket)).isEqualTo("bye");
        RawBackend.write(socket, "still here");
        socket.shutdownOutput();
        assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("still here");
      }
      await().untilAsserted(() -> assertThat(proxy.tcpStat("connections")).isZero());
    }
  }

  @Test
  void aResetOfOneSideReachesTheOther() throws Exception {
    try (RawBackend backend = echo("a")) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      Socket socket = proxy.connect();
      assertThat(nameOfEndpoint(socket)).isEqualTo("a");
      socket.setSoLinger(true, 0);
      socket.close();
      await().untilAsserted(() -> assertThat(backend.closedByPeer()).isEqualTo(1));
    }
  }

  @Test
  void closesAtOnceWhenNoEndpointIsHealthy() throws Exception {
    proxy.serveTcp();
    assertReset();
    proxy.endpoints(
        Xds.endpoint(1, HealthStatus.UNHEALTHY), Xds.endpoint(2, HealthStatus.DRAINING));
    assertReset();
    assertThat(proxy.tcpStat("no_healthy")).isEqualTo(2);
    assertThat(proxy.tcpStat("connections")).isZero();
  }

  @Test
  void triesEveryEndpointOnceBeforeItGivesUp() throws Exception {
    int nobody = ProxyUnderTest.freePort();
    int nobodyEither = ProxyUnderTest.freePort();
    try (RawBackend alive = echo("a")) {
      proxy.serveTcp(Xds.endpoint(nobody), Xds.endpoint(nobodyEither), Xds.endpoint(alive.port()));
      for (int i = 0; i < 6; i++) {
        assertThat(firstByte()).isEqualTo("a");
      }
      int before = proxy.tcpStat("upstream_connect_failures");
      proxy.endpoints(Xds.endpoint(nobody), Xds.endpoint(nobodyEither));
      assertReset();
      assertThat(proxy.tcpStat("upstream_connect_failures") - before).isEqualTo(2);
    }
  }

  @Test
  void triesNoMoreEndpointsThanItIsTold() throws Exception {
    proxy.serveTcp(
        Xds.cluster("c"),
        Xds.tcp("c").setMaxConnectAttempts(UInt32Value.of(1)),
        Xds.endpoint(ProxyUnderTest.freePort()),
        Xds.endpoint(ProxyUnderTest.freePort()));
    assertReset();
    assertThat(proxy.tcpStat("upstream_connect_failures")).isEqualTo(1);
  }

  @Test
  void closesConnectionsBeyondTheLimitOfTheCluster() throws Exception {
    try (RawBackend backend = echo("a")) {
      UInt32Value two = UInt32Value.of(2);
      proxy.serveTcp(
          Xds.cluster("c")
              .setCircuitBreakers(
                  CircuitBreakers.newBuilder()
                      .addThresholds(
                          CircuitBreakers.Thresholds.newBuilder().setMaxConnections(two))),
          Xds.tcp("c"),
          Xds.endpoint(backend.port()));
      try (Socket first = proxy.connect();
          Socket second = proxy.connect()) {
        assertThat(nameOfEndpoint(first)).isEqualTo("a");
        assertThat(nameOfEndpoint(second)).isEqualTo("a");
        assertReset();
        assertThat(proxy.tcpStat("overflows")).isEqualTo(1);
      }
      await().until(() -> proxy.endpoint(backend.port()).getInteger("active") == 0);
      assertThat(firstByte()).isEqualTo("a");
    }
  }

  /** Detached endpoints drain first; when they are gone, their time is over. */
  @Test
  void aConnectionOutlivesDrainingButNotTheRemovalOfItsEndpoint() throws Exception {
    try (RawBackend leaving = echo("a");
        RawBackend staying = echo("b")) {
      proxy.serveTcp(Xds.endpoint(leaving.port()));
      try (Socket socket = proxy.connect()) {
        assertThat(nameOfEndpoint(socket)).isEqualTo("a");
        proxy.endpoints(
            Xds.endpoint(leaving.port(), HealthStatus.DRAINING), Xds.endpoint(staying.port()));
        RawBackend.write(socket, "x");
        assertThat(read(socket)).isEqualTo('x');
        assertThat(firstByte()).as("a new connection").isEqualTo("b");
        assertThat(proxy.endpoint(leaving.port()).getInteger("active")).isEqualTo(1);

        proxy.endpoints(Xds.endpoint(staying.port()));
        assertThat(read(socket)).isEqualTo(-1);
      }
      await().until(() -> leaving.connections() == 0);
    }
  }

  /** A change of the cluster's configuration makes another cluster of it, at run time. */
  @Test
  void aConnectionOutlivesAChangeOfItsClusterButNotTheRemovalOfItsEndpointAfterwards()
      throws Exception {
    try (RawBackend backend = echo("a");
        RawBackend other = echo("b")) {
      proxy.serveTcp(Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        assertThat(nameOfEndpoint(socket)).isEqualTo("a");
        proxy.send(
            CLUSTER,
            Xds.cluster("c").setConnectTimeout(Duration.newBuilder().setSeconds(2)).build());
        RawBackend.write(socket, "x");
        assertThat(read(socket)).isEqualTo('x');
        proxy.endpoints(Xds.endpoint(other.port()));
        assertThat(read(socket)).isEqualTo(-1);
      }
    }
  }

  /** 40 clients in a row that never see anything but an answer, while endpoints come and go. */
  @Test
  void noConnectionFailsWhileEndpointsAreTakenOutAndPutIn() throws Exception {
    try (RawBackend a = echo("a");
        RawBackend b = echo("b")) {
      proxy.serveTcp(Xds.endpoint(a.port()), Xds.endpoint(b.port()));
      TreeSet<String> seen = new TreeSet<>();
      for (int i = 0; i < 40; i++) {
        if (i % 4 == 0) {
          HealthStatus health = i % 8 == 0 ? HealthStatus.UNHEALTHY : HealthStatus.HEALTHY;
          proxy.endpoints(Xds.endpoint(a.port(), health), Xds.endpoint(b.port()));
        }
        seen.add(firstByte());
      }
      assertThat(seen).containsExactly("a", "b");
    }
  }

  @Test
  void tellsTheEndpointWhoseConnectionItIs() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (RawBackend backend =
        new RawBackend(socket -> heard.complete(RawBackend.readAll(socket)))) {
      proxy.serveTcp(
          Xds.proxyProtocol("c", ProxyProtocolConfig.Version.V1),
          Xds.tcp("c"),
          Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        int clientPort = socket.getLocalPort();
        RawBackend.write(socket, "hello");
        socket.shutdownOutput();
        assertThat(heard.get(10, TimeUnit.SECONDS))
            .isEqualTo(
                "PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\nhello".formatted(clientPort, proxy.port));
      }
    }
  }

  @Test
  void requestsAreNotSentToAClusterWithTheProxyProtocol() {
    proxy.send(CLUSTER, Xds.proxyProtocol("c", ProxyProtocolConfig.Version.V1).build());
    proxy.send(ENDPOINT, Xds.assignment("c", Xds.endpoint(1)));
    proxy.send(LISTENER, Xds.listener("l", proxy.port, "r"));
    proxy.send(ROUTE, Xds.routes("r", "c"));
    assertThat(proxy.admin("/ready").body()).contains("waits for cluster c without the PROXY");
  }

  @Test
  void cutsAConnectionOnWhichNothingMoves() throws Exception {
    try (RawBackend backend = echo("a")) {
      proxy.serveTcp(
          Xds.cluster("c"),
          Xds.tcp("c").setIdleTimeout(Duration.newBuilder().setNanos(300_000_000)),
          Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        assertThat(nameOfEndpoint(socket)).isEqualTo("a");
        assertThatThrownBy(() -> read(socket)).isInstanceOf(SocketException.class);
      }
      assertThat(proxy.tcpStat("idle_timeouts")).isEqualTo(1);
    }
  }

  /** The address stays, what is spoken there changes; connections that are there stay as well. */
  @Test
  void aListenerMayTurnFromConnectionsToRequestsAndBack() throws Exception {
    try (RawBackend raw = echo("a");
        Backend http = new Backend("http")) {
      proxy.serveTcp(Xds.endpoint(raw.port()));
      try (Socket socket = proxy.connect()) {
        assertThat(nameOfEndpoint(socket)).isEqualTo("a");
        proxy.send(LISTENER, Xds.listener("l", proxy.port, "r"));
        proxy.send(CLUSTER, Xds.cluster("c").build(), Xds.cluster("d").build());
        proxy.send(
            ENDPOINT,
            Xds.assignment("c", Xds.endpoint(raw.port())),
            Xds.assignment("d", Xds.endpoint(http.port())));
        proxy.send(ROUTE, Xds.routes("r", "d"));
        await().ignoreExceptions().until(() -> proxy.get("/").body().equals("http"));
        RawBackend.write(socket, "x");
        assertThat(read(socket)).isEqualTo('x');
      }
      proxy.send(LISTENER, Xds.tcpListener("l", proxy.port, "c"));
      await().ignoreExceptions().until(() -> firstByte().equals("a"));
    }
  }

  @Test
  void whatAClientSaysBeforeTheEndpointIsThereArrives() throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              InputStream in = socket.getInputStream();
              heard.complete(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
            })) {
      proxy.serveTcp(Xds.endpoint(ProxyUnderTest.freePort()), Xds.endpoint(backend.port()));
      try (Socket socket = proxy.connect()) {
        RawBackend.write(socket, "at once");
        socket.shutdownOutput();
        assertThat(heard.get(10, TimeUnit.SECONDS)).isEqualTo("at once");
      }
    }
  }
}
