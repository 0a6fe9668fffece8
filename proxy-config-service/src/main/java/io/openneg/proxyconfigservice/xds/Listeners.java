package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfigservice.routing.RuleTarget;
import java.util.List;
import java.util.Set;

/** Forwarding rule and its target → Listener. */
final class Listeners {
  private static final int BAD_GATEWAY = 502;
  private static final List<String> HTTP_PROTOCOLS = List.of("h2", "http/1.1");

  /** The flag of a local reply for want of a healthy endpoint ("upstream healthy"). */
  private static final String NO_HEALTHY_UPSTREAM = "UH";

  /** Proxies would answer 503; the rule is 502 (seed, "Traffic does not reach the endpoints"). */
  private static final LocalReplyConfig NO_ENDPOINT_IS_502 =
      LocalReplyConfig.newBuilder()
          .addMappers(
              ResponseMapper.newBuilder()
                  .setFilter(
                      AccessLogFilter.newBuilder()
                          .setResponseFlagFilter(
                              ResponseFlagFilter.newBuilder().addFlags(NO_HEALTHY_UPSTREAM)))
                  .setStatusCode(UInt32Value.of(BAD_GATEWAY)))
          .build();

  private Listeners() {}

  /**
   * The name of a rule's listener; proxyless gRPC clients dial {@code xds:///} and this. A regional
   * rule's has its region behind a dot, which no id has.
   */
  static String name(String forwardingRule) {
    String[] parts = forwardingRule.split("/", -1);
    String id = parts[parts.length - 1];
    boolean regional = parts.length == 6 && parts[2].equals("regions");
    return regional ? id + "." + parts[3] : id;
  }

  /** For proxies, which bind an address; requests are routed by a URL map. */
  static XdsResource socket(
      ForwardingRule rule, RuleTarget.Http target, UrlMap map, List<AccessLog> logs) {
    String name = name(rule.getName());
    return socket(
        rule,
        target,
        Filter.newBuilder()
            .setName("envoy.filters.network.http_connection_manager")
            .setTypedConfig(connectionManager(name, target, HttpFilters.forProxies(map), logs))
            .build(),
        HTTP_PROTOCOLS,
        Set.of(target.urlMap()));
  }

  /** For proxies, which bind an address; bytes go to one backend service. */
  static XdsResource socket(ForwardingRule rule, RuleTarget.Bytes target, List<AccessLog> logs) {
    String service = target.service();
    String cluster = target.tellsClient() ? ClientTelling.cluster(service) : service;
    return socket(
        rule,
        target,
        Filter.newBuilder()
            .setName("envoy.filters.network.tcp_proxy")
            .setTypedConfig(
                Packed.any(
                    TcpProxy.newBuilder()
                        .setStatPrefix(name(rule.getName()))
                        .setCluster(cluster)
                        .addAllAccessLog(logs)
                        .build()))
            .build(),
        List.of(),
        target.tellsClient() ? Set.of(service, cluster) : Set.of(service));
  }

  private static XdsResource socket(
      ForwardingRule rule,
      RuleTarget target,
      Filter filter,
      List<String> protocols,
      Set<String> refs) {
    FilterChain.Builder chain = FilterChain.newBuilder().addFilters(filter);
    if (!target.certificates().isEmpty()) {
      chain.setTransportSocket(DownstreamTls.with(target.certificates(), protocols));
    }
    String name = name(rule.getName());
    Listener listener =
        Listener.newBuilder()
            .setName(name)
            .setAddress(
                Address.newBuilder()
                    .setSocketAddress(
                        SocketAddress.newBuilder()
                            .setAddress(rule.getIpAddress())
                            .setPortValue(port(rule))))
            .addFilterChains(chain)
            .build();
    return XdsResource.of(XdsType.LISTENER, name, listener, refs);
  }

  /** For proxyless gRPC clients, which send requests of their own (gRFC A27). */
  static XdsResource api(ForwardingRule rule, RuleTarget.Http target, UrlMap map) {
    String name = name(rule.getName());
    Listener listener =
        Listener.newBuilder()
            .setName(name)
            .setApiListener(
                ApiListener.newBuilder()
                    .setApiListener(
                        connectionManager(name, target, HttpFilters.forProxyless(map), List.of())))
            .build();
    return XdsResource.of(XdsType.LISTENER, name, listener, Set.of(target.urlMap()));
  }

  private static Any connectionManager(
      String name, RuleTarget.Http target, List<HttpFilter> filters, List<AccessLog> logs) {
    return Packed.any(
        HttpConnectionManager.newBuilder()
            .setStatPrefix(name)
            .setRds(
                Rds.newBuilder()
                    .setConfigSource(ConfigSources.ADS)
                    .setRouteConfigName(target.urlMap()))
            .addAllHttpFilters(filters)
            .addAllAccessLog(logs)
            .setUseRemoteAddress(BoolValue.of(true))
            .setLocalReplyConfig(NO_ENDPOINT_IS_502)
            .build());
  }

  /** One port: "80-80" in events, "80" accepted as well. */
  private static int port(ForwardingRule rule) {
    String range = rule.getPortRange();
    int dash = range.indexOf('-');
    try {
      return Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("port_range '%s' is not a port".formatted(range), e);
    }
  }
}
