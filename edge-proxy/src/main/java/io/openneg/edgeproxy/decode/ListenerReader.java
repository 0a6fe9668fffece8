package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;

/** Reads a Listener: one address, one filter chain, one HTTP connection manager. */
final class ListenerReader {

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
          "must be exactly one, the HTTP connection manager; are " + chain.getFiltersCount());
    }
    String path = "filter_chains[0].filters[0].typed_config";
    HttpConnectionManager http =
        Fields.unpack(chain.getFilters(0).getTypedConfig(), HttpConnectionManager.class, path);
    return new ListenerConfig(
        listener.getName(),
        address(listener),
        HttpReader.routes(http, path),
        HttpReader.options(http, path));
  }

  private static IpPort address(Listener listener) {
    try {
      return Fields.address(listener.getAddress());
    } catch (InvalidField e) {
      throw e.within("address");
    }
  }
}
