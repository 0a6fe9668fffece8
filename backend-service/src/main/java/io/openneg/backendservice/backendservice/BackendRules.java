package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Limits and defaults of backend services and their backends (seed, compute v1). Pure. */
final class BackendRules {
  /** Seed: "Each backend service can have up to 50 NEGs." */
  static final int MAX_BACKENDS = 50;

  private static final int DEFAULT_TIMEOUT_SEC = 30;

  private BackendRules() {}

  static void check(BackendService service, Violations faults) {
    settings(service, faults);
    backends(service, faults);
  }

  /** All but the backends. */
  static void settings(BackendService service, Violations faults) {
    Optional<LoadBalancerType> type = type(complete(service), faults);
    faults.check(
        service.getHealthChecksCount() <= 1,
        "backend_service.health_checks",
        "must name at most one health check");
    if (service.hasTimeoutSec()) {
      faults.range(service.getTimeoutSec(), 1, 86_400, "backend_service.timeout_sec");
    }
    faults.range(
        service.getConnectionDraining().getDrainingTimeoutSec(),
        0,
        3600,
        "backend_service.connection_draining.draining_timeout_sec");
    type.ifPresent(t -> policies(service, t, faults));
  }

  private static void policies(BackendService service, LoadBalancerType type, Violations faults) {
    SessionAffinityRules.check(complete(service), type, faults);
    if (service.hasCircuitBreakers()) {
      CircuitBreakerRules.check(service.getCircuitBreakers(), type, faults);
    }
    if (service.hasOutlierDetection()) {
      OutlierDetectionRules.check(service.getOutlierDetection(), type, faults);
    }
    CustomHeaderRules.check(service, type, faults);
  }

  /** The backends, in a service of the right scheme and protocol. */
  static void backends(BackendService service, Violations faults) {
    Optional<LoadBalancerType> type = LoadBalancerType.of(complete(service));
    faults.check(
        service.getBackendsCount() <= MAX_BACKENDS,
        "backend_service.backends",
        "must be at most %d, are %d".formatted(MAX_BACKENDS, service.getBackendsCount()));
    Set<String> groups = new HashSet<>();
    for (int i = 0; i < service.getBackendsCount(); i++) {
      Backend backend = service.getBackends(i);
      String at = "backend_service.backends[%d]".formatted(i);
      boolean only = service.getBackendsCount() == 1;
      group(backend, at, faults);
      type.ifPresent(t -> CapacityRules.check(backend, t, at, only, faults));
      faults.check(groups.add(backend.getGroup()), at + ".group", "must be in the service once");
    }
  }

  /**
   * @param only whether the service will have no other backend
   */
  static void check(
      BackendService of, Backend backend, String at, boolean only, Violations faults) {
    group(backend, at, faults);
    CapacityRules.check(backend, existing(of), at, only, faults);
  }

  private static void group(Backend backend, String at, Violations faults) {
    faults.check(
        ResourceName.isName(backend.getGroup(), Scope.ZONE, "networkEndpointGroups"),
        at + ".group",
        "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id}");
  }

  private static Optional<LoadBalancerType> type(BackendService complete, Violations faults) {
    Set<Protocol> protocols = LoadBalancerType.protocols(complete.getLoadBalancingScheme());
    if (!faults.check(
        !protocols.isEmpty(),
        "backend_service.load_balancing_scheme",
        "must be EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED, INTERNAL_SELF_MANAGED or"
            + " INTERNAL")) {
      return Optional.empty();
    }
    Optional<LoadBalancerType> type = LoadBalancerType.of(complete);
    faults.check(
        type.isPresent(),
        "backend_service.protocol",
        "must be one of %s with the scheme %s, is %s"
            .formatted(protocols, complete.getLoadBalancingScheme(), complete.getProtocol()));
    return type;
  }

  /** Of a service that was accepted. */
  private static LoadBalancerType existing(BackendService service) {
    return LoadBalancerType.of(service)
        .orElseThrow(
            () -> new IllegalStateException("no load balancer is like " + service.getName()));
  }

  /** The service with every default filled in, and without backends. */
  static BackendService complete(BackendService wanted) {
    BackendService.Builder service =
        wanted.toBuilder().clearChangeToken().clearFingerprint().clearBackends();
    if (wanted.getProtocol() == Protocol.PROTOCOL_UNSPECIFIED) {
      service.setProtocol(Protocol.HTTP);
    }
    if (wanted.getLoadBalancingScheme() == LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED) {
      service.setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL);
    }
    SessionAffinityRules.complete(service);
    if (wanted.hasOutlierDetection()) {
      service.setOutlierDetection(OutlierDetectionRules.complete(wanted.getOutlierDetection()));
    }
    if (!wanted.hasTimeoutSec()) {
      service.setTimeoutSec(DEFAULT_TIMEOUT_SEC);
    }
    return service.build();
  }

  /** A backend that has passed {@link #check}, with every default filled in. */
  static Backend complete(BackendService of, Backend wanted) {
    Backend.Builder backend = wanted.toBuilder();
    existing(of).negMode().ifPresent(backend::setBalancingMode);
    if (!wanted.hasCapacityScaler()) {
      backend.setCapacityScaler(1f);
    }
    return backend.build();
  }
}
