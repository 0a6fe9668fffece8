package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RingHashLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.openneg.backend.v1.BackendService;

/** Policies of a backend service → how a cluster chooses endpoints, and leaves some out. */
final class ClusterPolicies {
  private ClusterPolicies() {}

  static void apply(BackendService service, Cluster.Builder cluster) {
    cluster.setLbPolicy(
        switch (service.getLocalityLbPolicy()) {
          case LOCALITY_LB_POLICY_UNSPECIFIED, ROUND_ROBIN, UNRECOGNIZED -> LbPolicy.ROUND_ROBIN;
          case LEAST_REQUEST -> LbPolicy.LEAST_REQUEST;
          case RING_HASH -> LbPolicy.RING_HASH;
          case MAGLEV -> LbPolicy.MAGLEV;
          case RANDOM -> LbPolicy.RANDOM;
        });
    if (cluster.getLbPolicy() == LbPolicy.RING_HASH
        && service.getConsistentHash().hasMinimumRingSize()) {
      cluster.setRingHashLbConfig(
          RingHashLbConfig.newBuilder()
              .setMinimumRingSize(
                  UInt64Value.of(service.getConsistentHash().getMinimumRingSize())));
    }
    if (service.hasOutlierDetection()) {
      cluster.setOutlierDetection(outliers(service.getOutlierDetection()));
    }
  }

  private static OutlierDetection outliers(io.openneg.backend.v1.OutlierDetection detection) {
    return OutlierDetection.newBuilder()
        .setBaseEjectionTime(detection.getBaseEjectionTime())
        .setInterval(detection.getInterval())
        .setConsecutive5Xx(UInt32Value.of(detection.getConsecutiveErrors()))
        .setEnforcingConsecutive5Xx(UInt32Value.of(detection.getEnforcingConsecutiveErrors()))
        .setConsecutiveGatewayFailure(UInt32Value.of(detection.getConsecutiveGatewayFailure()))
        .setEnforcingConsecutiveGatewayFailure(
            UInt32Value.of(detection.getEnforcingConsecutiveGatewayFailure()))
        .setEnforcingSuccessRate(UInt32Value.of(detection.getEnforcingSuccessRate()))
        .setMaxEjectionPercent(UInt32Value.of(detection.getMaxEjectionPercent()))
        .setSuccessRateMinimumHosts(UInt32Value.of(detection.getSuccessRateMinimumHosts()))
        .setSuccessRateRequestVolume(UInt32Value.of(detection.getSuccessRateRequestVolume()))
        .setSuccessRateStdevFactor(UInt32Value.of(detection.getSuccessRateStdevFactor()))
        .build();
  }
}
