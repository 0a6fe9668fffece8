package io.openneg.local.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.openneg.local.client.HttpLoadBalancer.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of HTTP servers on loopback, each with an address of its own. One listener serves those
 * that always live; each of the others has one of its own, so that nobody is there when it is
 * killed. Thread-safe.
 */
final class ProbedServers implements AutoCloseable {
  private static final String OUR_PROBE = "OpenNEG-HealthCheck";
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(ISO_8859_1);
  private static final byte[] LAST_ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".getBytes(ISO_8859_1);
  private static final int BACKLOG = 4096;

  /** One that can be killed: its listener and what it has accepted. */
  private record Mortal(ServerSocketChannel listener, Set<SocketChannel> connections) {}

  private final Selector selector;
  private final List<Address> addresses = new ArrayList<>();
  private final List<Address> mortalAddresses = new ArrayList<>();
  private final Queue<Runnable> orders = new ConcurrentLinkedQueue<>();
  private final AtomicLong ourProbes = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().name("servers").daemon().unstarted(this::loop);
  // Of the thread.
  private final Map<Address, Mortal> mortals = new HashMap<>();
  private final ByteBuffer buffer = ByteBuffer.allocate(4096);

  /**
   * @param mortal how many of them can be killed
   */
  ProbedServers(int count, int mortal) {
    try {
      selector = Selector.open();
      int port = listen(new InetSocketAddress("0.0.0.0", 0)).socket().getLocalPort();
      for (int i = 0; i < count; i++) {
        String ip = "127.10.%d.%d".formatted(i / 250, i % 250 + 1);
        if (i < count - mortal) {
          addresses.add(new Address(ip, port));
        } else {
          mortalAddresses.add(born(new InetSocketAddress(ip, 0)));
        }
      }
      addresses.addAll(mortalAddresses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    thread.start();
  }

  private Address born(InetSocketAddress at) throws IOException {
    ServerSocketChannel listener = listen(at);
    var address = new Address(at.getAddress().getHostAddress(), listener.socket().getLocalPort());
    mortals.put(address, new Mortal(listener, new HashSet<>()));
    listener.keyFor(selector).attach(address);
    return address;
  }

  private ServerSocketChannel listen(InetSocketAddress at) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(at, BACKLOG);
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    return listener;
  }

  List<Address> addresses() {
    return List.copyOf(addresses);
  }

  List<Address> mortals() {
    return List.copyOf(mortalAddresses);
  }

  /** Probes of health-service answered so far. */
  long ourProbes() {
    return ourProbes.get();
  }

  /** Ends one as a process that dies: its listener and its connections. */
  void kill(Address address) {
    order(
        () -> {
          Mortal dead = mortals.remove(address);
          if (dead != null) {
            close(dead.listener());
            dead.connections().forEach(ProbedServers::close);
          }
        });
  }

  /** Ends all of them for good. */
  void killAll() {
    order(() -> selector.keys().forEach(key -> close(key.channel())));
  }

  /** Starts one again that was killed. */
  void revive(Address address) {
    order(
        () -> {
          try {
            var _ = born(new InetSocketAddress(address.ip(), address.port()));
          } catch (IOException e) {
            throw new UncheckedIOException("nobody can listen at " + address + " again", e);
          }
        });
  }

  private void order(Runnable work) {
    var done = new CompletableFuture<Void>();
    orders.add(
        () -> {
          try {
            work.run();
            // Only now the kernel forgets what was closed.
            var _ = selector.selectNow();
            done.complete(null);
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    selector.wakeup();
    done.join();
  }

  private void loop() {
    try {
      while (selector.isOpen()) {
        selector.select(this::ready);
        for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
          order.run();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void ready(SelectionKey key) {
    if (!key.isValid()) {
      return;
    }
    try {
      if (key.isAcceptable()) {
        accept((ServerSocketChannel) key.channel(), (Address) key.attachment());
      } else {
        answer((SocketChannel) key.channel(), (Address) key.attachment());
      }
    } catch (IOException _) {
      // The prober went; HAProxy resets its connections.
      if (key.channel() instanceof SocketChannel socket) {
        end(socket, (Address) key.attachment());
      }
    }
  }

  private void accept(ServerSocketChannel listener, @Nullable Address mortal) throws IOException {
    for (SocketChannel socket = listener.accept(); socket != null; socket = listener.accept()) {
      socket.configureBlocking(false);
      socket.register(selector, SelectionKey.OP_READ, mortal);
      Mortal owner = mortal == null ? null : mortals.get(mortal);
      if (owner != null) {
        owner.connections().add(socket);
      }
    }
  }

  private void answer(SocketChannel socket, @Nullable Address mortal) throws IOException {
    buffer.clear();
    if (socket.read(buffer) < 0) {
      end(socket, mortal);
      return;
    }
    // A probe's request comes in one piece on loopback.
    var request = new String(buffer.array(), 0, buffer.position(), ISO_8859_1);
    if (request.contains(OUR_PROBE)) {
      ourProbes.incrementAndGet();
    }
    boolean last = request.contains("HTTP/1.0") || request.contains("close");
    var _ = socket.write(ByteBuffer.wrap(last ? LAST_ANSWER : ANSWER));
    if (last) {
      end(socket, mortal);
    }
  }

  private void end(SocketChannel socket, @Nullable Address mortal) {
    close(socket);
    Mortal owner = mortal == null ? null : mortals.get(mortal);
    if (owner != null) {
      owner.connections().remove(socket);
    }
  }

  private static void close(java.nio.channels.Channel channel) {
    try {
      channel.close();
    } catch (IOException _) {
      // It is of no more use either way.
    }
  }

  @Override
  public void close() {
    killAll();
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
