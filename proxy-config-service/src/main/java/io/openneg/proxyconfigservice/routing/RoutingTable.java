package io.openneg.proxyconfigservice.routing;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.health.v1.HealthChanged;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.TreePMap;

/**
 * Everything the proxies' configuration follows from, as of one revision. Immutable; a change
 * shares all that it does not touch with the table before it.
 *
 * <p>Resources name each other, and nothing here requires the named one to exist: events of
 * different resources arrive in any order.
 */
public final class RoutingTable {
  private static final RoutingTable EMPTY = new RoutingTable(0, new Rows());

  private final long revision;
  private final Rows rows;

  private RoutingTable(long revision, Rows rows) {
    this.revision = revision;
    this.rows = rows;
  }

  /** The table before the first revision. */
  public static RoutingTable empty() {
    return EMPTY;
  }

  /**
   * This table, moved on.
   *
   * @throws IllegalArgumentException when the delta does not begin at this table's revision
   */
  public RoutingTable apply(RoutingTableDelta delta) {
    if (delta.after() != revision) {
      throw new IllegalArgumentException(
          "a delta after revision %d does not fit revision %d".formatted(delta.after(), revision));
    }
    Rows next = new Rows(rows);
    delta.changes().forEach(next::apply);
    return new RoutingTable(delta.upTo(), next);
  }

  public long revision() {
    return revision;
  }

  public Map<String, NetworkEndpointGroup> negs() {
    return rows.negs;
  }

  public Map<String, InstanceGroup> instanceGroups() {
    return rows.instanceGroups;
  }

  /** Whether there is a network endpoint group or an instance group of this name. */
  public boolean hasGroup(String name) {
    return rows.negs.containsKey(name) || rows.instanceGroups.containsKey(name);
  }

  /**
   * Which of a group's ports a backend service uses: all of a network endpoint group's, and of an
   * instance group's those with the service's port name (compute v1).
   */
  public IntPredicate portsFor(BackendService service, String group) {
    @Nullable InstanceGroup instances = rows.instanceGroups.get(group);
    if (instances == null) {
      return _ -> true;
    }
    Set<Integer> named = new HashSet<>();
    for (NamedPort port : instances.getNamedPortsList()) {
      if (port.getName().equals(service.getPortName())) {
        named.add(port.getPort());
      }
    }
    return named::contains;
  }

  /** The endpoints of a group, in order; none when the group is unknown. */
  public SortedMap<EndpointAddress, NetworkEndpoint> endpoints(String neg) {
    return rows.endpoints.getOrDefault(neg, TreePMap.empty());
  }

  /** Endpoints detached from a group that a backend service lets finish, until when; in order. */
  public SortedMap<EndpointAddress, Instant> draining(String backendService, String neg) {
    return rows.draining.getOrDefault(new ServiceAndNeg(backendService, neg), TreePMap.empty());
  }

  /** The last verdicts of a health check; an endpoint without one is not in the map. */
  public Map<EndpointAddress, HealthChanged> health(String healthCheck) {
    return rows.health.getOrDefault(healthCheck, HashTreePMap.empty());
  }

  public Map<String, HealthCheck> healthChecks() {
    return rows.healthChecks;
  }

  public Map<String, BackendService> backendServices() {
    return rows.backendServices;
  }

  public Map<String, UrlMap> urlMaps() {
    return rows.urlMaps;
  }

  public Map<String, TargetHttpProxy> targetHttpProxies() {
    return rows.targetHttpProxies;
  }

  public Map<String, KeyedCertificate> sslCertificates() {
    return rows.sslCertificates;
  }

  public Map<String, TargetHttpsProxy> targetHttpsProxies() {
    return rows.targetHttpsProxies;
  }

  public Map<String, TargetTcpProxy> targetTcpProxies() {
    return rows.targetTcpProxies;
  }

  public Map<String, TargetSslProxy> targetSslProxies() {
    return rows.targetSslProxies;
  }

  public Map<String, ForwardingRule> forwardingRules() {
    return rows.forwardingRules;
  }

  /** Names of the backend services that have this group as a backend. */
  public Set<String> servicesOfNeg(String neg) {
    return rows.servicesOfNeg.getOrDefault(neg, HashTreePSet.empty());
  }

  /** Names of the backend services whose endpoints this health check judges. */
  public Set<String> servicesOfHealthCheck(String healthCheck) {
    return rows.servicesOfHealthCheck.getOrDefault(healthCheck, HashTreePSet.empty());
  }

  /** Whether the rows are the same, whatever the revisions. */
  public boolean hasRowsOf(RoutingTable that) {
    return rows.equals(that.rows);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RoutingTable that && revision == that.revision && hasRowsOf(that);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(revision);
  }

  @Override
  public String toString() {
    return "RoutingTable at revision %d: %d groups, %d backend services, %d forwarding rules"
        .formatted(
            revision, rows.negs.size(), rows.backendServices.size(), rows.forwardingRules.size());
  }

  /** Draining is per backend service: each has its own timeout. */
  record ServiceAndNeg(String backendService, String neg) {}
}
