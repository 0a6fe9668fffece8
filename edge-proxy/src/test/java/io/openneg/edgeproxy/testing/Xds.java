package io.openneg.edgeproxy.testing;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.List;

/** Resources as the control plane of this system sends them. */
public final class Xds {

  private Xds() {}

  public static ConfigSource ads() {
    return ConfigSource.newBuilder()
        .setAds(AggregatedConfigSource.getDefaultInstance())
        .setResourceApiVersion(ApiVersion.V3)
        .build();
  }

  public static Listener listener(String name, int port, String routes) {
    return listener(name, port, http(routes).build());
  }

  public static Listener listener(String name, int port, HttpConnectionManager http) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address("127.0.0.1", port))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName("envoy.filters.network.http_connection_manager")
                        .setTypedConfig(Any.pack(http))))
        .build();
  }

  /** A listener whose connections go to one cluster as they are. */
  public static Listener tcpListener(String name, int port, String cluster) {
    return tcpListener(name, port, tcp(cluster));
  }

  public static Listener tcpListener(String name, int port, TcpProxy.Builder tcp) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address("127.0.0.1", port))
        .addFilterChains(
            FilterChain.newBuilder()
                .addFilters(
                    Filter.newBuilder()
                        .setName("envoy.filters.network.tcp_proxy")
                        .setTypedConfig(Any.pack(tcp.build()))))
        .build();
  }

  public static TcpProxy.Builder tcp(String cluster) {
    return TcpProxy.newBuilder().setStatPrefix("tcp").setCluster(cluster);
  }

  /** The same listener over TLS, with certificates that are secrets of these names. */
  public static Listener tls(Listener listener, List<String> protocols, String... secrets) {
    CommonTlsContext.Builder context = CommonTlsContext.newBuilder().addAllAlpnProtocols(protocols);
    for (String secret : secrets) {
      context.addTlsCertificateSdsSecretConfigs(
          SdsSecretConfig.newBuilder().setName(secret).setSdsConfig(ads()));
    }
    Listener.Builder builder = listener.toBuilder();
    builder
        .getFilterChainsBuilder(0)
        .setTransportSocket(
            TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.tls")
                .setTypedConfig(
                    Any.pack(
                        DownstreamTlsContext.newBuilder().setCommonTlsContext(context).build())));
    return builder.build();
  }

  /** A cluster whose connections begin with a PROXY header. */
  public static Cluster.Builder proxyProtocol(String name, ProxyProtocolConfig.Version version) {
    return cluster(name)
        .setTransportSocket(
            TransportSocket.newBuilder()
                .setName("envoy.transport_sockets.upstream_proxy_protocol")
                .setTypedConfig(
                    Any.pack(
                        ProxyProtocolUpstreamTransport.newBuilder()
                            .setConfig(ProxyProtocolConfig.newBuilder().setVersion(version))
                            .setTransportSocket(
                                TransportSocket.newBuilder()
                                    .setName("envoy.transport_sockets.raw_buffer")
                                    .setTypedConfig(Any.pack(RawBuffer.getDefaultInstance())))
                            .build())));
  }

  /** Routes by RDS, and 502 instead of 503 without a healthy endpoint. */
  public static HttpConnectionManager.Builder http(String routes) {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix("http")
        .setRds(Rds.newBuilder().setRouteConfigName(routes).setConfigSource(ads()))
        .setUseRemoteAddress(com.google.protobuf.BoolValue.of(true))
        .addHttpFilters(
            HttpFilter.newBuilder()
                .setName("envoy.filters.http.router")
                .setTypedConfig(Any.pack(Router.getDefaultInstance())))
        .setLocalReplyConfig(
            LocalReplyConfig.newBuilder()
                .addMappers(
                    ResponseMapper.newBuilder()
                        .setFilter(
                            AccessLogFilter.newBuilder()
                                .setResponseFlagFilter(
                                    ResponseFlagFilter.newBuilder().addFlags("UH")))
                        .setStatusCode(UInt32Value.of(502))));
  }

  /** One virtual host for all domains that sends everything to one cluster. */
  public static RouteConfiguration routes(String name, String cluster) {
    return routes(name, RouteAction.newBuilder().setCluster(cluster));
  }

  public static RouteConfiguration routes(String name, RouteAction.Builder action) {
    return routes(
        name,
        Route.newBuilder()
            .setMatch(RouteMatch.newBuilder().setPrefix("/"))
            .setRoute(action)
            .build());
  }

  public static RouteConfiguration routes(String name, Route... routes) {
    return RouteConfiguration.newBuilder()
        .setName(name)
        .addVirtualHosts(
            VirtualHost.newBuilder().setName("all").addDomains("*").addAllRoutes(List.of(routes)))
        .build();
  }

  /** Retries when no connection could be made. */
  public static RetryPolicy retries(int count) {
    return RetryPolicy.newBuilder()
        .setRetryOn("connect-failure,refused-stream,reset-before-request")
        .setNumRetries(UInt32Value.of(count))
        .build();
  }

  /** Without limits, as the control plane sends it: the default of retries in flight is three. */
  public static Cluster.Builder cluster(String name) {
    UInt32Value unlimited = UInt32Value.of(-1);
    return Cluster.newBuilder()
        .setName(name)
        .setType(Cluster.DiscoveryType.EDS)
        .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()))
        .setConnectTimeout(Duration.newBuilder().setSeconds(1))
        .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
        .setCircuitBreakers(
            CircuitBreakers.newBuilder()
                .addThresholds(
                    CircuitBreakers.Thresholds.newBuilder()
                        .setMaxConnections(unlimited)
                        .setMaxPendingRequests(unlimited)
                        .setMaxRequests(unlimited)
                        .setMaxRetries(unlimited)))
        .setCommonLbConfig(
            Cluster.CommonLbConfig.newBuilder()
                .setHealthyPanicThreshold(Percent.newBuilder().setValue(0))
                .setLocalityWeightedLbConfig(
                    Cluster.CommonLbConfig.LocalityWeightedLbConfig.getDefaultInstance()));
  }

  public static ClusterLoadAssignment localities(String name, LocalityLbEndpoints... localities) {
    return ClusterLoadAssignment.newBuilder()
        .setClusterName(name)
        .addAllEndpoints(List.of(localities))
        .build();
  }

  /** All endpoints in one locality of weight 1. */
  public static ClusterLoadAssignment assignment(String name, LbEndpoint... endpoints) {
    return endpoints.length == 0
        ? localities(name)
        : localities(name, locality("neg-1", 1, endpoints));
  }

  public static LocalityLbEndpoints locality(String neg, int weight, LbEndpoint... endpoints) {
    return LocalityLbEndpoints.newBuilder()
        .setLocality(
            Locality.newBuilder()
                .setRegion("europe-west1")
                .setZone("europe-west1-b")
                .setSubZone(neg))
        .setLoadBalancingWeight(UInt32Value.of(weight))
        .addAllLbEndpoints(List.of(endpoints))
        .build();
  }

  public static LbEndpoint endpoint(int port) {
    return endpoint(port, HealthStatus.HEALTHY);
  }

  public static LbEndpoint endpoint(int port, HealthStatus health) {
    return endpoint("127.0.0.1", port, health);
  }

  public static LbEndpoint endpoint(String ip, int port, HealthStatus health) {
    return LbEndpoint.newBuilder()
        .setEndpoint(Endpoint.newBuilder().setAddress(address(ip, port)))
        .setHealthStatus(health)
        .build();
  }

  public static Address address(String ip, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(ip).setPortValue(port))
        .build();
  }

  public static Any any(Message message) {
    return Any.pack(message);
  }
}
