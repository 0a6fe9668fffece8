package io.openneg.healthservice.probe;

import static io.openneg.healthservice.probe.FakeBackend.answering;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.Recipes;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource
class HttpProbeTest {
  private static final ProbeRecipe.Http PLAIN = Recipes.http("", "/", "");
  private static final ProbeRecipe.Http EXPECTS_READY = Recipes.http("", "/", "ready");
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Probes probes;

  HttpProbeTest(SocketKind sockets) {
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

  private static String ok(String body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
  }

  private static String chunked(String... chunks) {
    StringBuilder answer =
        new StringBuilder("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (String chunk : chunks) {
      answer.append("%x\r\n%s\r\n".formatted(chunk.length(), chunk));
    }
    return answer.append("0\r\n\r\n").toString();
  }

  @Test
  void status200IsSuccess() {
    assertThat(probe(PLAIN, answering(ok("anything"))))
        .isEqualTo(ProbeEnd.success("HTTP status 200"));
  }

  @Test
  void theRequestIsWhatTheCheckSays() {
    CompletableFuture<String> plain = new CompletableFuture<>();
    CompletableFuture<String> named = new CompletableFuture<>();

    probe(
        PLAIN,
        socket -> {
          plain.complete(FakeBackend.readHead(socket));
          FakeBackend.write(socket, ok(""));
        });
    probe(
        Recipes.http("app.example", "/healthz?full=1", ""),
        socket -> {
          named.complete(FakeBackend.readHead(socket));
          FakeBackend.write(socket, ok(""));
        });

    assertThat(plain.join().toLowerCase(java.util.Locale.ROOT))
        .startsWith("get / http/1.1\r\n")
        .contains("\r\nhost: 127.0.0.1\r\n")
        .contains("\r\nconnection: close\r\n");
    assertThat(named.join())
        .startsWith("GET /healthz?full=1 HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nhost: app.example\r\n");
  }

  @Test
  void anyOtherStatusIsNot() {
    assertThat(probe(PLAIN, FakeBackend.answeringStatus(503)))
        .isEqualTo(ProbeEnd.failure(ProbeReason.HTTP_STATUS, "HTTP status 503"));
    assertThat(probe(PLAIN, FakeBackend.answeringStatus(204)).reason())
        .isEqualTo(ProbeReason.HTTP_STATUS);
    assertThat(
            probe(
                PLAIN,
                answering(
                    "HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n")))
        .isEqualTo(
            ProbeEnd.failure(
                ProbeReason.HTTP_STATUS,
                "HTTP status 302 to \"https://x/\", which is not followed"));
  }

  @Test
  void aStatusIsJudgedWithoutItsBody() {
    assertThat(
            probe(
                    PLAIN,
                    socket -> {
                      FakeBackend.readHead(socket);
                      FakeBackend.write(
                          socket, "HTTP/1.1 500 Oops\r\nContent-Length: 99999\r\n\r\n");
                      FakeBackend.silent().run(socket);
                    })
                .text())
        .isEqualTo("HTTP status 500");
  }

  @Test
  void interimAnswersAreSkipped() {
    assertThat(
            probe(
                    EXPECTS_READY,
                    answering("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok("ready")))
                .reason())
        .isEqualTo(ProbeReason.SUCCESS);
  }

  @Test
  void theBodyMayComeInAnyFraming() {
    assertThat(probe(EXPECTS_READY, answering(ok("I am ready."))).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(EXPECTS_READY, answering(chunked("rea", "dy"))).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(EXPECTS_READY, answering("HTTP/1.0 200 OK\r\n\r\nready")).reason())
        .isEqualTo(ProbeReason.SUCCESS);
  }

  @Test
  void theTextMustStandInTheFirst1024Bytes() {
    assertThat(probe(EXPECTS_READY, answering(ok("x".repeat(1019) + "ready"))).reason())
        .isEqualTo(ProbeReason.SUCCESS);
    assertThat(probe(EXPECTS_READY, answering(ok("x".repeat(1020) + "ready"))).reason())
        .isEqualTo(ProbeReason.RESPONSE_MISMATCH);
    assertThat(probe(EXPECTS_READY, answering(ok("not yet\r\n"))))
        .isEqualTo(
            ProbeEnd.failure(
                ProbeReason.RESPONSE_MISMATCH,
                "\"ready\" is not in the first 1024 bytes of the body, which begins with"
                    + " \"not yet..\""));
  }

  @Test
  void anEndlessBodyIsNotReadToItsEnd() {
    assertThat(
            probe(
                    PLAIN,
                    socket -> {
                      FakeBackend.readHead(socket);
                      FakeBackend.write(socket, "HTTP/1.0 200 OK\r\n\r\n");
                      while (true) {
                        FakeBackend.write(socket, "x".repeat(500));
                      }
                    })
                .reason())
        .isEqualTo(ProbeReason.SUCCESS);
  }

  @Test
  void whatIsNotHttpIsAProtocolError() {
    assertThat(probe(PLAIN, socket -> FakeBackend.write(socket, "SSH-2.0-OpenSSH_9.9\r\n")))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.PROTOCOL_ERROR))
        .satisfies(end -> assertThat(end.text()).startsWith("not an answer of HTTP from 127.0.0"));
    assertThat(probe(PLAIN, answering("x".repeat(100_000))).reason())
        .isEqualTo(ProbeReason.PROTOCOL_ERROR);
  }

  @Test
  void aConnectionClosedTooEarlyIsAProtocolError() {
    assertThat(probe(PLAIN, FakeBackend::readHead).text())
        .endsWith("closed the connection without a complete answer");
    assertThat(probe(PLAIN, answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")).reason())
        .isEqualTo(ProbeReason.PROTOCOL_ERROR);
  }

  @Test
  void aResetIsAReset() {
    assertThat(
            probe(
                    PLAIN,
                    socket -> {
                      FakeBackend.readHead(socket);
                      FakeBackend.reset(socket);
                    })
                .reason())
        .isEqualTo(ProbeReason.RESET);
  }

  @Test
  void anAnswerThatDoesNotComeInTimeIsATimeout() {
    try (FakeBackend silent = FakeBackend.start(FakeBackend.silent());
        FakeBackend halting =
            FakeBackend.start(
                socket -> {
                  FakeBackend.readHead(socket);
                  FakeBackend.write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nre");
                  FakeBackend.silent().run(socket);
                })) {
      assertThat(probes.probe(silent.port(), PLAIN, SHORT))
          .isEqualTo(
              ProbeEnd.failure(
                  ProbeReason.TIMEOUT,
                  "no complete answer from 127.0.0.1:%d within 300 ms".formatted(silent.port())));
      assertThat(probes.probe(halting.port(), PLAIN, SHORT).reason())
          .isEqualTo(ProbeReason.TIMEOUT);
    }
  }

  @Test
  void noConnectionIsLeftOpen() throws Exception {
    CompletableFuture<Integer> afterAnswer = new CompletableFuture<>();
    try (FakeBackend backend =
        FakeBackend.start(
            socket -> {
              FakeBackend.readHead(socket);
              FakeBackend.write(socket, ok("hello"));
              // Does not close, though it was asked to.
              afterAnswer.complete(socket.getInputStream().read());
            })) {
      assertThat(probes.probe(backend.port(), PLAIN, LONG).reason()).isEqualTo(ProbeReason.SUCCESS);
      assertThat(afterAnswer.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
    }
  }
}
