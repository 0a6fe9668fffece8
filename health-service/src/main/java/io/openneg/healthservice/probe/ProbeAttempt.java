package io.openneg.healthservice.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One probe: one new connection, one deadline over connecting and reading, one end.
 *
 * <p>A new connection each time, because that is what the probe's verdict is about: a server whose
 * process hangs still holds its old connections, and takes no new ones. It costs more than keeping
 * connections, and spares servers that give a thread to each connection.
 *
 * <p>Confined to its event loop.
 */
final class ProbeAttempt {
  /** How long a server may take to close a finished connection, so that TIME_WAIT is its. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final EventLoop loop;
  private final InetSocketAddress address;
  private final Consumer<ProbeEnd> onEnd;
  private @Nullable Channel channel;
  private @Nullable Future<?> deadline;
  private boolean connected;
  private boolean ended;

  private ProbeAttempt(EventLoop loop, InetSocketAddress address, Consumer<ProbeEnd> onEnd) {
    this.loop = loop;
    this.address = address;
    this.onEnd = onEnd;
  }

  /**
   * Starts a probe; on the event loop.
   *
   * @param address resolved, with the port to probe
   * @param onEnd called once on the event loop, unless the probe is cancelled before
   */
  static ProbeAttempt start(
      EventLoop loop,
      InetSocketAddress address,
      ProbeRecipe recipe,
      Duration timeout,
      Consumer<ProbeEnd> onEnd) {
    ProbeAttempt attempt = new ProbeAttempt(loop, address, onEnd);
    attempt.deadline =
        loop.schedule(() -> attempt.timeOut(timeout), timeout.toNanos(), TimeUnit.NANOSECONDS);
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            // The deadline covers connecting.
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(attempt.conversation(recipe));
                  }
                })
            .connect(address);
    attempt.channel = connecting.channel();
    connecting.addListener(_ -> attempt.connected(connecting));
    return attempt;
  }

  private ChannelHandler[] conversation(ProbeRecipe recipe) {
    return switch (recipe) {
      case ProbeRecipe.Http http -> HttpConversation.handlers(http, this);
      case ProbeRecipe.Tcp tcp -> new ChannelHandler[] {new TcpConversation(tcp, this)};
    };
  }

  private void connected(ChannelFuture connecting) {
    Throwable error = connecting.cause();
    if (error == null) {
      return;
    }
    if (loop.inEventLoop()) {
      // Netty has closed it, or there never was one.
      channel = null;
      end(Failures.connecting(error, peer()));
    } else {
      // Without a file descriptor there is no channel, and Netty tells so on a thread of its own.
      loop.execute(() -> connected(connecting));
    }
  }

  /**
   * Called by the conversation when the connection stands.
   *
   * @return whether to go on
   */
  boolean onConnected(Channel channel) {
    connected = true;
    // With a free port of the ephemeral range on this very machine, TCP may connect to itself.
    if (channel.localAddress().equals(channel.remoteAddress())) {
      end(
          ProbeEnd.failure(
              ProbeReason.CONNECTION_REFUSED, "connection refused by %s".formatted(peer())));
    }
    return !ended;
  }

  private void timeOut(Duration timeout) {
    String within = " within %d ms".formatted(timeout.toMillis());
    end(
        connected
            ? ProbeEnd.failure(ProbeReason.TIMEOUT, "no complete answer from " + peer() + within)
            : ProbeEnd.failure(ProbeReason.CONNECT_TIMEOUT, "no connection to " + peer() + within));
  }

  /** The target's address. */
  String host() {
    return address.getAddress().getHostAddress();
  }

  /** The target's address and port, for texts. */
  String peer() {
    return host() + ":" + address.getPort();
  }

  boolean hasEnded() {
    return ended;
  }

  /** The verdict is in and the connection of no more use. */
  void end(ProbeEnd end) {
    if (!ended) {
      cancel();
      onEnd.accept(end);
    }
  }

  /** The verdict is in and the server was asked to close: it gets a moment to do so. */
  void endAndLetClose(ProbeEnd end) {
    if (!ended) {
      settle();
      var _ = loop.schedule(this::close, LINGER.toMillis(), TimeUnit.MILLISECONDS);
      onEnd.accept(end);
    }
  }

  /** Gives up without an end. */
  void cancel() {
    settle();
    close();
  }

  private void settle() {
    ended = true;
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  private void close() {
    if (channel != null) {
      var _ = channel.close();
    }
  }
}
