package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.LocalityWeightedLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import io.openneg.backend.v1.BackendService;
import java.util.Set;

/** Backend service → Cluster. */
final class Clusters {
  /**
   * How long one endpoint may take to accept a connection before another is tried; compute v1 has
   * no field for it.
   */
  private static final Duration CONNECT_TIMEOUT = Duration.newBuilder().setSeconds(2).build();

  /** As an unsigned number: no limit. Proxies default to 1,024, compute v1 to none. */
  private static final UInt32Value UNLIMITED = UInt32Value.of(-1);

  /**
   * Without panic routing: an unhealthy endpoint gets no request even when there is no other, and
   * the answer is 502 (seed, "Traffic does not reach the endpoints").
   */
  private static final CommonLbConfig LOCALITY_WEIGHTS =
      CommonLbConfig.newBuilder()
          .setHealthyPanicThreshold(Percent.getDefaultInstance())
          .setLocalityWeightedLbConfig(LocalityWeightedLbConfig.getDefaultInstance())
          .build();

  private Clusters() {}

  static XdsResource translate(BackendService service) {
    return of(service.getName(), service, UpstreamProtocols.of(service.getProtocol()));
  }

  /** The second cluster of {@link ClientTelling}. */
  static XdsResource telling(BackendService service) {
    return of(
        ClientTelling.cluster(service.getName()),
        service,
        UpstreamProtocols.of(service.getProtocol()).tellingOfClients());
  }

  private static XdsResource of(String name, BackendService service, UpstreamProtocols protocols) {
    Cluster.Builder cluster =
        Cluster.newBuilder()
            .setName(name)
            .setType(DiscoveryType.EDS)
            .setEdsClusterConfig(EdsClusterConfig.newBuilder().setEdsConfig(ConfigSources.ADS))
            .setConnectTimeout(CONNECT_TIMEOUT)
            .setCommonLbConfig(LOCALITY_WEIGHTS)
            .setCircuitBreakers(limits(service.getCircuitBreakers()));
    ClusterPolicies.apply(service, cluster);
    protocols.applyTo(cluster);
    return XdsResource.of(XdsType.CLUSTER, name, cluster.build(), Set.of());
  }

  private static CircuitBreakers limits(io.openneg.backend.v1.CircuitBreakers limits) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            Thresholds.newBuilder()
                .setMaxConnections(limit(limits.hasMaxConnections(), limits.getMaxConnections()))
                .setMaxPendingRequests(
                    limit(limits.hasMaxPendingRequests(), limits.getMaxPendingRequests()))
                .setMaxRequests(limit(limits.hasMaxRequests(), limits.getMaxRequests()))
                .setMaxRetries(limit(limits.hasMaxRetries(), limits.getMaxRetries())))
        .build();
  }

  private static UInt32Value limit(boolean set, int value) {
    return set ? UInt32Value.of(value) : UNLIMITED;
  }
}
