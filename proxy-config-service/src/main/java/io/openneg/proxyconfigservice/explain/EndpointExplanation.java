package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Why an endpoint gets traffic, or does not: link by link from the group to the proxies, what holds
 * and what to do about what does not. Pure; not thread-safe.
 *
 * <p>What proxies are told is read from what they are told, so it cannot differ from it.
 */
public final class EndpointExplanation {
  private final RoutingTable table;
  private final XdsSnapshot snapshot;
  private final List<ProxyStatus> proxies;
  private final Findings findings = new Findings();

  /**
   * @param receivesTraffic whether at least one connected proxy sends it requests, as far as it has
   *     acknowledged
   */
  public record Explanation(boolean receivesTraffic, String summary, List<Finding> findings) {}

  private EndpointExplanation(RoutingTable table, XdsSnapshot snapshot, List<ProxyStatus> proxies) {
    this.table = table;
    this.snapshot = snapshot;
    this.proxies = proxies;
  }

  public static Explanation of(
      String neg,
      EndpointAddress address,
      RoutingTable table,
      XdsSnapshot snapshot,
      List<ProxyStatus> proxies) {
    return new EndpointExplanation(table, snapshot, proxies).explain(neg, address);
  }

  private Explanation explain(String neg, EndpointAddress address) {
    boolean attached = isAttached(neg, address);
    Set<String> services = new TreeSet<>(table.servicesOfNeg(neg));
    if (services.isEmpty()) {
      findings.fails(
          neg, "no backend service has the group as a backend", "add it with AddBackend");
    }
    boolean served = false;
    for (String service : services) {
      served |= gets(service, neg, address);
    }
    boolean told = areTold();
    boolean receives = attached && served && told;
    String summary =
        receives
            ? address + " gets traffic"
            : address
                + " gets no traffic: "
                + findings.firstFailure().orElse("there is no complete way to it");
    return new Explanation(receives, summary, findings.list());
  }

  private boolean isAttached(String neg, EndpointAddress address) {
    if (!table.hasGroup(neg)) {
      return findings.fails(neg, "there is no such group", "create it, or check its name and zone");
    }
    if (table.endpoints(neg).containsKey(address)) {
      return findings.holds(neg, address + " is attached");
    }
    for (String service : new TreeSet<>(table.servicesOfNeg(neg))) {
      @Nullable Instant until = table.draining(service, neg).get(address);
      if (until != null) {
        return findings.fails(
            neg,
            "%s was detached; for %s it finishes what it has until %s"
                .formatted(address, service, until),
            "attach it again if it is to serve");
      }
    }
    return findings.fails(
        neg,
        address + " is not attached",
        table.instanceGroups().containsKey(neg)
            ? "add its instance with AddInstances, and its port with SetNamedPorts"
            : "attach it with AttachNetworkEndpoints");
  }

  private boolean gets(String name, String neg, EndpointAddress address) {
    @Nullable BackendService service = table.backendServices().get(name);
    if (service == null) {
      return findings.fails(name, "there is no such backend service", "");
    }
    boolean ready = findings.add(BackendLinks.capacity(service, neg));
    if (table.instanceGroups().containsKey(neg)) {
      ready &= findings.add(BackendLinks.port(table, service, neg, address));
    }
    for (String check : service.getHealthChecksList()) {
      ready &= findings.add(BackendLinks.health(table, check, address));
    }
    if (service.getHealthChecksCount() == 0) {
      findings.holds(name, "has no health check, so every endpoint counts as able to serve");
    }
    return isRouted(name) && ready;
  }

  private boolean isRouted(String service) {
    if (snapshot.clusters().get(service) == null) {
      return findings.fails(
          service, "proxies are not told of it" + BackendLinks.leftOut(snapshot, service), "");
    }
    List<String> maps = naming(snapshot.routes(), service).toList();
    List<String> passing = naming(snapshot.socketListeners(), service).sorted().toList();
    if (maps.isEmpty() && passing.isEmpty()) {
      return findings.fails(
          service,
          "no URL map sends requests to it, and no TCP or SSL proxy passes bytes to it",
          "name it in a URL map's rules or default, or in a target proxy with a forwarding rule");
    }
    boolean listened = false;
    if (!passing.isEmpty()) {
      listened = findings.holds(service, "gets what comes by " + String.join(", ", passing));
    }
    for (String map : maps) {
      listened |= isListened(map);
    }
    return listened;
  }

  private boolean isListened(String map) {
    List<String> listeners =
        Stream.concat(naming(snapshot.socketListeners(), map), naming(snapshot.apiListeners(), map))
            .distinct()
            .sorted()
            .toList();
    if (!listeners.isEmpty()) {
      return findings.holds(
          map,
          "sends requests to it, which come by "
              + String.join(", ", listeners)
              + BackendLinks.leftOut(snapshot, map));
    }
    for (ForwardingRule rule : table.forwardingRules().values()) {
      if (snapshot.droppedRules().containsKey(rule.getName())) {
        findings.fails(
            rule.getName(), "is not served" + BackendLinks.leftOut(snapshot, rule.getName()), "");
      }
    }
    return findings.fails(
        map,
        "sends requests to it, but no forwarding rule leads to it",
        "create a target proxy for it and a forwarding rule for that");
  }

  /** Names of the resources that point to another one. */
  private static Stream<String> naming(ResourceSet set, String name) {
    return set.byName().values().stream()
        .filter(resource -> resource.refs().contains(name))
        .map(XdsResource::name);
  }

  private boolean areTold() {
    if (proxies.isEmpty()) {
      return findings.fails(
          "proxies", "none is connected", "start one with the address of this service for its xDS");
    }
    boolean one = false;
    for (ProxyStatus proxy : proxies) {
      List<String> lag = proxy.lagBehind(snapshot.revision());
      if (lag.isEmpty()) {
        one = findings.holds(proxy.nodeId(), "has acknowledged revision " + snapshot.revision());
      } else {
        findings.fails(
            proxy.nodeId(),
            "has not got all of revision %d: %s"
                .formatted(snapshot.revision(), String.join("; ", lag)),
            "");
      }
    }
    return one;
  }
}
