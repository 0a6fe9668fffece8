package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.Policy;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.Backend.Preference;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.health.v1.HealthChanged;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Backend service, its groups, their endpoints and health → ClusterLoadAssignment: a locality per
 * group.
 */
final class LoadAssignments {
  /** For proxies in none of the service's regions, or when there is no choice between regions. */
  static final String ANY_REGION = "";

  /**
   * Envoy multiplies a locality's weight by min(1, this factor × its share of healthy endpoints);
   * our weights are the capacity of the healthy endpoints already. In per cent, so this one keeps
   * Envoy from discounting as long as one endpoint of 10,000, the most a group has, is healthy.
   */
  private static final int WEIGHTS_AS_THEY_ARE = 100 * 10_000;

  /**
   * Weights are in thousandths of a request per second, or of a connection, unless that would be
   * too much.
   */
  private static final double WEIGHT_UNIT = 1_000;

  /** Proxies refuse weights of a priority that together exceed 32 bits. */
  private static final double MAX_TOTAL_WEIGHT = Integer.MAX_VALUE;

  private static final int MAX_PORT = 65_535;

  private final BackendService service;
  private final RoutingTable table;
  private final Set<EndpointAddress> placed = new HashSet<>();
  private final List<String> dropped = new ArrayList<>();

  /**
   * Assignments by region, and what could not be said in them.
   *
   * @param dropped reasons, for people
   */
  record Translated(Map<String, XdsResource> byRegion, List<String> dropped) {}

  /** A group as part of this service. Capacity as in {@link #fullCapacity}, 0: no traffic. */
  private record Locality(
      NegName neg, List<LbEndpoint> endpoints, double capacity, boolean preferred) {

    /** The lower, the earlier it is used: preference counts more than the region (compute v1). */
    int rank(String homeRegion) {
      boolean home = homeRegion.isEmpty() || homeRegion.equals(neg.region());
      return (preferred ? 0 : 2) + (home ? 0 : 1);
    }
  }

  private LoadAssignments(BackendService service, RoutingTable table) {
    this.service = service;
    this.table = table;
  }

  /**
   * The assignment, by the region of the proxy that asks: its own region comes first, the others
   * when nothing is healthy there. {@link #ANY_REGION} is always there.
   */
  static Translated translate(BackendService service, RoutingTable table) {
    return translate(service.getName(), service, table);
  }

  /**
   * As {@link #translate(BackendService, RoutingTable)}.
   *
   * @param cluster of the service, which may have several
   */
  static Translated translate(String cluster, BackendService service, RoutingTable table) {
    LoadAssignments assignments = new LoadAssignments(service, table);
    List<Locality> localities = assignments.localities();
    Map<String, XdsResource> byRegion = new TreeMap<>();
    byRegion.put(ANY_REGION, assignment(cluster, localities, ANY_REGION));
    if (localities.stream().map(locality -> locality.neg().region()).distinct().count() > 1) {
      for (Locality locality : localities) {
        // A region without capacity is no first choice: clients refuse a priority that is empty.
        if (locality.capacity() > 0) {
          byRegion.computeIfAbsent(
              locality.neg().region(), region -> assignment(cluster, localities, region));
        }
      }
    }
    return new Translated(byRegion, assignments.dropped);
  }

  /** The endpoints of a cluster that does not exist: none. */
  static XdsResource empty(String name) {
    return assignment(name, List.of(), ANY_REGION);
  }

  private List<Locality> localities() {
    List<Locality> localities = new ArrayList<>();
    service.getBackendsList().stream()
        .sorted(Comparator.comparing(Backend::getGroup))
        .forEach(
            backend ->
                NegName.parse(backend.getGroup())
                    .map(neg -> locality(backend, neg))
                    .filter(locality -> !locality.endpoints().isEmpty())
                    .ifPresent(localities::add));
    return localities;
  }

  private Locality locality(Backend backend, NegName neg) {
    List<LbEndpoint> endpoints = new ArrayList<>();
    double scaler = backend.hasCapacityScaler() ? backend.getCapacityScaler() : 1;
    // Without weight alone, Envoy would still use them when no other group has a healthy endpoint.
    HealthStatus serving = scaler > 0 ? HealthStatus.HEALTHY : HealthStatus.DRAINING;
    IntPredicate ports = table.portsFor(service, backend.getGroup());
    boolean instances = table.instanceGroups().containsKey(backend.getGroup());
    // An instance with several ports is one instance.
    Set<String> healthyInstances = new HashSet<>();
    int healthy = 0;
    for (EndpointAddress address : table.endpoints(backend.getGroup()).keySet()) {
      // The same endpoint may be in several groups; in a cluster it is one.
      if (ports.test(address.port()) && isUsable(address, backend) && placed.add(address)) {
        boolean serves = serves(address);
        healthy += serves && (!instances || healthyInstances.add(address.ip())) ? 1 : 0;
        endpoints.add(endpoint(address, serves ? serving : HealthStatus.UNHEALTHY));
      }
    }
    for (EndpointAddress address : table.draining(service.getName(), backend.getGroup()).keySet()) {
      if (ports.test(address.port())
          && !attachedSomewhere(address)
          && isUsable(address, backend)
          && placed.add(address)) {
        endpoints.add(endpoint(address, HealthStatus.DRAINING));
      }
    }
    return new Locality(
        neg,
        endpoints,
        scaler * fullCapacity(backend, healthy),
        backend.getPreference() == Preference.PREFERRED);
  }

