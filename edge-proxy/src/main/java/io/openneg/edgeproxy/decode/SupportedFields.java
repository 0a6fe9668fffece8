package io.openneg.edgeproxy.decode;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of xDS messages that may be set. A field is either honoured (its reader looks at it)
 * or without effect on what clients and endpoints see; every other one is refused, wherever it
 * stands, those of newer versions of the API too.
 */
final class SupportedFields {

  private static final Map<String, Set<String>> BY_MESSAGE = new HashMap<>();

  private SupportedFields() {}

  static {
    listeners();
    tcpProxy();
    httpConnectionManager();
    routes();
    clusters();
    assignments();
    secrets();
  }

  private static void listeners() {
    allow("envoy.config.listener.v3.Listener", "name address filter_chains bind_to_port");
    // Names, statistics, buffer sizes and how the kernel hands out connections.
    allow(
        "envoy.config.listener.v3.Listener",
        "stat_prefix per_connection_buffer_limit_bytes metadata traffic_direction"
            + " enable_reuse_port tcp_backlog_size ignore_global_conn_limit");
    allow("envoy.config.listener.v3.FilterChain", "filters name metadata transport_socket");
    allow("envoy.config.listener.v3.Filter", "name typed_config");
    allow("envoy.config.core.v3.Address", "socket_address");
    allow("envoy.config.core.v3.SocketAddress", "protocol address port_value");
    allow("envoy.config.core.v3.ConfigSource", "ads initial_fetch_timeout resource_api_version");
    allow("envoy.config.core.v3.AggregatedConfigSource", "");
  }

  private static void tcpProxy() {
    String extension = "envoy.extensions.filters.network.tcp_proxy.v3.";
    allow(extension + "TcpProxy", "cluster idle_timeout max_connect_attempts access_log");
    // Statistics.
    allow(extension + "TcpProxy", "stat_prefix");
  }

  private static void httpConnectionManager() {
    String extension = "envoy.extensions.filters.network.http_connection_manager.v3.";
    allow(
        extension + "HttpConnectionManager",
        "codec_type rds route_config http_filters common_http_protocol_options"
            + " http_protocol_options server_name server_header_transformation"
            + " stream_idle_timeout request_timeout"
            + " request_headers_timeout use_remote_address skip_xff_append generate_request_id"
            + " local_reply_config access_log");
    // Statistics; drain_timeout is HTTP/2's; delayed_close_timeout only delays a close.
    allow(
        extension + "HttpConnectionManager",
        "stat_prefix drain_timeout delayed_close_timeout internal_address_config");
    allow(extension + "HttpConnectionManager.InternalAddressConfig", "unix_sockets cidr_ranges");
    allow("envoy.config.core.v3.CidrRange", "address_prefix prefix_len");
    allow(extension + "Rds", "config_source route_config_name");
    allow(extension + "HttpFilter", "name typed_config");
    allow(extension + "LocalReplyConfig", "mappers");
    allow(extension + "ResponseMapper", "filter status_code body");
    allow(
        "envoy.config.accesslog.v3.AccessLogFilter",
        "response_flag_filter and_filter extension_filter runtime_filter");
    allow("envoy.config.accesslog.v3.AccessLog", "name filter typed_config");
    allow("envoy.config.accesslog.v3.AndFilter", "filters");
    allow("envoy.config.accesslog.v3.ExtensionFilter", "name typed_config");
    // Without a runtime, the key names nothing, and what is drawn is always drawn anew.
    allow(
        "envoy.config.accesslog.v3.RuntimeFilter",
        "runtime_key percent_sampled use_independent_randomness");
    allow("envoy.type.v3.FractionalPercent", "numerator denominator");
    allow("envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter", "expression");
    allow("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", "log_format");
    allow("envoy.config.core.v3.SubstitutionFormatString", "json_format");
    allow("envoy.config.accesslog.v3.ResponseFlagFilter", "flags");
    allow("envoy.config.core.v3.DataSource", "inline_bytes inline_string");
    allow("envoy.config.core.v3.HttpProtocolOptions", "idle_timeout");
    allow("envoy.config.core.v3.Http1ProtocolOptions", "allow_absolute_url accept_http_10");
    // Statistics, tracing and headers of Envoy's own that this proxy never sends.
    allow(
        "envoy.extensions.filters.http.router.v3.Router",
        "dynamic_stats start_child_span suppress_envoy_headers");
  }

