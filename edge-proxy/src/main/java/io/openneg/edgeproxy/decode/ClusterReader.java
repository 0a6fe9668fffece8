package io.openneg.edgeproxy.decode;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.openneg.edgeproxy.balancing.Policy;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.ClusterConfig.Protocol;
import java.time.Duration;
import java.util.Map;

/**
 * Reads a Cluster: EDS, round robin, least request or random, HTTP/1.1 or HTTP/2, over TLS or not.
 */
final class ClusterReader {

  /** Envoy's, for requests in flight. */
  private static final long DEFAULT_MAX_REQUESTS = 1024;

  private static final long DEFAULT_MAX_CONNECTIONS = 1024;

  private static final long DEFAULT_MAX_RETRIES = 3;

  private static final String HTTP_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  private ClusterReader() {}

  static ClusterConfig read(Cluster cluster) {
    String name = Fields.required(cluster.getName(), "name");
    FieldCheck.check(cluster);
    if (cluster.getType() != Cluster.DiscoveryType.EDS) {
      throw new InvalidField("type", "must be EDS, is " + cluster.getType());
    }
    String edsName = cluster.getEdsClusterConfig().getServiceName();
    Duration connectTimeout =
        cluster.hasConnectTimeout()
            ? Fields.duration(cluster.getConnectTimeout(), "connect_timeout")
            : Duration.ofSeconds(5);
    if (connectTimeout.isZero()) {
      throw new InvalidField("connect_timeout", "must be more than 0s");
    }
    checkPanic(cluster.getCommonLbConfig());
    HttpProtocolOptions http = httpOptions(cluster.getTypedExtensionProtocolOptionsMap());
    TransportReader.Transport transport = TransportReader.read(cluster, protocol(http));
    CircuitBreakers.Thresholds thresholds = thresholds(cluster.getCircuitBreakers());
    return new ClusterConfig(
        name,
        edsName.isEmpty() ? name : edsName,
        Fields.fromAds(
            cluster.getEdsClusterConfig().getEdsConfig(), "eds_cluster_config.eds_config"),
        connectTimeout,
        policy(cluster),
        cluster.getCommonLbConfig().hasLocalityWeightedLbConfig(),
        protocol(http),
        transport.proxyProtocol(),
        transport.tls(),
        idleTimeout(http),
        limit(thresholds.hasMaxRequests(), thresholds.getMaxRequests(), DEFAULT_MAX_REQUESTS),
        limit(
            thresholds.hasMaxConnections(),
            thresholds.getMaxConnections(),
            DEFAULT_MAX_CONNECTIONS),
        limit(thresholds.hasMaxRetries(), thresholds.getMaxRetries(), DEFAULT_MAX_RETRIES));
  }

  private static Policy policy(Cluster cluster) {
    return switch (cluster.getLbPolicy()) {
      case ROUND_ROBIN -> new Policy.RoundRobin();
      case RANDOM -> new Policy.Random();
      case LEAST_REQUEST -> {
        boolean set = cluster.getLeastRequestLbConfig().hasChoiceCount();
        int choices = set ? cluster.getLeastRequestLbConfig().getChoiceCount().getValue() : 2;
        if (choices < 2) {
          throw new InvalidField("least_request_lb_config.choice_count", "must be 2 or more");
        }
        yield new Policy.LeastRequest(choices);
      }
      case RING_HASH, MAGLEV -> new Policy.Hash();
      case CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED ->
          throw new InvalidField(
              "lb_policy",
              "must be ROUND_ROBIN, LEAST_REQUEST, RANDOM, RING_HASH or MAGLEV, is "
                  + cluster.getLbPolicy());
    };
  }

  private static void checkPanic(CommonLbConfig config) {
    if (!config.hasHealthyPanicThreshold() || config.getHealthyPanicThreshold().getValue() != 0) {
      throw new InvalidField(
          "common_lb_config.healthy_panic_threshold",
          "must be set to 0 (absent means 50): this proxy has no panic routing");
    }
  }

  private static HttpProtocolOptions httpOptions(Map<String, Any> extensions) {
    HttpProtocolOptions options = HttpProtocolOptions.getDefaultInstance();
    for (Map.Entry<String, Any> extension : extensions.entrySet()) {
      String path = "typed_extension_protocol_options[\"" + extension.getKey() + "\"]";
      if (!extension.getKey().equals(HTTP_OPTIONS)) {
        throw new InvalidField(path, "not supported by this proxy");
      }
      options = Fields.unpack(extension.getValue(), HttpProtocolOptions.class, path);
      if (!options.hasExplicitHttpConfig()) {
        throw new InvalidField(path + ".explicit_http_config", "must be set");
      }
    }
    return options;
  }

  private static Protocol protocol(HttpProtocolOptions options) {
    return options.getExplicitHttpConfig().hasHttp2ProtocolOptions()
        ? Protocol.HTTP_2
        : Protocol.HTTP_1_1;
  }

  private static Duration idleTimeout(HttpProtocolOptions options) {
    return options.getCommonHttpProtocolOptions().hasIdleTimeout()
        ? Fields.duration(
            options.getCommonHttpProtocolOptions().getIdleTimeout(),
            "typed_extension_protocol_options[\"%s\"].common_http_protocol_options.idle_timeout"
                .formatted(HTTP_OPTIONS))
        : Duration.ofHours(1);
  }

  private static CircuitBreakers.Thresholds thresholds(CircuitBreakers breakers) {
    CircuitBreakers.Thresholds found = CircuitBreakers.Thresholds.getDefaultInstance();
    for (int i = 0; i < breakers.getThresholdsCount(); i++) {
      CircuitBreakers.Thresholds thresholds = breakers.getThresholds(i);
      String path = "circuit_breakers.thresholds[" + i + "]";
      // No route has the other priority, so its thresholds never apply.
      if (thresholds.getPriority() == RoutingPriority.DEFAULT) {
        found = thresholds;
        mustNotBind(thresholds, path + ".max_pending_requests");
      }
    }
    return found;
  }

  /** No request is ever pending here, so a limit of these could not be kept. */
  private static void mustNotBind(CircuitBreakers.Thresholds thresholds, String path) {
    long requests =
        limit(thresholds.hasMaxRequests(), thresholds.getMaxRequests(), DEFAULT_MAX_REQUESTS);
    long pending =
        limit(thresholds.hasMaxPendingRequests(), thresholds.getMaxPendingRequests(), requests);
    if (pending < requests) {
      throw new InvalidField(
          path, "must not be lower than max_requests (%d): not supported".formatted(requests));
    }
  }

  private static long limit(boolean set, UInt32Value value, long otherwise) {
    return set ? Integer.toUnsignedLong(value.getValue()) : otherwise;
  }
}
