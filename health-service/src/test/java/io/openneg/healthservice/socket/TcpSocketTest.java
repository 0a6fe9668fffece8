package io.openneg.healthservice.socket;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpSocketTest {
  private static final int NOTHING_MORE_MILLIS = 200;

  private SocketLoop loop;
  private ServerSocket server;

  @BeforeAll
  static void checkMachine() {
    assumeThat(SocketLoop.isAvailable()).as("Linux on a known processor").isTrue();
  }

  @BeforeEach
  void start() throws IOException {
    loop = new SocketLoop(new DefaultThreadFactory("sockets", true));
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void stop() throws IOException {
    loop.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
    server.close();
  }

  /** A connection, what became of it, and its use from a test's thread. */
  private final class Client implements TcpSocket.Events {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    // Set by the loop before anything is asked of it.
    @SuppressWarnings("NullAway.Init")
    private TcpSocket socket;

    @Override
    public void connected() {
      events.add("connected");
    }

    @Override
    public void notConnected(SocketException error) {
      events.add("not connected: " + error.getMessage());
    }

    @Override
    public void sent() {
      events.add("sent");
    }

    @Override
    public void received(ByteBuf bytes) {
      events.add("received " + bytes.toString(US_ASCII));
    }

    @Override
    public void ended() {
      events.add("ended");
    }

    @Override
    public void broken(SocketException error) {
      events.add("broken: " + error.getMessage());
    }

    void does(Runnable action) {
      loop.submit(action).syncUninterruptibly();
    }

    void hears(String... expected) throws InterruptedException {
      for (String event : expected) {
        assertThat(events.poll(10, SECONDS)).isEqualTo(event);
      }
    }

    void hearsNothingMore() throws InterruptedException {
      assertThat(events.poll(NOTHING_MORE_MILLIS, MILLISECONDS)).isNull();
    }

    boolean isOpen() {
      return loop.submit(() -> socket.isOpen()).syncUninterruptibly().getNow();
    }
  }

  private Client connect(InetSocketAddress address) {
    Client client = new Client();
    loop.submit(
            () -> {
              client.socket = loop.connect(address, true, client);
              return client;
            })
        .syncUninterruptibly();
    return client;
  }

  private Client connect() {
    return connect((InetSocketAddress) server.getLocalSocketAddress());
  }

  @Test
  void aRequestGoesOutAndItsAnswerComesIn() throws Exception {
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      client.does(() -> client.socket.send("ping".getBytes(US_ASCII)));
      client.hears("sent");
      assertThat(peer.getInputStream().readNBytes(4)).asString(US_ASCII).isEqualTo("ping");
      peer.getOutputStream().write("pong".getBytes(US_ASCII));
      client.hears("received pong");
      peer.getOutputStream().write("and more".getBytes(US_ASCII));
      client.hears("received and more");
    }
    client.hears("ended");
    assertThat(client.isOpen()).isFalse();
    client.hearsNothingMore();
  }

  @Test
  void bothEndsAreKnown() throws Exception {
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      CompletableFuture<InetSocketAddress> local = new CompletableFuture<>();
      client.does(
          () -> {
            try {
              local.complete(client.socket.localAddress());
            } catch (SocketException e) {
              local.completeExceptionally(e);
            }
          });
      assertThat(local.get(1, SECONDS)).isEqualTo(peer.getRemoteSocketAddress());
    }
  }

  @Test
  void aRefusedConnectionSaysSo() throws Exception {
    server.close();
    Client client = connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
    client.hears("not connected: Connection refused");
    assertThat(client.isOpen()).isFalse();
    client.hearsNothingMore();
  }

  @Test
  void aResetBreaksTheConnection() throws Exception {
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      peer.setSoLinger(true, 0);
    }
    client.hears("broken: Connection reset by peer");
    client.hearsNothingMore();
  }

  @Test
  void moreThanTheKernelTakesIsSentAsThePeerReads() throws Exception {
    byte[] much = new byte[64 * 1024 * 1024];
    much[much.length - 1] = 42;
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      client.does(() -> client.socket.send(much));
      client.hearsNothingMore();
      byte[] read = peer.getInputStream().readNBytes(much.length);
      client.hears("sent");
      assertThat(read).isEqualTo(much);
    }
  }

  @Test
  void whatIsReadMayBeMoreThanOneBufferTakes() throws Exception {
    Client client = connect();
    String much = "0123456789".repeat(10_000);
    try (Socket peer = server.accept()) {
      client.hears("connected");
      peer.getOutputStream().write(much.getBytes(US_ASCII));
    }
    StringBuilder received = new StringBuilder();
    String event = client.events.poll(10, SECONDS);
    while (event != null && event.startsWith("received ")) {
      received.append(event.substring("received ".length()));
      event = client.events.poll(10, SECONDS);
    }
    assertThat(event).isEqualTo("ended");
    assertThat(received).hasToString(much);
  }

  @Test
  void aClosedOneHearsNoMore() throws Exception {
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      client.does(() -> client.socket.close());
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
      client.hearsNothingMore();
    }
  }

  @Test
  void whereNothingIsExpectedAnythingMoreCloses() throws Exception {
    Client client = connect();
    try (Socket peer = server.accept()) {
      client.hears("connected");
      client.does(() -> client.socket.expectNothing());
      assertThat(client.isOpen()).isTrue();
      peer.getOutputStream().write('x');
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
      assertThat(client.isOpen()).isFalse();
      client.hearsNothingMore();
    } catch (java.net.SocketException _) {
      // The byte was not read, so the kernel resets instead of closing.
      assertThat(client.isOpen()).isFalse();
    }
  }

  @Test
  void aDescriptorUsedAgainIsAnotherSocket() throws Exception {
    Client first = connect();
    try (Socket _ = server.accept()) {
      first.hears("connected");
      Client second = new Client();
      loop.submit(
              () -> {
                int descriptor = first.socket.descriptor();
                first.socket.close();
                second.socket =
                    loop.connect((InetSocketAddress) server.getLocalSocketAddress(), true, second);
                assertThat(second.socket.descriptor()).isEqualTo(descriptor);
                assertThat(second.socket.key()).isNotEqualTo(first.socket.key());
                return null;
              })
          .sync();
      second.hears("connected");
      first.hearsNothingMore();
    }
  }

  @Test
  void tasksFromOtherThreadsWakeTheLoopAndTimedOnesAreNotEarly() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      assertThat(loop.submit(() -> 1).get(10, SECONDS)).isEqualTo(1);
    }
    long asked = System.nanoTime();
    long ran = loop.schedule(System::nanoTime, 30, MILLISECONDS).get(10, SECONDS);
    assertThat(ran - asked).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(30));
  }

  @Test
  void aLoopThatEndsLeavesNoDescriptor() throws Exception {
    int before = descriptors();
    SocketLoop other = new SocketLoop(new DefaultThreadFactory("sockets", true));
    Client client = new Client();
    other
        .submit(
            () -> {
              client.socket =
                  other.connect((InetSocketAddress) server.getLocalSocketAddress(), true, client);
              return null;
            })
        .sync();
    client.hears("connected");
    try (Socket peer = server.accept()) {
      other.shutdownGracefully(0, 1, SECONDS).sync();
      assertThat(peer.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(descriptors()).isEqualTo(before);
  }

  private static int descriptors() {
    String[] names = new File("/proc/self/fd").list();
    return names == null ? -1 : names.length;
  }
}
