package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.embedded.FreePorts;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.Recipes;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Http2ProbeTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofSeconds(1);

  @TempDir static Path directory;
  private static TestCertificate certificate;
  private static Vertx vertx;
  private static Probes probes;
  private static final AtomicInteger CONNECTIONS = new AtomicInteger();

  @BeforeAll
  static void start() {
    certificate = TestCertificate.of(directory, "ip:127.0.0.1");
    vertx = Vertx.vertx();
    probes = new Probes();
  }

  @AfterAll
  static void stop() throws Exception {
    probes.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static int serve(boolean alpn, Consumer<HttpServerRequest> handler) throws Exception {
    HttpServer server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost("127.0.0.1")
                    .setSsl(true)
                    .setUseAlpn(alpn)
                    .setKeyCertOptions(
                        new PfxOptions()
                            .setPath(certificate.keyStore().toString())
                            .setPassword(TestCertificate.PASSWORD)))
            .connectionHandler(_ -> CONNECTIONS.incrementAndGet())
            .requestHandler(handler::accept);
    return server
        .listen(0)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS)
        .actualPort();
  }

  @Test
  void status200OfHttp2IsSuccess() throws Exception {
    int port =
        serve(
            true,
            request ->
                request
                    .response()
                    .end(
                        "%s %s %s %s"
                            .formatted(
                                request.version(),
                                request.method(),
                                request.path(),
                                request.authority())));

    assertThat(probes.probe(port, Recipes.http2("/healthz", "HTTP_2 GET /healthz 127.0.0.1"), LONG))
        .isEqualTo(ProbeEnd.success("HTTP status 200"));
  }

  @Test
  void aWrongStatusAndAWrongBodyAreNot() throws Exception {
    int down = serve(true, request -> request.response().setStatusCode(503).end("down"));
    int other = serve(true, request -> request.response().end("x".repeat(2000)));

    assertThat(probes.probe(down, Recipes.http2("/", ""), LONG).text())
        .isEqualTo("HTTP status 503");
    assertThat(probes.probe(other, Recipes.http2("/", "ready"), LONG).reason())
        .isEqualTo(ProbeReason.RESPONSE_MISMATCH);
  }

  @Test
  void aServerWithoutHttp2IsATlsError() throws Exception {
    int port = serve(false, request -> request.response().end("hello"));

    assertThat(probes.probe(port, Recipes.http2("/", ""), LONG))
        .satisfies(end -> assertThat(end.reason()).isEqualTo(ProbeReason.TLS_ERROR))
        .satisfies(end -> assertThat(end.text()).contains("HTTP/2 over TLS"));
  }

  @Test
  void silenceIsATimeoutAndAResetAReset() throws Exception {
    int silent = serve(true, _ -> {});
    int resetting = serve(true, request -> request.response().reset(2));
    int closing = serve(true, request -> request.connection().close());

    assertThat(probes.probe(silent, Recipes.http2("/", ""), SHORT).reason())
        .isEqualTo(ProbeReason.TIMEOUT);
    assertThat(probes.probe(resetting, Recipes.http2("/", ""), LONG).reason())
        .isEqualTo(ProbeReason.RESET);
    assertThat(probes.probe(closing, Recipes.http2("/", ""), LONG).reason())
        .isIn(ProbeReason.PROTOCOL_ERROR, ProbeReason.RESET);
    assertThat(probes.probe(FreePorts.next(), Recipes.http2("/", ""), LONG).reason())
        .isEqualTo(ProbeReason.CONNECTION_REFUSED);
  }

  @Test
  void aKeptConnectionServesSeveralProbes() throws Exception {
    int port = serve(true, request -> request.response().end("ready"));
    Connector connector = probes.keeping(port, Recipes.http2("/", "ready"));
    int before = CONNECTIONS.get();

    for (int i = 0; i < 5; i++) {
      assertThat(probes.probe(connector, LONG)).isEqualTo(ProbeEnd.success("HTTP status 200"));
    }

    assertThat(CONNECTIONS.get() - before).isEqualTo(1);
  }
}
