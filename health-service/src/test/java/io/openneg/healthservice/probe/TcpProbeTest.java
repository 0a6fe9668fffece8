package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.embedded.FreePorts;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.Recipes;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class TcpProbeTest {
  private static final ProbeRecipe.Tcp CONNECTS = Recipes.tcp("", "");
  private static final ProbeRecipe.Tcp PINGS = Recipes.tcp("PING\r\n", "+PONG");
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Probes probes;

  TcpProbeTest(SocketKind sockets) {
    this.probes = sockets.probes();
  }

  @AfterEach
  void close() {
    probes.close();
  }

  private ProbeEnd.Seen probe(ProbeRecipe recipe, FakeBackend.Script script) {
    try (FakeBackend backend = FakeBackend.start(script)) {
      return probes.probe(backend.port(), recipe, LONG);
    }
  }

  @Test
  void connectingIsEnoughWithoutWords() throws Exception {
    CompletableFuture<Integer> read = new CompletableFuture<>();
    try (FakeBackend backend =
        FakeBackend.start(socket -> read.complete(socket.getInputStream().read()))) {
      assertThat(probes.probe(backend.port(), CONNECTS, LONG))
          .isEqualTo(ProbeEnd.success("connected to 127.0.0.1:" + backend.port()));
      // And it ends without a word.
      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
    }
  }

  @Test
  void sendingIsEnoughWithoutAnExpectedAnswer() throws Exception {
    CompletableFuture<String> read = new CompletableFuture<>();
    try (FakeBackend backend =
        FakeBackend.start(
            socket ->
                read.complete(new String(socket.getInputStream().readAllBytes(), US_ASCII)))) {
      assertThat(probes.probe(backend.port(), Recipes.tcp("QUIT", ""), LONG).reason())
          .isEqualTo(ProbeReason.SUCCESS);
      assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo("QUIT");
    }
  }

  private static FakeBackend.Script sayingAfterPing(String... answer) {
    return socket -> {
      assertThat(socket.getInputStream().readNBytes(6)).asString().isEqualTo("PING\r\n");
      for (String part : answer) {
        FakeBackend.write(socket, part);
      }
      FakeBackend.silent().run(socket);
    };
  }

  @Test
  void theAnswerMustBeginAsExpected() {
    assertThat(probe(PINGS, sayingAfterPing("+PO", "NG and more")).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(PINGS, sayingAfterPing("-ERR")))
        .isEqualTo(
            ProbeEnd.failure(
                ProbeReason.RESPONSE_MISMATCH,
                "the answer must begin with \"+PONG\", but begins with \"-ERR\""));
  }

  @Test
  void anAnswerThatEndsEarlyDoesNotMatch() {
    assertThat(probe(PINGS, socket -> FakeBackend.write(socket, "+P")))
        .satisfies(
            end ->
                assertThat(end.reason())
                    .isIn(
                        // Closed with unread bytes of ours, which the kernel may tell by a reset.
                        ProbeReason.RESPONSE_MISMATCH, ProbeReason.RESET));
    assertThat(
            probe(
                PINGS,
                socket -> {
                  var _ = socket.getInputStream().readNBytes(6);
                  FakeBackend.write(socket, "+P");
                }))
        .isEqualTo(
            ProbeEnd.failure(
                ProbeReason.RESPONSE_MISMATCH,
                "the answer must begin with \"+PONG\", but ended after 2 bytes"));
  }

  @Test
  void aPartOfTheAnswerIsATimeout() {
    try (FakeBackend backend = FakeBackend.start(sayingAfterPing("+PO"))) {
      assertThat(probes.probe(backend.port(), PINGS, SHORT).reason())
          .isEqualTo(ProbeReason.TIMEOUT);
    }
  }

  @Test
  void aResetIsAReset() {
    assertThat(
            probe(
                    PINGS,
                    socket -> {
                      var _ = socket.getInputStream().read();
                      FakeBackend.reset(socket);
                    })
                .reason())
        .isEqualTo(ProbeReason.RESET);
  }

  @Test
  void nobodyListeningIsARefusal() {
    int port = FreePorts.next();
    assertThat(probes.probe(port, CONNECTS, LONG))
        .isEqualTo(
            ProbeEnd.failure(
                ProbeReason.CONNECTION_REFUSED, "connection refused by 127.0.0.1:" + port));
  }

  @Test
  void aHostThatDropsConnectionsIsAConnectTimeout() throws IOException {
    // Once the queue of connections to accept is full, the kernel drops what comes.
    List<Socket> queued = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      boolean dropping = false;
      while (!dropping) {
        Socket socket = new Socket();
        queued.add(socket);
        try {
          socket.connect(full.getLocalSocketAddress(), 200);
        } catch (SocketTimeoutException _) {
          dropping = true;
        }
        assertThat(queued).hasSizeLessThan(20);
      }

      assertThat(probes.probe(full.getLocalPort(), CONNECTS, SHORT))
          .isEqualTo(
              ProbeEnd.failure(
                  ProbeReason.CONNECT_TIMEOUT,
                  "no connection to 127.0.0.1:%d within 300 ms".formatted(full.getLocalPort())));
    } finally {
      for (Socket socket : queued) {
        socket.close();
      }
    }
  }

  @Test
  void aPlaceWithoutAWayThereIsUnreachable() throws IOException {
    // TCP to the broadcast address is refused by the kernel before anything is sent.
    InetAddress broadcast = InetAddress.getByAddress(new byte[] {-1, -1, -1, -1});

    assertThat(probes.probe(new InetSocketAddress(broadcast, 80), CONNECTS, LONG))
        .isInstanceOfSatisfying(
            ProbeEnd.Seen.class,
            end -> {
              assertThat(end.reason()).isEqualTo(ProbeReason.UNREACHABLE);
              assertThat(end.text()).startsWith("255.255.255.255:80 cannot be reached: ");
            });
  }

  @Test
  void aFaultOfOursIsNotTheTargets() {
    assertThat(
            Failures.connecting(
                new BindException("Cannot assign requested address: /127.0.0.1:80"),
                "127.0.0.1:80"))
        .isInstanceOf(ProbeEnd.OwnFault.class);
    assertThat(
            Failures.connecting(
                new io.netty.channel.ChannelException(
                    "failed to open a socket", new IOException("Too many open files")),
                "127.0.0.1:80"))
        .isInstanceOf(ProbeEnd.OwnFault.class);
  }
}
