package io.openneg.edgeproxy.config;

import io.openneg.edgeproxy.routing.RouteTable;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address to listen on, and how connections that come in there are treated.
 *
 * @param name name of the Listener
 * @param address where to listen
 * @param tls how clients are spoken to over TLS, or null for clear text
 */
public record ListenerConfig(
    String name, IpPort address, @Nullable DownstreamTls tls, Treatment treatment) {

  /** What becomes of a connection. */
  public sealed interface Treatment {}

  /** Requests are read from it and each is routed by itself. */
  public record Http(Routes routes, HttpOptions options) implements Treatment {}

  /**
   * It is forwarded as a whole to an endpoint, see {@code TcpProxy} of xDS.
   *
   * @param cluster name of the cluster that has the endpoints
   * @param maxConnectAttempts how many endpoints are tried at most; 0: each of them
   * @param idleTimeout how long nothing may move in either direction; zero: for ever
   */
  public record Tcp(
      String cluster, int maxConnectAttempts, Duration idleTimeout, List<AccessLog> accessLogs)
      implements Treatment {
    public Tcp {
      accessLogs = List.copyOf(accessLogs);
    }
  }

  /** Where a listener's routes come from. */
  public sealed interface Routes {
    /** A RouteConfiguration by its name, from RDS. */
    record Named(String name) implements Routes {}

    /** Part of the Listener itself. */
    record Inline(RouteTable table) implements Routes {}
  }
}
