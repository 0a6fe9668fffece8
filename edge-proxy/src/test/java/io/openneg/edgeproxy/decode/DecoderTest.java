package io.openneg.edgeproxy.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.ProxyProtocolConfig.Version;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.openneg.edgeproxy.balancing.Policy;
import io.openneg.edgeproxy.config.AccessLog;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.Health;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.LocalReplies.Reply;
import io.openneg.edgeproxy.config.ResponseFlag;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.testing.TestCertificate;
import io.openneg.edgeproxy.testing.Xds;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderTest {

  private static final String HCM = "filter_chains[0].filters[0].typed_config";

  private static <T> T accepted(Decoder<T> decoder, Message resource) {
    return switch (decoder.decode(Any.pack(resource))) {
      case Decoded.Accepted<T>(String _, T config) -> config;
      case Decoded.Rejected<T>(String _, String reason) -> throw new AssertionError(reason);
    };
  }

  private static <T> String rejected(Decoder<T> decoder, Message resource) {
    return switch (decoder.decode(Any.pack(resource))) {
      case Decoded.Accepted<T> accepted -> throw new AssertionError(accepted);
      case Decoded.Rejected<T>(String _, String reason) -> reason;
    };
  }

  private static Listener listener(HttpConnectionManager.Builder http) {
    return Xds.listener("fr-1", 8080, http.build());
  }

  @Test
  void readsTheListenerThatTheControlPlaneSends() {
    ListenerConfig config =
        accepted(Decoder.LISTENERS, Xds.listener("fr-1", 8080, "projects/p/global/urlMaps/m"));
    assertThat(config.name()).isEqualTo("fr-1");
    assertThat(config.address()).isEqualTo(new IpPort("127.0.0.1", 8080));
    ListenerConfig.Http http = (ListenerConfig.Http) config.treatment();
    assertThat(http.routes())
        .isEqualTo(new ListenerConfig.Routes.Named("projects/p/global/urlMaps/m"));
    Reply unhealthy = new Reply(503, "no healthy upstream");
    assertThat(http.options().localReplies().map(unhealthy, Set.of(ResponseFlag.UH)).status())
        .isEqualTo(502);
    assertThat(http.options().localReplies().map(unhealthy, Set.of(ResponseFlag.UF)).status())
        .isEqualTo(503);
  }

  @Test
  void refusesAListenerForProxylessClients() {
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Listener.newBuilder()
                    .setName("fr-1")
                    .setApiListener(ApiListener.getDefaultInstance())
                    .build()))
        .isEqualTo("Listener \"fr-1\": api_listener: is for proxyless clients, this is a proxy");
  }

  @Test
  void refusesWhatAListenerCannotDo() {
    Listener.Builder tls = Xds.listener("fr-1", 8080, "r").toBuilder();
    tls.getFilterChainsBuilder(0)
        .setTransportSocket(TransportSocket.newBuilder().setName("envoy.transport_sockets.tls"));
    assertThat(rejected(Decoder.LISTENERS, tls.build()))
        .isEqualTo(
            "Listener \"fr-1\": filter_chains[0].transport_socket.typed_config: \"\" is not supported"
                + " by this proxy");
    assertThat(rejected(Decoder.LISTENERS, Xds.listener("fr-1", 0, "r")))
        .contains("address.socket_address.port_value: must be 1..65535, is 0");
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Xds.listener("fr-1", 80, "r").toBuilder()
                    .setAddress(Xds.address("example.com", 80))
                    .build()))
        .contains("address.socket_address.address: must be an IP address, is \"example.com\"");
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Xds.listener("fr-1", 80, "r").toBuilder()
                    .setBindToPort(BoolValue.of(false))
                    .build()))
        .contains("bind_to_port: must be true");
  }

  @Test
  void refusesWhatTheHttpConnectionManagerCannotDo() {
    assertThat(rejected(Decoder.LISTENERS, listener(Xds.http("r").setVia("x"))))
        .isEqualTo("Listener \"fr-1\": " + HCM + ".via: not supported by this proxy");
    assertThat(
            rejected(
                Decoder.LISTENERS,
                listener(Xds.http("r").setCodecType(HttpConnectionManager.CodecType.HTTP3))))
        .contains(HCM + ".codec_type: must be AUTO or HTTP1, is HTTP3");
    assertThat(
            rejected(
                Decoder.LISTENERS,
                listener(
                    Xds.http("r")
                        .addHttpFilters(
                            0, HttpFilter.newBuilder().setName("envoy.filters.http.lua")))))
        .contains(HCM + ".http_filters: must be exactly one, the router; are 2");
    assertThat(
            rejected(
                Decoder.LISTENERS,
                listener(Xds.http("r").setRequestTimeout(Duration.newBuilder().setSeconds(1)))))
        .contains(HCM + ".request_timeout: not supported");
    accepted(
        Decoder.LISTENERS,
        listener(Xds.http("r").setRequestTimeout(Duration.getDefaultInstance())));
  }

  @Test
  void refusesFieldsThatAreNewerThanItself() {
    Listener listener =
        Xds.listener("fr-1", 80, "r").toBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build();
    assertThat(rejected(Decoder.LISTENERS, listener))
        .isEqualTo("Listener \"fr-1\": #999: unknown field");
  }

  @Test
  void refusesWhatARouteCannotDo() {
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes(
                    "r",
                    RouteAction.newBuilder()
                        .setWeightedClusters(WeightedCluster.getDefaultInstance()))))
        .isEqualTo(
            "RouteConfiguration \"r\": virtual_hosts[0].routes[0].route.weighted_clusters: must have"
                + " one with a weight above 0");
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes(
                    "r",
                    RouteAction.newBuilder()
                        .setCluster("c")
                        .addRequestMirrorPolicies(
                            RouteAction.RequestMirrorPolicy.newBuilder().setCluster("d")))))
        .isEqualTo(
            "RouteConfiguration \"r\": virtual_hosts[0].routes[0].route.request_mirror_policies: not"
                + " supported by this proxy");
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes(
                    "r",
                    RouteAction.newBuilder()
                        .setCluster("c")
                        .setRetryPolicy(RetryPolicy.newBuilder().setRetryOn("5xx")))))
        .contains("virtual_hosts[0].routes[0].route.retry_policy.retry_on: \"5xx\" is not")
        .contains("connect-failure, refused-stream, reset-before-request");
    RouteConfiguration.Builder domains = Xds.routes("r", "c").toBuilder();
    domains.getVirtualHostsBuilder(0).addDomains("a*b");
    assertThat(rejected(Decoder.ROUTES, domains.build()))
        .contains("virtual_hosts[0].domains[1]: \"a*b\" may have one \"*\" only");
    domains.getVirtualHostsBuilder(0).setDomains(1, "*");
    assertThat(rejected(Decoder.ROUTES, domains.build()))
        .contains("virtual_hosts: the domain \"*\" is in the virtual hosts \"all\" and \"all\"");
  }

  @Test
  void refusesWhatARouteCannotAskForOrChange() {
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes(
                    "r",
                    Route.newBuilder()
                        .setMatch(
                            RouteMatch.newBuilder()
                                .setSafeRegex(RegexMatcher.newBuilder().setRegex("(")))
                        .setRoute(RouteAction.newBuilder().setCluster("c"))
                        .build())))
        .contains("routes[0].match.safe_regex.regex: is no RE2 expression: missing closing )");
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes("r", "c").toBuilder()
                    .addRequestHeadersToAdd(
                        HeaderValueOption.newBuilder()
                            .setHeader(
                                HeaderValue.newBuilder().setKey("x").setValue("%START_TIME%")))
                    .build()))
        .contains("request_headers_to_add[0].header.value: \"%START_TIME%\": variables are not");
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes("r", "c").toBuilder().addResponseHeadersToRemove(":status").build()))
        .contains("response_headers_to_remove[0]: \":status\" cannot be changed");
  }

  @Test
  void readsRoutes() {
    RouteTable table =
        accepted(
            Decoder.ROUTES,
            Xds.routes(
                "r", RouteAction.newBuilder().setCluster("c").setRetryPolicy(Xds.retries(2))));
    assertThat(table.clusters()).containsExactly("c");
    assertThat(table.virtualHosts().getFirst().routes().getFirst().action())
        .isInstanceOfSatisfying(
            io.openneg.edgeproxy.routing.RouteAction.Forward.class,
            forward -> {
              assertThat(forward.timeout()).hasSeconds(15);
              assertThat(forward.clusterNotFoundStatus()).isEqualTo(503);
              assertThat(forward.retryPolicy().retries()).isEqualTo(2);
              assertThat(forward.retryPolicy().conditions()).hasSize(3);
            });
  }

  @Test
  void readsClusters() {
    ClusterConfig config =
        accepted(
            Decoder.CLUSTERS,
            Xds.cluster("c")
                .setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST)
                .putTypedExtensionProtocolOptions(
                    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    Any.pack(
                        HttpProtocolOptions.newBuilder()
                            .setExplicitHttpConfig(
                                HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                                    .setHttp2ProtocolOptions(
                                        Http2ProtocolOptions.getDefaultInstance()))
                            .build()))
                .build());
    assertThat(config.edsName()).isEqualTo("c");
    assertThat(config.policy()).isEqualTo(new Policy.LeastRequest(2));
    assertThat(config.protocol()).isEqualTo(ClusterConfig.Protocol.HTTP_2);
    assertThat(config.localityWeighted()).isTrue();
    assertThat(config.maxRequests()).isEqualTo(4_294_967_295L);
  }

  @Test
  void readsThatEndpointsAreToBeChosenAtRandom() {
    assertThat(
            accepted(
                    Decoder.CLUSTERS, Xds.cluster("c").setLbPolicy(Cluster.LbPolicy.RANDOM).build())
                .policy())
        .isEqualTo(new Policy.Random());
  }

  /** proxy-config-service/README.md, "Policies of backend services". */
  @Test
  void refusesWhatWouldKeepClientsOrLeaveEndpointsOut() {
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c").setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED).build()))
        .contains("is CLUSTER_PROVIDED");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c")
                    .setOutlierDetection(OutlierDetection.getDefaultInstance())
                    .build()))
        .contains("outlier_detection");
    assertThat(
            rejected(
                Decoder.ROUTES,
                Xds.routes(
                    "r",
                    RouteAction.newBuilder()
                        .setCluster("c")
                        .addHashPolicy(
                            RouteAction.HashPolicy.newBuilder()
                                .setConnectionProperties(
                                    RouteAction.HashPolicy.ConnectionProperties
                                        .getDefaultInstance())))))
        .contains("hash_policy[0].connection_properties.source_ip: must be true");
  }

  @Test
  void refusesWhatAClusterCannotDo() {
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c")
                    .setCommonLbConfig(Cluster.CommonLbConfig.getDefaultInstance())
                    .build()))
        .isEqualTo(
            "Cluster \"c\": common_lb_config.healthy_panic_threshold: must be set to 0 (absent means"
                + " 50): this proxy has no panic routing");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c")
                    .setOutlierDetection(OutlierDetection.getDefaultInstance())
                    .build()))
        .isEqualTo("Cluster \"c\": outlier_detection: not supported by this proxy");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c")
                    .setTransportSocket(
                        TransportSocket.newBuilder()
                            .setTypedConfig(
                                Any.pack(
                                    UpstreamTlsContext.newBuilder().setSni("a.example").build())))
                    .build()))
        .isEqualTo("Cluster \"c\": transport_socket.typed_config.sni: not supported by this proxy");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c").setType(Cluster.DiscoveryType.STRICT_DNS).build()))
        .contains("type: must be EDS, is STRICT_DNS");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.cluster("c")
                    .setCircuitBreakers(
                        CircuitBreakers.newBuilder()
                            .addThresholds(
                                CircuitBreakers.Thresholds.newBuilder()
                                    .setMaxPendingRequests(UInt32Value.of(10))))
                    .build()))
        .contains("circuit_breakers.thresholds[0].max_pending_requests: must not be lower");
  }

  @Test
  void readsAccessLogsAndRefusesWhatItCannotWrite() {
    var json = SubstitutionFormatString.newBuilder();
    json.getJsonFormatBuilder()
        .putFields("status", Value.newBuilder().setStringValue("%RESPONSE_CODE%").build())
        .putFields("by", Value.newBuilder().setStringValue("web").build());
    var filter = AccessLogFilter.newBuilder();
    filter
        .getAndFilterBuilder()
        .addFilters(ofCluster("xds.cluster_name == \"c\""))
        .addFiltersBuilder()
        .getRuntimeFilterBuilder()
        .setRuntimeKey("key")
        .getPercentSampledBuilder()
        .setNumerator(25);
    assertThat(
            accepted(Decoder.LISTENERS, Xds.tcpListener("fr", 1, logging(json, filter)))
                .treatment())
        .isEqualTo(
            new ListenerConfig.Tcp(
                "c",
                0,
                java.time.Duration.ofHours(1),
                List.of(
                    new AccessLog(
                        "c",
                        250_000,
                        List.of(
                            new AccessLog.Column("by", "web", null),
                            new AccessLog.Column(
                                "status", "%RESPONSE_CODE%", AccessLog.Operator.STATUS))))));
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Xds.tcpListener("fr", 1, logging(json, ofCluster("request.size > 3")))))
        .contains("must be xds.cluster_name == \"…\", once; is request.size > 3");
    json.getJsonFormatBuilder()
        .putFields("ja3", Value.newBuilder().setStringValue("%TLS_JA3_FINGERPRINT%").build());
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Xds.tcpListener("fr", 1, logging(json, AccessLogFilter.newBuilder()))))
        .contains("json_format.ja3: must be text or one operator that is known");
  }

  private static AccessLogFilter.Builder ofCluster(String expression) {
    var filter = AccessLogFilter.newBuilder();
    filter
        .getExtensionFilterBuilder()
        .setName("cel")
        .setTypedConfig(Any.pack(ExpressionFilter.newBuilder().setExpression(expression).build()));
    return filter;
  }

  private static TcpProxy.Builder logging(
      SubstitutionFormatString.Builder format, AccessLogFilter.Builder filter) {
    TcpProxy.Builder tcp = Xds.tcp("c");
    tcp.addAccessLogBuilder()
        .setName("stdout")
        .setFilter(filter)
        .setTypedConfig(Any.pack(StdoutAccessLog.newBuilder().setLogFormat(format).build()));
    return tcp;
  }

  @Test
  void readsAndRefusesTcpProxies() {
    ListenerConfig config = accepted(Decoder.LISTENERS, Xds.tcpListener("fr-1", 5432, "c"));
    assertThat(config.treatment())
        .isEqualTo(new ListenerConfig.Tcp("c", 0, java.time.Duration.ofHours(1), List.of()));
    TcpProxy.Builder tcp = Xds.tcp("c");
    tcp.setMaxConnectAttempts(UInt32Value.of(2)).setIdleTimeout(Duration.newBuilder());
    assertThat(accepted(Decoder.LISTENERS, Xds.tcpListener("fr-1", 5432, tcp)).treatment())
        .isEqualTo(new ListenerConfig.Tcp("c", 2, java.time.Duration.ZERO, List.of()));
    assertThat(
            rejected(
                Decoder.LISTENERS,
                Xds.tcpListener(
                    "fr-1", 5432, Xds.tcp("c").setMaxConnectAttempts(UInt32Value.of(0)))))
        .contains(HCM + ".max_connect_attempts: must be 1 or more");
    assertThat(rejected(Decoder.LISTENERS, Xds.tcpListener("fr-1", 5432, Xds.tcp(""))))
        .contains(HCM + ".cluster: must be set");
    TcpProxy.Builder tunneling = Xds.tcp("c");
    tunneling.getTunnelingConfigBuilder().setHostname("example.com:443");
    assertThat(rejected(Decoder.LISTENERS, Xds.tcpListener("fr-1", 5432, tunneling)))
        .contains(HCM + ".tunneling_config: not supported by this proxy");
  }

  @Test
  void readsAndRefusesTls() {
    Listener http = Xds.listener("fr-1", 443, "r");
    assertThat(
            accepted(Decoder.LISTENERS, Xds.tls(http, List.of("h2", "http/1.1"), "a", "b")).tls())
        .isEqualTo(new DownstreamTls(List.of("a", "b"), List.of("h2", "http/1.1")));
    String context = "filter_chains[0].transport_socket.typed_config.common_tls_context.";
    assertThat(rejected(Decoder.LISTENERS, Xds.tls(http, List.of())))
        .contains(context + "tls_certificate_sds_secret_configs: must name a secret");
    assertThat(rejected(Decoder.LISTENERS, Xds.tls(http, List.of("h2"), "a")))
        .contains(context + "alpn_protocols: must have \"http/1.1\"");
    Listener tcp = Xds.tcpListener("fr-1", 443, "c");
    assertThat(accepted(Decoder.LISTENERS, Xds.tls(tcp, List.of("h2"), "a")).tls())
        .isEqualTo(new DownstreamTls(List.of("a"), List.of("h2")));
    Listener.Builder clientCertificates = tcp.toBuilder();
    clientCertificates
        .getFilterChainsBuilder(0)
        .setTransportSocket(
            TransportSocket.newBuilder()
                .setTypedConfig(
                    Any.pack(
                        DownstreamTlsContext.newBuilder()
                            .setRequireClientCertificate(BoolValue.of(true))
                            .build())));
    assertThat(rejected(Decoder.LISTENERS, clientCertificates.build()))
        .contains("typed_config.require_client_certificate: not supported by this proxy");
  }

  @Test
  void refusesSecretsThatAreNoCertificatesWithTheirKeys() {
    assertThat(rejected(Decoder.SECRETS, Secret.newBuilder().setName("s").build()))
        .isEqualTo("Secret \"s\": tls_certificate: must be set");
    assertThat(rejected(Decoder.SECRETS, TestCertificate.secret("s", "", "")))
        .isEqualTo(
            "Secret \"s\": tls_certificate.certificate_chain: must have a certificate in PEM");
    assertThat(rejected(Decoder.SECRETS, TestCertificate.secret("s", "nonsense", "")))
        .contains("tls_certificate.certificate_chain: must ");
  }

  @Test
  void refusesAKeyThatIsNotTheOneOfTheCertificate(@TempDir Path directory) {
    TestCertificate certificate = TestCertificate.create(directory, "EC", "a");
    String other = TestCertificate.create(directory, "EC", "b").keyPem();
    assertThat(
            rejected(
                Decoder.SECRETS, TestCertificate.secret("s", certificate.certificatePem(), other)))
        .isEqualTo("Secret \"s\": tls_certificate.private_key: is not the key of the certificate");
    assertThat(
            rejected(
                Decoder.SECRETS,
                TestCertificate.secret("s", certificate.certificatePem(), "no key")))
        .contains("tls_certificate.private_key: must be a private key in PEM, not encrypted");
    assertThat(accepted(Decoder.SECRETS, certificate.secret("s")).toString())
        .startsWith("certificate s#");
  }

  @Test
  void readsAndRefusesTheProxyProtocol() {
    ClusterConfig plain = accepted(Decoder.CLUSTERS, Xds.proxyProtocol("c", Version.V1).build());
    assertThat(plain.proxyProtocol()).isTrue();
    assertThat(plain.tls()).isFalse();
    assertThat(rejected(Decoder.CLUSTERS, Xds.proxyProtocol("c", Version.V2).build()))
        .contains("transport_socket.typed_config.config.version: must be V1, is V2");
    assertThat(
            rejected(
                Decoder.CLUSTERS,
                Xds.proxyProtocol("c", Version.V1)
                    .putTypedExtensionProtocolOptions(
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                        Any.pack(
                            HttpProtocolOptions.newBuilder()
                                .setExplicitHttpConfig(
                                    HttpProtocolOptions.ExplicitHttpConfig.newBuilder())
                                .build()))
                    .build()))
        .contains("transport_socket.typed_config: the PROXY protocol is for TCP only");
  }

  @Test
  void readsTheLimitOfConnections() {
    ClusterConfig config =
        accepted(
            Decoder.CLUSTERS,
            Xds.cluster("c")
                .setCircuitBreakers(
                    CircuitBreakers.newBuilder()
                        .addThresholds(
                            CircuitBreakers.Thresholds.newBuilder()
                                .setMaxConnections(UInt32Value.of(10))))
                .build());
    assertThat(config.maxConnections()).isEqualTo(10);
    assertThat(config.maxRequests()).isEqualTo(1024);
  }

  @Test
  void readsAssignments() {
    Assignment assignment =
        accepted(
            Decoder.ASSIGNMENTS,
            Xds.localities(
                "c",
                Xds.locality(
                    "neg-1",
                    30,
                    Xds.endpoint(1, HealthStatus.UNKNOWN),
                    Xds.endpoint(2, HealthStatus.HEALTHY),
                    Xds.endpoint(3, HealthStatus.UNHEALTHY),
                    Xds.endpoint(4, HealthStatus.DRAINING),
                    Xds.endpoint(5, HealthStatus.TIMEOUT),
                    Xds.endpoint(6, HealthStatus.DEGRADED))));
    assertThat(assignment.overprovisioningPercent()).isEqualTo(140);
    assertThat(assignment.groups())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.locality()).isEqualTo("europe-west1/europe-west1-b/neg-1");
              assertThat(group.weight()).isEqualTo(30);
              assertThat(group.endpoints())
                  .extracting(io.openneg.edgeproxy.config.Endpoint::health)
                  .containsExactly(
                      Health.HEALTHY,
                      Health.HEALTHY,
                      Health.UNHEALTHY,
                      Health.DRAINING,
                      Health.UNHEALTHY,
                      Health.UNHEALTHY);
            });
  }

  @Test
  void refusesWhatAnAssignmentCannotDo() {
    ClusterLoadAssignment.Builder weights =
        Xds.assignment("c", Xds.endpoint(1), Xds.endpoint(2)).toBuilder();
    weights
        .getEndpointsBuilder(0)
        .getLbEndpointsBuilder(1)
        .getLoadBalancingWeightBuilder()
        .setValue(2);
    assertThat(rejected(Decoder.ASSIGNMENTS, weights.build()))
        .contains(
            "endpoints[0].lb_endpoints[1].load_balancing_weight: endpoints of different weight");
    assertThat(
            rejected(
                Decoder.ASSIGNMENTS,
                Xds.localities("c", Xds.locality("n", 1), Xds.locality("n", 1))))
        .contains("endpoints[1].locality: \"europe-west1/europe-west1-b/n\" is there twice");
  }

  @Test
  void saysWhatCannotBeParsed() {
    Decoded<ClusterConfig> decoded =
        Decoder.CLUSTERS.decode(
            Any.newBuilder()
                .setTypeUrl(Decoder.CLUSTERS.type().typeUrl())
                .setValue(ByteString.copyFromUtf8("\u0007nonsense"))
                .build());
    assertThat(decoded)
        .isInstanceOfSatisfying(
            Decoded.Rejected.class,
            rejected -> assertThat(rejected.reason()).startsWith("a Cluster cannot be parsed"));
    assertThat(rejected(Decoder.CLUSTERS, Xds.listener("l", 1, "r")))
        .contains("envoy.config.listener.v3.Listener");
  }

  /** A name in the table that no message has would never allow anything, and hide a mistake. */
  @Test
  void everySupportedFieldExists() {
    Set<String> missing = new TreeSet<>();
    Set<String> known = new TreeSet<>();
    for (Descriptor root :
        Set.of(
            Listener.getDescriptor(),
            HttpConnectionManager.getDescriptor(),
            io.envoyproxy.envoy.extensions.filters.http.router.v3.Router.getDescriptor(),
            io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate
                .getDescriptor(),
            RouteConfiguration.getDescriptor(),
            Cluster.getDescriptor(),
            HttpProtocolOptions.getDescriptor(),
            UpstreamTlsContext.getDescriptor(),
            TcpProxy.getDescriptor(),
            ExpressionFilter.getDescriptor(),
            StdoutAccessLog.getDescriptor(),
            DownstreamTlsContext.getDescriptor(),
            Secret.getDescriptor(),
            ProxyProtocolUpstreamTransport.getDescriptor(),
            RawBuffer.getDescriptor(),
            ClusterLoadAssignment.getDescriptor())) {
      visit(root, known, missing);
    }
    assertThat(missing).isEmpty();
    assertThat(SupportedFields.messages()).isSubsetOf(known);
  }

  private static void visit(Descriptor message, Set<String> known, Set<String> missing) {
    if (!known.add(message.getFullName())) {
      return;
    }
    Set<String> supported = SupportedFields.of(message.getFullName());
    for (String field : supported == null ? Set.<String>of() : supported) {
      if (message.findFieldByName(field) == null) {
        missing.add(message.getFullName() + "." + field);
      }
    }
    for (FieldDescriptor field : message.getFields()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        visit(field.getMessageType(), known, missing);
      }
    }
  }
}
