package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.testing.RawBackend.head;
import static io.openneg.edgeproxy.testing.RawBackend.readHead;
import static io.openneg.edgeproxy.testing.RawBackend.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.RawBackend;
import io.openneg.edgeproxy.testing.Xds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that are too large to be held, and sides that read slowly or go away. */
@Timeout(60)
class StreamingTest {

  private static final long LARGE = 256L << 20;

  /** What sockets and buffers on the way may hold; far less than {@link #LARGE}. */
  private static final long IN_TRANSIT = 32L << 20;

  private final ProxyUnderTest proxy = new ProxyUnderTest();

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void movesALargeBodyInBothDirections() throws Exception {
    try (Backend counting =
        new Backend(
            exchange -> {
              long received = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
              exchange.getResponseHeaders().add("x-received", "" + received);
              exchange.sendResponseHeaders(200, LARGE);
              byte[] block = new byte[1 << 16];
              for (long sent = 0; sent < LARGE; sent += block.length) {
                exchange.getResponseBody().write(block);
              }
            })) {
      proxy.serve(Xds.endpoint(counting.port()));
      HttpResponse<InputStream> response =
          proxy.client.send(
              proxy
                  .request("/")
                  .timeout(Duration.ofSeconds(50))
                  .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new Zeros(LARGE)))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertThat(response.headers().firstValueAsLong("x-received")).hasValue(LARGE);
      try (InputStream body = response.body()) {
        assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(LARGE);
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsTheEndpointBackAndFreesItByGoing() throws Exception {
    AtomicLong written = new AtomicLong();
    CountDownLatch gone = new CountDownLatch(1);
    try (RawBackend endless =
        new RawBackend(
            socket -> {
              readHead(socket);
              write(socket, head("HTTP/1.1 200 OK", "content-length: 1000000000000"));
              byte[] block = new byte[1 << 16];
              try {
                while (true) {
                  socket.getOutputStream().write(block);
                  written.addAndGet(block.length);
                }
              } catch (IOException e) {
                gone.countDown();
              }
            })) {
      proxy.serve(Xds.endpoint(endless.port()));
      try (Socket client = proxy.connect()) {
        write(client, head("GET / HTTP/1.1", "Host: a"));
        assertThat(readHead(client)).startsWith("HTTP/1.1 200 ");
        awaitStandstill(written);
        assertThat(written.get()).isPositive().isLessThan(IN_TRANSIT);
      }
      gone.await();
      await().until(() -> proxy.httpStats().getInteger("active") == 0);
      assertThat(proxy.httpStats().getInteger("client_resets")).isEqualTo(1);
      assertThat(proxy.endpoint(endless.port()).getInteger("active")).isZero();
    }
  }

  @Test
  void anEndpointThatDoesNotReadHoldsTheClientBack() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong written = new AtomicLong();
    AtomicLong received = new AtomicLong();
    try (RawBackend slow =
            new RawBackend(
                socket -> {
                  readHead(socket);
                  read.await();
                  received.set(
                      new Limited(socket.getInputStream(), LARGE)
                          .transferTo(OutputStream.nullOutputStream()));
                  write(socket, head("HTTP/1.1 200 OK", "content-length: 0"));
                });
        Socket client = connectTo(slow)) {
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      write(client, head("POST / HTTP/1.1", "Host: a", "Content-Length: " + LARGE));
                      byte[] block = new byte[1 << 16];
                      while (written.get() < LARGE) {
                        client.getOutputStream().write(block);
                        written.addAndGet(block.length);
                      }
                    } catch (IOException e) {
                      written.set(-1);
                    }
                  });
      awaitStandstill(written);
      assertThat(written.get()).isPositive().isLessThan(IN_TRANSIT);
      read.countDown();
      assertThat(readHead(client)).startsWith("HTTP/1.1 200 ");
      sender.join();
      assertThat(received.get()).isEqualTo(LARGE);
    }
  }

  private Socket connectTo(RawBackend backend) throws IOException {
    proxy.serve(Xds.endpoint(backend.port()));
    return proxy.connect();
  }

  @Test
  void aClientThatGoesBeforeTheAnswerCancelsTheRequest() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    try (RawBackend waiting =
        new RawBackend(
            socket -> {
              readHead(socket);
              arrived.countDown();
              if (socket.getInputStream().read() < 0) {
                cancelled.countDown();
              }
            })) {
      proxy.serve(Xds.endpoint(waiting.port()));
      try (Socket client = proxy.connect()) {
        write(client, head("GET / HTTP/1.1", "Host: a"));
        arrived.await();
      }
      cancelled.await();
      await().until(() -> proxy.endpoint(waiting.port()).getInteger("active") == 0);
    }
  }

  @Test
  void aClientThatGoesInTheMiddleOfItsBodyCancelsTheRequest() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    try (RawBackend reading =
        new RawBackend(
            socket -> {
              readHead(socket);
              arrived.countDown();
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
              cancelled.countDown();
            })) {
      proxy.serve(Xds.endpoint(reading.port()));
      try (Socket client = proxy.connect()) {
        write(client, head("POST / HTTP/1.1", "Host: a", "Content-Length: 1000") + "some");
        arrived.await();
      }
      cancelled.await();
      await().until(() -> proxy.endpoint(reading.port()).getInteger("active") == 0);
    }
  }

  /** Waits until a counter has begun to count and has not moved for a while. */
  private static void awaitStandstill(AtomicLong counter) {
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(30))
        .until(() -> counter.get() > 0 && last.getAndSet(counter.get()) == counter.get());
  }

  /** That many bytes, made up as they are read. */
  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long size) {
      left = size;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      left -= count;
      return count;
    }
  }

  /** The first bytes of a stream. */
  private static final class Limited extends InputStream {
    private final InputStream in;
    private long left;

    Limited(InputStream in, long size) {
      this.in = in;
      this.left = size;
    }

    @Override
    public int read() throws IOException {
      return left-- > 0 ? in.read() : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int count = in.read(buffer, offset, (int) Math.min(left, length));
      left -= Math.max(count, 0);
      return count;
    }
  }
}
