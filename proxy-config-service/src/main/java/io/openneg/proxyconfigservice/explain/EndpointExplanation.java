package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.health.v1.HealthChanged;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.time.Instant;
import java.util.ArrayList;
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
  private final List<Finding> findings = new ArrayList<>();

  /**
   * One link.
   *
   * @param resource the name of what it is about
   * @param advice what to do; empty when it holds, or when there is nothing to do but wait
   */
  public record Finding(String resource, boolean holds, String text, String advice) {}

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
      fails(neg, "no backend service has the group as a backend", "add it with AddBackend");
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
                + findings.stream()
                    .filter(finding -> !finding.holds())
                    .findFirst()
                    .map(finding -> finding.resource() + ": " + finding.text())
                    .orElse("there is no complete way to it");
    return new Explanation(receives, summary, List.copyOf(findings));
  }

  private boolean holds(String resource, String text) {
    findings.add(new Finding(resource, true, text, ""));
    return true;
  }

  private boolean fails(String resource, String text, String advice) {
    findings.add(new Finding(resource, false, text, advice));
    return false;
  }

  private boolean isAttached(String neg, EndpointAddress address) {
    if (!table.negs().containsKey(neg)) {
      return fails(neg, "there is no such group", "create it, or check its name and zone");
    }
    if (table.endpoints(neg).containsKey(address)) {
      return holds(neg, address + " is attached");
    }
    for (String service : new TreeSet<>(table.servicesOfNeg(neg))) {
      @Nullable Instant until = table.draining(service, neg).get(address);
      if (until != null) {
        return fails(
            neg,
            "%s was detached; for %s it finishes what it has until %s"
                .formatted(address, service, until),
            "attach it again if it is to serve");
      }
    }
    return fails(neg, address + " is not attached", "attach it with AttachNetworkEndpoints");
  }

  private boolean gets(String name, String neg, EndpointAddress address) {
    @Nullable BackendService service = table.backendServices().get(name);
    if (service == null) {
      return fails(name, "there is no such backend service", "");
    }
    boolean ready = hasCapacity(service, neg);
    for (String check : service.getHealthChecksList()) {
      ready &= isHealthy(check, address);
    }
    if (service.getHealthChecksCount() == 0) {
      holds(name, "has no health check, so every endpoint counts as able to serve");
    }
    return isRouted(name) && ready;
  }

  private boolean hasCapacity(BackendService service, String neg) {
    for (Backend backend : service.getBackendsList()) {
      if (backend.getGroup().equals(neg)
          && backend.hasCapacityScaler()
          && backend.getCapacityScaler() == 0) {
        return fails(
            service.getName(),
            "its capacity scaler for the group is 0, which drains it",
            "set capacity_scaler above 0");
      }
    }
    return holds(service.getName(), "has the group as a backend");
  }

  private boolean isHealthy(String check, EndpointAddress address) {
    @Nullable HealthChanged verdict = table.health(check).get(address);
    if (verdict == null) {
      return fails(
          check,
          "has no verdict yet, and an endpoint gets no traffic before its first good one",
          "wait for as many probes as healthy_threshold says; if it stays so, look at health-service");
    }
    String since =
        "%s since %s: %s"
            .formatted(
                verdict.getNewState(),
                Instant.ofEpochSecond(
                    verdict.getObservedAt().getSeconds(), verdict.getObservedAt().getNanos()),
                verdict.getProbeText().isEmpty()
                    ? verdict.getReason().name()
                    : verdict.getReason() + ", " + verdict.getProbeText());
    return verdict.getNewState() == HealthState.HEALTHY
        ? holds(check, since)
        : fails(check, since, "see why the probe fails; the check's settings say what it asks");
  }

  private boolean isRouted(String service) {
    if (snapshot.clusters().get(service) == null) {
      return fails(service, "proxies are not told of it" + reasons(service), "");
    }
    List<String> maps = naming(snapshot.routes(), service).toList();
    if (maps.isEmpty()) {
      return fails(
          service, "no URL map sends requests to it", "name it in a URL map's rules or default");
    }
    boolean listened = false;
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
      return holds(
          map,
          "sends requests to it, which come by " + String.join(", ", listeners) + reasons(map));
    }
    for (ForwardingRule rule : table.forwardingRules().values()) {
      if (snapshot.droppedRules().containsKey(rule.getName())) {
        fails(rule.getName(), "is not served" + reasons(rule.getName()), "");
      }
    }
    return fails(
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

  private String reasons(String resource) {
    List<String> reasons =
        Stream.of(snapshot.dropped(), snapshot.droppedRules())
            .flatMap(dropped -> dropped.getOrDefault(resource, List.of()).stream())
            .toList();
    return reasons.isEmpty() ? "" : "; left out: " + String.join("; ", reasons);
  }

  private boolean areTold() {
    if (proxies.isEmpty()) {
      return fails(
          "proxies", "none is connected", "start one with the address of this service for its xDS");
    }
    boolean one = false;
    for (ProxyStatus proxy : proxies) {
      List<String> lag = proxy.lagBehind(snapshot.revision());
      if (lag.isEmpty()) {
        one = holds(proxy.nodeId(), "has acknowledged revision " + snapshot.revision());
      } else {
        fails(
            proxy.nodeId(),
            "has not got all of revision %d: %s"
                .formatted(snapshot.revision(), String.join("; ", lag)),
            "");
      }
    }
    return one;
  }
}
