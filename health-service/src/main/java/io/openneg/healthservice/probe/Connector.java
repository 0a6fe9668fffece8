package io.openneg.healthservice.probe;

import io.openneg.healthservice.target.ProbeRecipe;
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

  private static final byte[] NOT_NEEDED = {};

  private final Lane lane;
  private final InetSocketAddress address;
  private final ProbeRecipe recipe;
  private final TlsClients tls;
  private final boolean keep;
  private final byte[] request;
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
    this.request =
        lane instanceof Lane.OfSockets
            ? SocketConversation.request(recipe, host(), keep)
            : NOT_NEEDED;
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

  /** A new connection on its way; {@code attempt} hears of what becomes of it. */
  Connection open(ProbeAttempt attempt) {
    return switch (lane) {
      case Lane.OfChannels channels ->
          ChannelConnection.open(channels, address, recipe, tls, keep, attempt);
      case Lane.OfSockets sockets ->
          SocketConnection.open(
              sockets, address, SocketConversation.of(recipe, request, keep), attempt);
    };
  }
}
