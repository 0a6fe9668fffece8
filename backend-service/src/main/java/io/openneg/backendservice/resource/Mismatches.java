package io.openneg.backendservice.resource;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Backend services that do not fit the load balancer they are to be part of. Pure. */
public final class Mismatches {
  /** What a URL map can lead to (seed: HTTP(S) and internal HTTP(S) load balancing). */
  public static final Set<Protocol> HTTP_FAMILY =
      Set.of(Protocol.HTTP, Protocol.HTTPS, Protocol.HTTP2, Protocol.H2C, Protocol.GRPC);

  private Mismatches() {}

  /** A service whose protocol the load balancer does not speak. */
  public static Optional<Rejection> protocol(
      BackendService service, Set<Protocol> spoken, String field) {
    return spoken.contains(service.getProtocol())
        ? Optional.empty()
        : Optional.of(
            refusal(
                field,
                service.getName(),
                "has protocol %s, must have one of %s"
                    .formatted(service.getProtocol(), new TreeSet<>(spoken))));
  }

  /**
   * A service whose scheme is not that of the forwarding rules which lead to it, or of the other
   * services beside it: a load balancer has one scheme (compute v1).
   *
   * @param facts what the resource would be connected with
   */
  public static Optional<Rejection> scheme(Facts facts, String field) {
    List<BackendService> services =
        facts.services().values().stream()
            .sorted(Comparator.comparing(BackendService::getName))
            .toList();
    if (services.isEmpty()) {
      return Optional.empty();
    }
    BackendService first = services.getFirst();
    for (BackendService service : services) {
      if (service.getLoadBalancingScheme() != first.getLoadBalancingScheme()) {
        return Optional.of(
            schemes(field, service, first.getName(), first.getLoadBalancingScheme()));
      }
    }
    for (ForwardingRule rule : facts.rules()) {
      if (rule.getLoadBalancingScheme() != first.getLoadBalancingScheme()) {
        return Optional.of(schemes(field, first, rule.getName(), rule.getLoadBalancingScheme()));
      }
    }
    return Optional.empty();
  }

  private static Rejection schemes(
      String field, BackendService service, String other, LoadBalancingScheme its) {
    return refusal(
        field,
        service.getName(),
        "has scheme %s, but '%s' has %s: a load balancer has one"
            .formatted(service.getLoadBalancingScheme(), other, its));
  }

  private static Rejection refusal(String field, String service, String rule) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "BACKEND_SERVICE_MISMATCH",
        "Invalid value for field '%s': '%s' %s.".formatted(field, service, rule),
        List.of(new Violation(service, rule)));
  }
}
