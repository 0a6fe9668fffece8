package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.Recipes;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class KeptConnectionTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready";
  private static final ProbeEnd SUCCESS = ProbeEnd.success("HTTP status 200");
  private final Probes probes;

  private final AtomicInteger connections = new AtomicInteger();

  KeptConnectionTest(SocketKind sockets) {
    this.probes = sockets.probes();
  }

  @AfterEach
  void close() {
    probes.close();
  }

  /** Answers up to so many requests on each connection. */
  private FakeBackend.Script answering(int requests, String answer) {
    return socket -> {
      connections.incrementAndGet();
      for (int i = 0; i < requests; i++) {
        String head = FakeBackend.readHead(socket);
        if (head.toLowerCase(Locale.ROOT).contains("connection: close")) {
          throw new IOException("asked to close");
        }
        FakeBackend.write(socket, answer);
      }
    };
  }

  private Connector to(FakeBackend backend) {
    return probes.keeping(backend.port(), Recipes.http("", "/", "ready"));
  }

  @Test
  void aConnectionServesTwelveProbesAndNoMore() {
    try (FakeBackend backend = FakeBackend.start(answering(1000, OK))) {
      Connector connector = to(backend);
      for (int i = 0; i < 2 * Connector.PROBES_PER_CONNECTION; i++) {
        assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      }
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void aConnectionThatTheServerEndedSaysNothingOfTheTarget() {
    try (FakeBackend backend = FakeBackend.start(answering(1, OK))) {
      Connector connector = to(backend);
      for (int i = 0; i < 20; i++) {
        assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      }
      assertThat(connections).hasValue(20);
    }
  }

  @Test
  void aServerThatWantsToCloseIsLet() {
    String closing = OK.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    try (FakeBackend backend = FakeBackend.start(answering(1, closing))) {
      Connector connector = to(backend);
      assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void afterAFailureTheNextProbeHasAConnectionOfItsOwn() {
    String failing = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    try (FakeBackend backend = FakeBackend.start(answering(1000, failing))) {
      Connector connector = to(backend);
      assertThat(((ProbeEnd.Seen) probes.probe(connector, LONG)).reason())
          .isEqualTo(ProbeReason.HTTP_STATUS);
      var _ = probes.probe(connector, LONG);
      assertThat(connections).hasValue(2);
    }
  }

  @Test
  void silenceOnAKeptConnectionIsATimeout() {
    try (FakeBackend backend =
        FakeBackend.start(
            socket -> {
              FakeBackend.readHead(socket);
              FakeBackend.write(socket, OK);
              FakeBackend.silent().run(socket);
            })) {
      Connector connector = to(backend);
      assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      assertThat(((ProbeEnd.Seen) probes.probe(connector, SHORT)).reason())
          .isEqualTo(ProbeReason.TIMEOUT);
    }
  }

  @Test
  void aConnectorThatIsClosedLeavesNothingOpen() throws Exception {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    try (FakeBackend backend =
        FakeBackend.start(
            socket -> {
              FakeBackend.readHead(socket);
              FakeBackend.write(socket, OK);
              end.complete(socket.getInputStream().read());
            })) {
      Connector connector = to(backend);
      assertThat(probes.probe(connector, LONG)).isEqualTo(SUCCESS);
      connector.lane().loop().execute(connector::close);
      assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
    }
  }
}
