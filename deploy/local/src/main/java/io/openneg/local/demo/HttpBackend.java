package io.openneg.local.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.openneg.embedded.FreePorts;
import io.openneg.local.client.HttpLoadBalancer.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP server to balance load over: answers with its name, {@code /slow} after a while, and
 * {@code /healthz} as it is told to. Thread-safe.
 */
final class HttpBackend implements AutoCloseable {
  static final String NAME_HEADER = "X-Backend";
  static final String HEALTH_PATH = "/healthz";
  static final Duration SLOW = Duration.ofMillis(1200);

  private final String name;
  private final int port = FreePorts.next();
  private final AtomicInteger slowInProgress = new AtomicInteger();
  private volatile boolean healthy = true;
  private @Nullable HttpServer server;

  HttpBackend(String name) {
    this.name = name;
    start();
  }

  String name() {
    return name;
  }

  Address address() {
    return new Address("127.0.0.1", port);
  }

  /** Whether health checks get 200 or 503; other requests are served all the same. */
  void setHealthy(boolean newHealthy) {
    healthy = newHealthy;
  }

  /** How many slow requests are being served now. */
  int slowInProgress() {
    return slowInProgress.get();
  }

  private void start() {
    try {
      var started =
          HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 0);
      started.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      started.createContext("/", exchange -> answer(exchange, 200, name));
      started.createContext(
          HEALTH_PATH,
          exchange -> answer(exchange, healthy ? 200 : 503, healthy ? "ok" : "out of order"));
      started.createContext("/slow", this::slow);
      started.start();
      server = started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Cuts every connection and refuses new ones, as the death of the process would. */
  synchronized void kill() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }

  @Override
  public void close() {
    kill();
  }

  private void slow(HttpExchange exchange) throws IOException {
    slowInProgress.incrementAndGet();
    try {
      LockSupport.parkNanos(SLOW.toNanos());
      answer(exchange, 200, name);
    } finally {
      slowInProgress.decrementAndGet();
    }
  }

  private void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set(NAME_HEADER, name);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
