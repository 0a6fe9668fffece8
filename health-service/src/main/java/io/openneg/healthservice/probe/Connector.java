package io.openneg.healthservice.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.openneg.healthservice.target.ProbeRecipe;
import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections to one target, and keeps one between probes if it is to. Confined to its
 * event loop.
 */
final class Connector {
  /**
   * Probes on one connection. A server that hangs may serve its old connections and take no new
   * ones, so kept connections are renewed: after a minute at an interval of 5 s.
   */
  static final int PROBES_PER_CONNECTION = 12;

  private final EventLoop loop;
  private final InetSocketAddress address;
  private final ProbeRecipe recipe;
  private final TlsClients tls;
  private final boolean keep;
  private @Nullable Connection kept;

  /**
   * @param address resolved, with the port to probe
   * @param keep whether to use a connection for several probes, where the protocol allows it
   */
  Connector(
      EventLoop loop, InetSocketAddress address, ProbeRecipe recipe, TlsClients tls, boolean keep) {
    this.loop = loop;
    this.address = address;
    this.recipe = recipe;
    this.tls = tls;
    this.keep = keep;
  }

  EventLoop loop() {
    return loop;
  }

  /** The target's address. */
  String host() {
    return address.getAddress().getHostAddress();
  }

  /** The target's address and port, for texts. */
  String peer() {
    return host() + ":" + address.getPort();
  }

  /** The connection kept by the probe before; null: none that is of use. */
  @Nullable Connection takeKept() {
    Connection connection = kept;
    kept = null;
    return connection != null && connection.isOpen() ? connection : null;
  }

  /** Whether the connection was kept for the next probe; if not it is still the caller's. */
  boolean keep(Connection connection) {
    if (!keep || !connection.isOpen() || connection.probes() >= PROBES_PER_CONNECTION) {
      return false;
    }
    kept = connection;
    return true;
  }

  /** Ends the connection that is kept. */
  void close() {
    if (kept != null) {
      kept.close();
      kept = null;
    }
  }

  /** A new connection on its way; {@code attempt} hears of what becomes of it. */
  Connection open(ProbeAttempt attempt) {
    Connection connection = new Connection(Conversation.of(recipe, keep), attempt);
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            // The attempt's deadline covers connecting.
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    equip(channel.pipeline(), connection, attempt.transcript());
                  }
                })
            .connect(address);
    connection.on(connecting.channel());
    connecting.addListener(_ -> connected(connecting, attempt));
    return connection;
  }

  private void equip(ChannelPipeline pipeline, Connection connection, Transcript transcript) {
    boolean http2 = recipe instanceof ProbeRecipe.Http http && http.version() == HttpVersion.HTTP_2;
    if (recipe.transport().proxyHeader()) {
      pipeline.addLast(new ProxyHeaderWriter());
    }
    if (recipe.transport().isEncrypted()) {
      pipeline.addLast(
          tls.handler(
              pipeline.channel().alloc(),
              recipe.transport().security(),
              http2,
              serverName(),
              address.getPort()));
    }
    pipeline.addLast(new Gate(connection, recipe.transport().isEncrypted(), http2));
    if (transcript instanceof Transcript.Kept written && isText()) {
      pipeline.addLast(written.tap());
    }
    pipeline.addLast(connection.conversation().handlers());
  }

  private boolean isText() {
    return switch (recipe) {
      case ProbeRecipe.Http http -> http.version() == HttpVersion.HTTP_1_1;
      case ProbeRecipe.Tcp _ -> true;
      case ProbeRecipe.Grpc _ -> false;
    };
  }

  private String serverName() {
    if (recipe instanceof ProbeRecipe.Http http && !http.host().isEmpty()) {
      int port = http.host().lastIndexOf(':');
      return port < 0 ? http.host() : http.host().substring(0, port);
    }
    return host();
  }

  private void connected(ChannelFuture connecting, ProbeAttempt attempt) {
    Throwable error = connecting.cause();
    if (error == null) {
      return;
    }
    if (loop.inEventLoop()) {
      attempt.end(Failures.connecting(error, peer()));
    } else {
      // Without a file descriptor there is no channel, and Netty tells so on a thread of its own.
      loop.execute(() -> connected(connecting, attempt));
    }
  }
}