  /** Proxies refuse a whole assignment for one address that is none. */
  private boolean isUsable(EndpointAddress address, Backend backend) {
    boolean usable = address.isIpv4() && address.port() >= 1 && address.port() <= MAX_PORT;
    if (!usable) {
      dropped.add(
          "endpoint '%s' of group '%s' is not an IPv4 address with a port"
              .formatted(address, backend.getGroup()));
    }
    return usable;
  }

  private boolean attachedSomewhere(EndpointAddress address) {
    return service.getBackendsList().stream()
        .map(Backend::getGroup)
        .anyMatch(
            group ->
                table.portsFor(service, group).test(address.port())
                    && table.endpoints(group).containsKey(address));
  }

  /**
   * Whether an endpoint may get traffic: with a health check after its first successful verdict
   * only, without one always.
   */
  private boolean serves(EndpointAddress address) {
    for (String check : service.getHealthChecksList()) {
      @Nullable HealthChanged verdict = table.health(check).get(address);
      if (verdict == null || verdict.getNewState() != HealthState.HEALTHY) {
        return false;
      }
    }
    return true;
  }

  /**
   * In requests per second, with CONNECTION in connections, with UTILIZATION in instances: a
   * service has one mode (seed).
   */
  private static double fullCapacity(Backend backend, int healthy) {
    if (backend.getBalancingMode() == BalancingMode.UTILIZATION) {
      return (double) healthy * backend.getMaxUtilization();
    }
    if (backend.hasMaxRate() || backend.hasMaxConnections()) {
      double ofAll = backend.hasMaxRate() ? backend.getMaxRate() : backend.getMaxConnections();
      return healthy == 0 ? 0 : ofAll;
    }
    if (backend.hasMaxConnectionsPerEndpoint()) {
      return (double) healthy * backend.getMaxConnectionsPerEndpoint();
    }
    if (backend.hasMaxConnectionsPerInstance()) {
      return (double) healthy * backend.getMaxConnectionsPerInstance();
    }
    if (backend.hasMaxRatePerInstance()) {
      return (double) healthy * backend.getMaxRatePerInstance();
    }
    return healthy * (backend.hasMaxRatePerEndpoint() ? backend.getMaxRatePerEndpoint() : 1);
  }

  private static LbEndpoint endpoint(EndpointAddress address, HealthStatus health) {
    return LbEndpoint.newBuilder()
        .setEndpoint(
            Endpoint.newBuilder()
                .setAddress(
                    Address.newBuilder()
                        .setSocketAddress(
                            SocketAddress.newBuilder()
                                .setAddress(address.ip())
                                .setPortValue(address.port()))))
        .setHealthStatus(health)
        .build();
  }

  private static XdsResource assignment(String name, List<Locality> localities, String homeRegion) {
    double total = localities.stream().mapToDouble(Locality::capacity).sum();
    double unit = Math.min(WEIGHT_UNIT, MAX_TOTAL_WEIGHT / total);
    ClusterLoadAssignment.Builder assignment =
        ClusterLoadAssignment.newBuilder()
            .setClusterName(name)
            .setPolicy(
                Policy.newBuilder().setOverprovisioningFactor(UInt32Value.of(WEIGHTS_AS_THEY_ARE)));
    // Clients refuse priorities with gaps, and one without capacity is one.
    List<Integer> ranks =
        localities.stream()
            .filter(locality -> locality.capacity() > 0)
            .map(locality -> locality.rank(homeRegion))
            .distinct()
            .sorted()
            .toList();
    for (Locality locality : localities) {
      int rank = locality.rank(homeRegion);
      long before = ranks.stream().filter(other -> other < rank).count();
      LocalityLbEndpoints.Builder group =
          assignment
              .addEndpointsBuilder()
              .setLocality(locality.neg().locality(ambiguous(locality, localities)))
              .setPriority((int) before);
      if (locality.capacity() > 0) {
        long weight = Math.max(1, Math.round(locality.capacity() * unit));
        group.setLoadBalancingWeight(UInt32Value.of((int) Math.min(weight, Integer.MAX_VALUE)));
      }
    }
    // Of its endpoints, ten thousand maybe, address and port are looked at where they are placed.
    EnvoyRules.check(assignment.build());
    for (int i = 0; i < localities.size(); i++) {
      assignment.getEndpointsBuilder(i).addAllLbEndpoints(localities.get(i).endpoints());
    }
    return XdsResource.of(XdsType.ENDPOINTS, name, Packed.unchecked(assignment.build()), Set.of());
  }

  /** Whether a group of another project has the same zone and id. */
  private static boolean ambiguous(Locality locality, List<Locality> all) {
    NegName neg = locality.neg();
    return all.stream()
        .map(Locality::neg)
        .anyMatch(
            other ->
                !other.equals(neg)
                    && other.zone().equals(neg.zone())
                    && other.id().equals(neg.id()));
  }
}