  private static void routes() {
    String route = "envoy.config.route.v3.";
    allow(
        route + "RouteConfiguration",
        "name virtual_hosts ignore_port_in_host_matching validate_clusters metadata"
            + " max_direct_response_body_size_bytes");
    String headerChanges =
        "request_headers_to_add request_headers_to_remove response_headers_to_add"
            + " response_headers_to_remove";
    allow(route + "RouteConfiguration", headerChanges);
    allow(route + "VirtualHost", "name domains routes retry_policy metadata " + headerChanges);
    allow(
        route + "Route",
        "name match route redirect direct_response metadata decorator stat_prefix "
            + headerChanges);
    allow("envoy.config.core.v3.HeaderValueOption", "header append_action");
    allow("envoy.config.core.v3.HeaderValue", "key value");
    allow(route + "Decorator", "operation propagate");
    allow(
        route + "RouteMatch",
        "prefix path path_separated_prefix safe_regex case_sensitive headers query_parameters");
    allow(route + "HeaderMatcher", "name string_match range_match present_match invert_match");
    allow(route + "QueryParameterMatcher", "name string_match present_match");
    allow("envoy.type.matcher.v3.StringMatcher", "exact prefix suffix safe_regex");
    allow("envoy.type.matcher.v3.RegexMatcher", "regex");
    allow("envoy.type.v3.Int64Range", "start end");
    allow(
        route + "RouteAction",
        "cluster weighted_clusters cluster_not_found_response_code timeout idle_timeout"
            + " retry_policy prefix_rewrite host_rewrite_literal hash_policy");
    allow(route + "RouteAction.HashPolicy", "header cookie connection_properties");
    allow(route + "RouteAction.HashPolicy.Header", "header_name");
    allow(route + "RouteAction.HashPolicy.Cookie", "name path ttl");
    allow(route + "RouteAction.HashPolicy.ConnectionProperties", "source_ip");
    allow(route + "WeightedCluster", "clusters");
    allow(route + "WeightedCluster.ClusterWeight", "name weight " + headerChanges);
    allow(
        route + "RetryPolicy",
        "retry_on num_retries retry_host_predicate host_selection_retry_max_attempts");
    allow(route + "RetryPolicy.RetryHostPredicate", "name typed_config");
    allow("envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate", "");
    allow(
        route + "RedirectAction",
        "https_redirect scheme_redirect host_redirect port_redirect path_redirect prefix_rewrite"
            + " response_code strip_query");
    allow(route + "DirectResponseAction", "status body");
  }

  private static void clusters() {
    String cluster = "envoy.config.cluster.v3.";
    allow(
        cluster + "Cluster",
        "name type eds_cluster_config connect_timeout lb_policy least_request_lb_config ring_hash_lb_config"
            + " round_robin_lb_config common_lb_config circuit_breakers"
            + " typed_extension_protocol_options transport_socket");
    // Statistics, DNS (endpoints are IP addresses), and health checks, which this proxy never does.
    allow(
        cluster + "Cluster",
        "alt_stat_name per_connection_buffer_limit_bytes metadata dns_lookup_family"
            + " cleanup_interval ignore_health_on_host_removal track_cluster_stats");
    allow(cluster + "TrackClusterStats", "timeout_budgets request_response_sizes");
    allow(cluster + "Cluster.EdsClusterConfig", "eds_config service_name");
    allow(cluster + "Cluster.LeastRequestLbConfig", "choice_count");
    allow(cluster + "Cluster.RoundRobinLbConfig", "");
    // There is no ring here: every endpoint has a score.
    allow(cluster + "Cluster.RingHashLbConfig", "minimum_ring_size maximum_ring_size");
    // update_merge_window: here every update is applied at once.
    allow(
        cluster + "Cluster.CommonLbConfig",
        "healthy_panic_threshold locality_weighted_lb_config update_merge_window"
            + " ignore_new_hosts_until_first_hc");
    allow(cluster + "Cluster.CommonLbConfig.LocalityWeightedLbConfig", "");
    allow("envoy.type.v3.Percent", "value");
    allow(cluster + "CircuitBreakers", "thresholds");
    allow(
        cluster + "CircuitBreakers.Thresholds",
        "priority max_connections max_pending_requests max_requests max_retries track_remaining");
    String http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    allow(http, "common_http_protocol_options explicit_http_config");
    allow(http + ".ExplicitHttpConfig", "http_protocol_options http2_protocol_options");
    allow("envoy.config.core.v3.Http2ProtocolOptions", "");
    // Without validation_context, so certificates are not verified; no sni, as by default.
    allow("envoy.config.core.v3.TransportSocket", "name typed_config");
    String sockets = "envoy.extensions.transport_sockets.";
    allow(sockets + "proxy_protocol.v3.ProxyProtocolUpstreamTransport", "config transport_socket");
    allow("envoy.config.core.v3.ProxyProtocolConfig", "version");
    allow(sockets + "raw_buffer.v3.RawBuffer", "");
    String tls = sockets + "tls.v3.";
    allow(tls + "UpstreamTlsContext", "common_tls_context");
    // Certificates are for listeners only, see TransportReader.
    allow(tls + "CommonTlsContext", "alpn_protocols tls_certificate_sds_secret_configs");
    allow(tls + "SdsSecretConfig", "name sds_config");
    allow(tls + "DownstreamTlsContext", "common_tls_context");
  }

  private static void secrets() {
    String tls = "envoy.extensions.transport_sockets.tls.v3.";
    allow(tls + "Secret", "name tls_certificate");
    allow(tls + "TlsCertificate", "certificate_chain private_key");
  }

  private static void assignments() {
    String endpoint = "envoy.config.endpoint.v3.";
    allow(endpoint + "ClusterLoadAssignment", "cluster_name endpoints policy");
    allow(endpoint + "ClusterLoadAssignment.Policy", "overprovisioning_factor");
    allow(
        endpoint + "LocalityLbEndpoints",
        "locality lb_endpoints load_balancing_weight priority metadata");
    allow("envoy.config.core.v3.Locality", "region zone sub_zone");
    allow(endpoint + "LbEndpoint", "endpoint health_status load_balancing_weight metadata");
    allow(endpoint + "Endpoint", "address hostname");
  }

  private static void allow(String message, String fields) {
    Set<String> names = BY_MESSAGE.computeIfAbsent(message, _ -> new HashSet<>());
    if (!fields.isEmpty()) {
      names.addAll(List.of(fields.split(" ")));
    }
  }

  /** The fields of a message that may be set, or null for a type without a rule. */
  static @Nullable Set<String> of(String message) {
    return BY_MESSAGE.get(message);
  }

  /** The messages that have a rule. */
  static Set<String> messages() {
    return Set.copyOf(BY_MESSAGE.keySet());
  }
}
