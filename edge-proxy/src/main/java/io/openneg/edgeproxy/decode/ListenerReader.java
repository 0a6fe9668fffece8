package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import org.jspecify.annotations.Nullable;

/** Reads a Listener: one address, one filter chain, one filter. */
final class ListenerReader {

  private static final String TRANSPORT = "filter_chains[0].transport_socket";

  private ListenerReader() {}

  static ListenerConfig read(Listener listener) {
    Fields.required(listener.getName(), "name");
    if (listener.hasApiListener()) {
      throw new InvalidField("api_listener", "is for proxyless clients, this is a proxy");
    }
    FieldCheck.check(listener);
    if (listener.hasBindToPort() && !listener.getBindToPort().getValue()) {
      throw new InvalidField("bind_to_port", "must be true");
    }
    if (listener.getTrafficDirection() == TrafficDirection.UNRECOGNIZED) {
      throw new InvalidField("traffic_direction", "unknown value");
    }
    if (listener.getFilterChainsCount() != 1) {
      throw new InvalidField(
          "filter_chains", "must be exactly one, are " + listener.getFilterChainsCount());
    }
    FilterChain chain = listener.getFilterChains(0);
    if (chain.getFiltersCount() != 1) {
      throw new InvalidField(
          "filter_chains[0].filters",
          "must be exactly one, the HTTP connection manager or the TCP proxy; are "
              + chain.getFiltersCount());
    }
    DownstreamTls tls =
        chain.hasTransportSocket()
            ? DownstreamTlsReader.read(chain.getTransportSocket(), TRANSPORT)
            : null;
    return new ListenerConfig(
        listener.getName(),
        address(listener),
        tls,
        treatment(chain.getFilters(0).getTypedConfig(), tls));
  }

  private static ListenerConfig.Treatment treatment(Any filter, @Nullable DownstreamTls tls) {
    String path = "filter_chains[0].filters[0].typed_config";
    if (filter.is(TcpProxy.class)) {
      return TcpReader.read(Fields.unpack(filter, TcpProxy.class, path), path);
    }
    if (tls != null) {
      DownstreamTlsReader.checkHttp(tls, TRANSPORT);
    }
    HttpConnectionManager http = Fields.unpack(filter, HttpConnectionManager.class, path);
    return new ListenerConfig.Http(HttpReader.routes(http, path), HttpReader.options(http, path));
  }

  private static IpPort address(Listener listener) {
    try {
      return Fields.address(listener.getAddress());
    } catch (InvalidField e) {
      throw e.within("address");
    }
  }
}
