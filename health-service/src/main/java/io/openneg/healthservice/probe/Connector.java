package io.openneg.healthservice.probe;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
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

  private final Lane lane;
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
      Lane lane, InetSocketAddress address, ProbeRecipe recipe, TlsClients tls, boolean keep) {
    this.lane = lane;
    this.address = address;
    this.recipe = recipe;
    this.tls = tls;
    this.keep = keep;
  }

  Lane lane() {
    return lane;
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

  /**
   * A new connection on its way; {@code attempt} hears of what becomes of it. Netty's Bootstrap
   * would resolve the address, once more, and take turns of the loop to do so.
   */
  Connection open(ProbeAttempt attempt) {
    Connection connection = new Connection(Conversation.of(recipe, keep), attempt);
    try {
      SocketChannel channel = Transports.socket(lane.loop(), address.getAddress());
      // The attempt's deadline covers connecting.
      channel.config().setConnectTimeoutMillis(0);
      equip(channel.pipeline(), connection, attempt.transcript());
      connection.on(channel);
      var _ = lane.loop().register(channel);
      channel.connect(address).addListener(connecting -> connected(connecting, attempt));
    } catch (ChannelException e) {
      // Without a file descriptor there is no channel. The attempt is still being started.
      lane.loop().execute(() -> attempt.end(Failures.connecting(e, peer())));
    }
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

  private void connected(Future<?> connecting, ProbeAttempt attempt) {
    if (!connecting.isSuccess()) {
      attempt.end(Failures.connecting(connecting.cause(), peer()));
    }
  }
}
