package io.openneg.proxyconfigservice.explain;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which endpoints proxies send requests to, as a reader of what they are told. Pure. */
final class ServingEndpoints {
  private ServingEndpoints() {}

  /**
   * Healthy endpoints with weight of the first priority that has any, in order.
   *
   * @param region of the proxy; empty: unknown
   */
  static List<EndpointAddress> of(XdsSnapshot snapshot, String service, String region) {
    @Nullable XdsResource resource =
        snapshot.get(new Audience(false, region), XdsType.ENDPOINTS, service);
    if (resource == null) {
      return List.of();
    }
    TreeMap<Integer, TreeSet<EndpointAddress>> byPriority = new TreeMap<>();
    for (LocalityLbEndpoints locality : assignment(resource).getEndpointsList()) {
      if (locality.getLoadBalancingWeight().getValue() != 0) {
        for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
          if (endpoint.getHealthStatus() == HealthStatus.HEALTHY) {
            SocketAddress address = endpoint.getEndpoint().getAddress().getSocketAddress();
            byPriority
                .computeIfAbsent(locality.getPriority(), _ -> new TreeSet<>())
                .add(new EndpointAddress(address.getAddress(), address.getPortValue()));
          }
        }
      }
    }
    return byPriority.isEmpty() ? List.of() : List.copyOf(byPriority.firstEntry().getValue());
  }

  private static ClusterLoadAssignment assignment(XdsResource resource) {
    try {
      return resource.body().unpack(ClusterLoadAssignment.class);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("not an assignment of endpoints: " + resource.name(), e);
    }
  }
}
