package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.Endpoint;
import io.openneg.edgeproxy.config.Health;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads a ClusterLoadAssignment. */
final class AssignmentReader {

  private static final int DEFAULT_OVERPROVISIONING_PERCENT = 140;

  private AssignmentReader() {}

  static Assignment read(ClusterLoadAssignment assignment) {
    Fields.required(assignment.getClusterName(), "cluster_name");
    FieldCheck.check(assignment);
    List<Assignment.Group> groups = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < assignment.getEndpointsCount(); i++) {
      LocalityLbEndpoints group = assignment.getEndpoints(i);
      String path = "endpoints[" + i + "]";
      String locality = name(group.getLocality());
      if (!seen.add(group.getPriority() + "/" + locality)) {
        throw new InvalidField(
            path + ".locality",
            "\"%s\" is there twice with priority %d".formatted(locality, group.getPriority()));
      }
      if (group.getPriority() < 0 || group.getPriority() > 128) {
        throw new InvalidField(path + ".priority", "must be 0..128");
      }
      groups.add(
          new Assignment.Group(
              locality,
              Integer.toUnsignedLong(group.getLoadBalancingWeight().getValue()),
              group.getPriority(),
              endpoints(group, weight(assignment), path)));
    }
    int overprovisioning =
        assignment.getPolicy().hasOverprovisioningFactor()
            ? assignment.getPolicy().getOverprovisioningFactor().getValue()
            : DEFAULT_OVERPROVISIONING_PERCENT;
    if (overprovisioning <= 0) {
      throw new InvalidField("policy.overprovisioning_factor", "must be more than 0");
    }
    return new Assignment(assignment.getClusterName(), overprovisioning, groups);
  }

  private static List<Endpoint> endpoints(LocalityLbEndpoints group, int weight, String path) {
    List<Endpoint> endpoints = new ArrayList<>(group.getLbEndpointsCount());
    for (int i = 0; i < group.getLbEndpointsCount(); i++) {
      try {
        endpoints.add(endpoint(group.getLbEndpoints(i), weight));
      } catch (InvalidField e) {
        throw e.within(path + ".lb_endpoints[" + i + "]");
      }
    }
    return endpoints;
  }

  private static Endpoint endpoint(LbEndpoint endpoint, int weight) {
    if (weight(endpoint) != weight) {
      throw new InvalidField(
          "load_balancing_weight",
          "endpoints of different weight are not supported by this proxy, only localities");
    }
    try {
      return new Endpoint(
          Fields.address(endpoint.getEndpoint().getAddress()), health(endpoint.getHealthStatus()));
    } catch (InvalidField e) {
      throw e.within("endpoint.address");
    }
  }

  /** The weight that all endpoints must have. */
  private static int weight(ClusterLoadAssignment assignment) {
    for (LocalityLbEndpoints group : assignment.getEndpointsList()) {
      if (group.getLbEndpointsCount() > 0) {
        return weight(group.getLbEndpoints(0));
      }
    }
    return 1;
  }

  private static int weight(LbEndpoint endpoint) {
    return endpoint.hasLoadBalancingWeight() ? endpoint.getLoadBalancingWeight().getValue() : 1;
  }

  private static Health health(HealthStatus status) {
    return switch (status) {
      case UNKNOWN, HEALTHY -> Health.HEALTHY;
      case DRAINING -> Health.DRAINING;
      case UNHEALTHY, TIMEOUT, DEGRADED, UNRECOGNIZED -> Health.UNHEALTHY;
    };
  }

  private static String name(Locality locality) {
    return locality.getRegion() + "/" + locality.getZone() + "/" + locality.getSubZone();
  }
}
