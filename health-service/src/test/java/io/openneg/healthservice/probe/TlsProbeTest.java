package io.openneg.healthservice.probe;

import static io.openneg.healthservice.probe.FakeBackend.answering;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.embedded.FreePorts;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.Recipes;
import io.openneg.healthservice.target.Transport;
import io.openneg.healthservice.target.Transport.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS and SSL: what TLS adds to HTTP and TCP. */
class TlsProbeTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready";

  @TempDir static Path directory;
  private static TestCertificate certificate;
  private static Probes accepting;
  private static Probes trusting;

  @BeforeAll
  static void make() {
    certificate = TestCertificate.of(directory, "ip:127.0.0.1,dns:app.example");
    accepting = new Probes();
    trusting = new Probes(new TlsClients(certificate.pem()));
  }

  @AfterAll
  static void close() {
    accepting.close();
    trusting.close();
  }

  private static ProbeEnd.Seen probe(ProbeRecipe recipe, FakeBackend.Script script) {
    try (FakeBackend backend = FakeBackend.startTls(certificate, script)) {
      return accepting.probe(backend.port(), recipe, LONG);
    }
  }

  private static ProbeEnd.Seen verified(Probes probes, String host) {
    try (FakeBackend backend = FakeBackend.startTls(certificate, answering(OK))) {
      return probes.probe(
          backend.port(),
          Recipes.https(new Transport(Security.VERIFIED_TLS, false), host, ""),
          LONG);
    }
  }

  @Test
  void anyCertificateIsGoodEnough() {
    assertThat(probe(Recipes.https("ready"), answering(OK)).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(Recipes.ssl("PING\r\n\r\n", "+PONG"), answering("+PONG\r\n")).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(Recipes.ssl("", ""), FakeBackend.silent()).reason())
        .isEqualTo(ProbeReason.SUCCESS);
  }

  @Test
  void theAnswerIsJudgedAsWithoutTls() {
    assertThat(probe(Recipes.https(""), FakeBackend.answeringStatus(503)).reason())
        .isEqualTo(ProbeReason.HTTP_STATUS);
    assertThat(probe(Recipes.https("other"), answering(OK)).reason())
        .isEqualTo(ProbeReason.RESPONSE_MISMATCH);
    assertThat(probe(Recipes.ssl("PING\r\n\r\n", "+PONG"), answering("-ERR\r\n")).reason())
        .isEqualTo(ProbeReason.RESPONSE_MISMATCH);
  }

  @Test
  void aCertificateIsVerifiedWhereTheCheckSaysSo() {
    assertThat(verified(trusting, "").reason()).isEqualTo(ProbeReason.SUCCESS);
    assertThat(verified(trusting, "app.example:8443").reason()).isEqualTo(ProbeReason.SUCCESS);
    assertThat(verified(trusting, "other.example"))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.TLS_ERROR))
        .satisfies(end -> assertThat(end.text()).contains("other.example"));
    assertThat(verified(accepting, "").reason()).isEqualTo(ProbeReason.TLS_ERROR);
  }

  @Test
  void whatIsNotTlsIsATlsError() {
    try (FakeBackend plain =
        FakeBackend.start(
            socket -> {
              var _ = socket.getInputStream().read();
              FakeBackend.write(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
              FakeBackend.silent().run(socket);
            })) {
      assertThat(accepting.probe(plain.port(), Recipes.https(""), LONG))
          .isEqualTo(
              ProbeEnd.failure(
                  ProbeReason.TLS_ERROR,
                  "not an answer of TLS from 127.0.0.1:%d".formatted(plain.port())));
    }
  }

  @Test
  void aHandshakeThatIsBrokenOffIsATlsErrorAndAResetAReset() {
    try (FakeBackend closing =
            FakeBackend.start(
                socket -> {
                  var _ = socket.getInputStream().read(new byte[1024]);
                });
        FakeBackend resetting =
            FakeBackend.start(
                socket -> {
                  var _ = socket.getInputStream().read(new byte[1024]);
                  FakeBackend.reset(socket);
                })) {
      assertThat(accepting.probe(closing.port(), Recipes.ssl("", "x"), LONG).reason())
          .isIn(ProbeReason.TLS_ERROR, ProbeReason.RESET);
      assertThat(accepting.probe(resetting.port(), Recipes.ssl("", "x"), LONG).reason())
          .isEqualTo(ProbeReason.RESET);
    }
  }

  @Test
  void theTimeoutCoversTheHandshake() {
    try (FakeBackend silent = FakeBackend.start(FakeBackend.silent())) {
      assertThat(accepting.probe(silent.port(), Recipes.https(""), SHORT))
          .isEqualTo(
              ProbeEnd.failure(
                  ProbeReason.TIMEOUT,
                  "no complete TLS handshake with 127.0.0.1:%d within 500 ms"
                      .formatted(silent.port())));
    }
    assertThat(
            probeShortly(
                socket -> {
                  FakeBackend.readHead(socket);
                  FakeBackend.silent().run(socket);
                }))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.TIMEOUT))
        .satisfies(end -> assertThat(end.text()).startsWith("no complete answer"));
  }

  private static ProbeEnd.Seen probeShortly(FakeBackend.Script script) {
    try (FakeBackend backend = FakeBackend.startTls(certificate, script)) {
      return accepting.probe(backend.port(), Recipes.https(""), Duration.ofSeconds(2));
    }
  }

  @Test
  void nobodyThereIsRefused() {
    assertThat(accepting.probe(FreePorts.next(), Recipes.https(""), LONG).reason())
        .isEqualTo(ProbeReason.CONNECTION_REFUSED);
  }

  @Test
  void theProxyHeaderComesBeforeTls() throws Exception {
    var head = new CompletableFuture<byte[]>();
    try (FakeBackend backend =
        FakeBackend.start(socket -> head.complete(socket.getInputStream().readNBytes(60)))) {
      var _ =
          accepting.probe(
              backend.port(), Recipes.https(new Transport(Security.TLS, true), "", ""), LONG);
      byte[] sent = head.get(10, TimeUnit.SECONDS);
      String text = new String(sent, ISO_8859_1);
      assertThat(text)
          .matches(
              "(?s)PROXY TCP4 127\\.0\\.0\\.1 127\\.0\\.0\\.1 \\d+ "
                  + backend.port()
                  + "\r\n\u0016\u0003.*");
    }
  }

  @Test
  void aFileWithoutCertificatesIsRefusedAtTheStart() throws Exception {
    Path empty = Files.writeString(directory.resolve("empty.pem"), "nothing");
    assertThatThrownBy(() -> new TlsClients(empty)).hasMessageContaining("empty.pem");
    assertThatThrownBy(() -> new TlsClients(directory.resolve("absent.pem")))
        .hasMessageContaining("absent.pem");
  }
}
