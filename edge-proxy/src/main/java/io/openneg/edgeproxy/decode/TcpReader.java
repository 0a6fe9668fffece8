package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.openneg.edgeproxy.config.ListenerConfig;
import java.time.Duration;

/** Reads a TCP proxy: connections are forwarded to the endpoints of one cluster. */
final class TcpReader {

  private TcpReader() {}

  static ListenerConfig.Tcp read(TcpProxy proxy, String path) {
    if (proxy.getCluster().isEmpty()) {
      throw new InvalidField(path + ".cluster", "must be set");
    }
    int attempts = proxy.hasMaxConnectAttempts() ? proxy.getMaxConnectAttempts().getValue() : 0;
    if (proxy.hasMaxConnectAttempts() && attempts == 0) {
      throw new InvalidField(path + ".max_connect_attempts", "must be 1 or more");
    }
    return new ListenerConfig.Tcp(
        proxy.getCluster(),
        attempts < 0 ? Integer.MAX_VALUE : attempts,
        proxy.hasIdleTimeout()
            ? Fields.duration(proxy.getIdleTimeout(), path + ".idle_timeout")
            : Duration.ofHours(1),
        AccessLogReader.read(proxy.getAccessLogList(), path + ".access_log"));
  }
}
