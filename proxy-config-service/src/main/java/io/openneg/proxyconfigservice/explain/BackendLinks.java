package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.health.v1.HealthChanged;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What lets a backend service send requests to an endpoint, or keeps it from that. Pure. */
final class BackendLinks {
  private BackendLinks() {}

  /** Whether a group of a backend service may get anything. */
  static Finding capacity(BackendService service, String neg) {
    for (Backend backend : service.getBackendsList()) {
      if (backend.getGroup().equals(neg)
          && backend.hasCapacityScaler()
          && backend.getCapacityScaler() == 0) {
        return new Finding(
            service.getName(),
            false,
            "its capacity scaler for the group is 0, which drains it",
            "set capacity_scaler above 0");
      }
    }
    return new Finding(service.getName(), true, "has the group as a backend", "");
  }

  /** Whether a backend service uses an endpoint's port. */
  static Finding port(
      RoutingTable table, BackendService service, String group, EndpointAddress address) {
    if (table.portsFor(service, group).test(address.port())) {
      return new Finding(service.getName(), true, "uses port " + address.port(), "");
    }
    return new Finding(
        service.getName(),
        false,
        "its port name is '%s', which is not a name of port %d in %s"
            .formatted(service.getPortName(), address.port(), group),
        "name the port with SetNamedPorts, or give the service another port_name");
  }

  /** What a health check says of an endpoint. */
  static Finding health(RoutingTable table, String check, EndpointAddress address) {
    @Nullable HealthChanged verdict = table.health(check).get(address);
    if (verdict == null) {
      return new Finding(
          check,
          false,
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
        ? new Finding(check, true, since, "")
        : new Finding(
            check, false, since, "see why the probe fails; the check's settings say what it asks");
  }

  /** What of a resource could not be said to proxies, as the end of a sentence; empty: nothing. */
  static String leftOut(XdsSnapshot snapshot, String resource) {
    List<String> reasons =
        Stream.of(snapshot.dropped(), snapshot.droppedRules())
            .flatMap(dropped -> dropped.getOrDefault(resource, List.of()).stream())
            .toList();
    return reasons.isEmpty() ? "" : "; left out: " + String.join("; ", reasons);
  }
}
