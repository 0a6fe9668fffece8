package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.testing.RawBackend.head;
import static io.openneg.edgeproxy.testing.RawBackend.readAll;
import static io.openneg.edgeproxy.testing.RawBackend.readHead;
import static io.openneg.edgeproxy.testing.RawBackend.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.Xds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What RFC 9110 and 9112 ask of a proxy, seen from both ends of it. */
@Timeout(60)
class HttpRulesTest {

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void forwardsWhatConcernsTheRequestAndNotWhatConcernsTheConnection() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>("");
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              seen.set(readHead(socket));
              write(
                  socket,
                  head(
                          "HTTP/1.1 200 Fine",
                          "content-length: 2",
                          "Keep-Alive: timeout=5",
                          "Connection: keep-alive, X-Private",
                          "X-Private: 1",
                          "X-Public: 2",
                          "Set-Cookie: a=1",
                          "Set-Cookie: b=2")
                      + "ok");
            })) {
      proxy.serve(Xds.endpoint(backend.port()));
      String response =
          proxy.raw(
              head(
                  "GET /path?q=1 HTTP/1.1",
                  "Host: shop.example",
                  "Connection: close, X-Mine",
                  "X-Mine: 1",
                  "X-Yours: 2",
                  "TE: trailers",
                  "Keep-Alive: 3",
                  "X-Forwarded-For: 10.0.0.1",
                  "Upgrade: h2c",
                  "HTTP2-Settings: AAM"));
      assertThat(seen.get())
          .startsWith("GET /path?q=1 HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: shop.example\r\n")
          .containsIgnoringCase("\r\nx-yours: 2\r\n")
          .containsIgnoringCase("\r\nx-forwarded-for: 10.0.0.1, 127.0.0.1\r\n")
          .containsIgnoringCase("\r\nx-forwarded-proto: http\r\n")
          .containsIgnoringCase("\r\nx-request-id: ")
          .doesNotContainIgnoringCase("x-mine")
          .doesNotContainIgnoringCase("\r\nte:")
          .doesNotContainIgnoringCase("keep-alive")
          .doesNotContainIgnoringCase("upgrade");
      assertThat(response)
          .startsWith("HTTP/1.1 200 Fine\r\n")
          .containsIgnoringCase("\r\nserver: openneg-edge-proxy\r\n")
          .containsIgnoringCase("\r\nx-public: 2\r\n")
          .containsIgnoringCase("\r\nset-cookie: a=1\r\n")
          .containsIgnoringCase("\r\nset-cookie: b=2\r\n")
          .doesNotContainIgnoringCase("x-private")
          .doesNotContainIgnoringCase("keep-alive")
          .endsWith("\r\n\r\nok");
    }
  }

  @Test
  void keepsTheShapeOfResponsesWithoutABody() throws Exception {
    try (Backend backend =
        new Backend(
            exchange -> {
              switch (exchange.getRequestURI().getPath()) {
                case "/204" -> exchange.sendResponseHeaders(204, -1);
                case "/304" -> {
                  exchange.getResponseHeaders().add("etag", "\"x\"");
                  exchange.sendResponseHeaders(304, -1);
                }
                default -> {
                  exchange.getResponseHeaders().add("content-length", "1234");
                  exchange.sendResponseHeaders(200, -1);
                }
              }
            })) {
      proxy.serve(Xds.endpoint(backend.port()));
      assertThat(proxy.raw(head("GET /204 HTTP/1.1", "Host: a", "Connection: close")))
          .startsWith("HTTP/1.1 204 ")
          .doesNotContainIgnoringCase("content-length")
          .doesNotContainIgnoringCase("transfer-encoding");
      assertThat(proxy.raw(head("GET /304 HTTP/1.1", "Host: a", "Connection: close")))
          .startsWith("HTTP/1.1 304 ")
          .containsIgnoringCase("etag: \"x\"")
          .doesNotContainIgnoringCase("transfer-encoding");
      assertThat(proxy.raw(head("HEAD / HTTP/1.1", "Host: a", "Connection: close")))
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("content-length: 1234")
          .endsWith("\r\n\r\n");
    }
  }

  @Test
  void passesChunkedBodiesOnInBothDirections() {
    try (Backend echo =
        new Backend(
            exchange -> {
              byte[] body = exchange.getRequestBody().readAllBytes();
              String coding = exchange.getRequestHeaders().getFirst("transfer-encoding");
              exchange.getResponseHeaders().add("x-coding", String.valueOf(coding));
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(body);
            })) {
      proxy.serve(Xds.endpoint(echo.port()));
      String text = "0123456789".repeat(10_000);
      HttpResponse<String> response =
          proxy.exchange(
              proxy
                  .request("/")
                  .POST(
                      HttpRequest.BodyPublishers.ofInputStream(
                          () -> new ByteArrayInputStream(text.getBytes(UTF_8))))
                  .build());
      assertThat(response.body()).isEqualTo(text);
      assertThat(response.headers().firstValue("x-coding")).hasValue("chunked");
      assertThat(response.headers().firstValue("transfer-encoding")).hasValue("chunked");
    }
  }

  @Test
  void invitesTheBodyThatAClientHoldsBack() throws Exception {
    try (Backend echo =
            new Backend(
                exchange ->
                    Backend.answer(
                        exchange,
                        200,
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        Socket socket = start(echo)) {
      write(
          socket,
          head(
              "POST / HTTP/1.1",
              "Host: a",
              "Content-Length: 4",
              "Expect: 100-continue",
              "Connection: close"));
      assertThat(readHead(socket)).startsWith("HTTP/1.1 100 ");
      write(socket, "body");
      assertThat(readAll(socket)).startsWith("HTTP/1.1 200 ").endsWith("body");
    }
  }

  private Socket start(Backend backend) throws IOException {
    proxy.serve(Xds.endpoint(backend.port()));
    return proxy.connect();
  }

  @Test
  void anEarlyAnswerReachesTheClientThoughItsBodyIsNotWanted() throws Exception {
    try (RawBackend strict =
            new RawBackend(
                socket -> {
                  readHead(socket);
                  write(socket, head("HTTP/1.1 413 Too Large", "content-length: 3") + "big");
                  // Reads nothing of the body, and waits for the proxy to give up.
                  while (socket.getInputStream().read() >= 0) {}
                });
        Socket socket = serveRaw(strict)) {
      write(socket, head("POST / HTTP/1.1", "Host: a", "Content-Length: 1000000") + "first bytes");
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 413 ").endsWith("big");
      await().until(() -> strict.connections() == 0);
    }
  }

  private Socket serveRaw(RawBackend backend) throws IOException {
    proxy.serve(Xds.endpoint(backend.port()));
    return proxy.connect();
  }

  @Test
  void aBrokenOffResponseIsBrokenOffForTheClientToo() {
    try (RawBackend broken =
        new RawBackend(
            socket -> {
              readHead(socket);
              write(socket, head("HTTP/1.1 200 OK", "content-length: 100") + "only this");
            })) {
      proxy.serve(Xds.endpoint(broken.port()));
      assertThatThrownBy(() -> proxy.get("/")).isInstanceOf(UncheckedIOException.class);
      assertThat(proxy.httpStats().getInteger("active")).isZero();
    }
  }

  @Test
  void aHeadIsPassedOnBeforeItsBodyComes() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    try (RawBackend backend =
            new RawBackend(
                socket -> {
                  readHead(socket);
                  write(socket, head("HTTP/1.1 200 OK", "transfer-encoding: chunked"));
                  hold.await();
                  write(socket, "2\r\nok\r\n0\r\n\r\n");
                });
        Socket socket = serveRaw(backend)) {
      write(socket, head("GET / HTTP/1.1", "Host: a", "Connection: close"));
      assertThat(readHead(socket)).startsWith("HTTP/1.1 200 ");
      hold.countDown();
      assertThat(readAll(socket)).contains("2\r\nok\r\n");
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (Backend echo =
        new Backend(
            exchange -> Backend.answer(exchange, 200, exchange.getRequestURI().getPath()))) {
      proxy.serve(Xds.endpoint(echo.port()));
      String answers =
          proxy.raw(
              head("GET /1 HTTP/1.1", "Host: a")
                  + head("GET /2 HTTP/1.1", "Host: a")
                  + head("GET /3 HTTP/1.1", "Host: a", "Connection: close"));
      assertThat(answers).containsSubsequence("/1", "/2", "/3");
    }
  }

  @Test
  void servesHttp10IfTheListenerSaysSo() throws Exception {
    try (RawBackend backend =
        new RawBackend(
            socket -> {
              RawBackend.readHead(socket);
              write(socket, head("HTTP/1.1 200 OK", "transfer-encoding: chunked"));
              write(socket, "2\r\nok\r\n0\r\n\r\n");
            })) {
      proxy.serve(Xds.endpoint(backend.port()));
      proxy.send(
          LISTENER,
          Xds.listener(
              "l",
              proxy.port,
              Xds.http("r")
                  .setHttpProtocolOptions(Http1ProtocolOptions.newBuilder().setAcceptHttp10(true))
                  .build()));
      assertThat(proxy.raw(head("GET / HTTP/1.0", "Host: a")))
          .startsWith("HTTP/1.0 200 ")
          .doesNotContain("chunked")
          .endsWith("\r\n\r\nok");
    }
  }

  @Test
  void refusesWhatIsNoProperRequest() throws Exception {
    proxy.serve();
    assertThat(proxy.raw(head("GET / HTTP/1.0", "Host: a"))).startsWith("HTTP/1.0 426 ");
    assertThat(proxy.raw(head("GET / HTTP/1.1", "Connection: close"))).startsWith("HTTP/1.1 400 ");
    assertThat(proxy.raw(head("GET / HTTP/1.1", "Host: a", "Host: b", "Connection: close")))
        .startsWith("HTTP/1.1 400 ");
    assertThat(
            proxy.raw(
                head(
                    "GET / HTTP/1.1",
                    "Host: a",
                    "Connection: close, upgrade",
                    "Upgrade: websocket")))
        .startsWith("HTTP/1.1 403 ");
    assertThat(
            proxy.raw(
                head(
                        "POST / HTTP/1.1",
                        "Host: a",
                        "Connection: close",
                        "Transfer-Encoding: gzip, chunked")
                    + "0\r\n\r\n"))
        .startsWith("HTTP/1.1 501 ");
    assertThat(proxy.raw("nonsense\r\n\r\n")).startsWith("HTTP/1.");
  }

  @Test
  void ignoresAnOfferOfHttp2AndServesHttp11() throws Exception {
    try (Backend backend = new Backend("ok");
        HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      proxy.serve(Xds.endpoint(backend.port()));
      HttpResponse<String> response =
          http2.send(proxy.request("/").build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
      assertThat(response.body()).isEqualTo("ok");
    }
  }
}
