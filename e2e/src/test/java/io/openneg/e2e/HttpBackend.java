package io.openneg.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on loopback that answers with its own name, and knows when it was probed. */
final class HttpBackend implements AutoCloseable {
  private static final String PROBE = "OpenNEG-HealthCheck";

  private final HttpServer server;
  private final Queue<Long> probes = new ConcurrentLinkedQueue<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private HttpBackend(HttpServer server) {
    this.server = server;
    server.setExecutor(executor);
  }

  static HttpBackend start(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    var backend = new HttpBackend(server);
    byte[] body = name.getBytes(UTF_8);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String agent = exchange.getRequestHeaders().getFirst("User-Agent");
            if (agent != null && agent.startsWith(PROBE)) {
              backend.probes.add(System.nanoTime());
            }
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    return backend;
  }

  /**
   * The name of the backend that answers a request through a load balancer.
   *
   * @throws IllegalStateException when the answer is not 200
   */
  static String get(HttpClient http, int port) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .timeout(Duration.ofSeconds(5))
            .build();
    var answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("status " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  /** When the first probe after a moment came; both as {@link System#nanoTime}. */
  OptionalLong firstProbeAfter(long nanos) {
    return probes.stream().mapToLong(Long::longValue).filter(at -> at - nanos > 0).findFirst();
  }

  Address address() {
    return new Address("127.0.0.1", server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
