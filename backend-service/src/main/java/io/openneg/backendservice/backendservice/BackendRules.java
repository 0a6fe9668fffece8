package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.backend.v1.Protocol;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.Set;

/** Limits and defaults of backend services and their backends (seed, compute v1). Pure. */
final class BackendRules {
  /** Seed: "Each backend service can have up to 50 NEGs." */
  static final int MAX_BACKENDS = 50;

  private static final int DEFAULT_TIMEOUT_SEC = 30;

  private BackendRules() {}

  static void check(BackendService service, Violations faults) {
    faults.check(
        service.getHealthChecksCount() <= 1,
        "backend_service.health_checks",
        "must name at most one health check");
    for (int i = 0; i < service.getHealthChecksCount(); i++) {
      faults.check(
          ResourceName.isName(service.getHealthChecks(i), Scope.GLOBAL, "healthChecks"),
          "backend_service.health_checks[%d]".formatted(i),
          "must be projects/{project}/global/healthChecks/{id}");
    }
    if (service.hasTimeoutSec()) {
      faults.range(service.getTimeoutSec(), 1, 86_400, "backend_service.timeout_sec");
    }
    faults.range(
        service.getConnectionDraining().getDrainingTimeoutSec(),
        0,
        3600,
        "backend_service.connection_draining.draining_timeout_sec");
    faults.check(
        service.getProtocol() != Protocol.UNRECOGNIZED,
        "backend_service.protocol",
        "must be HTTP or GRPC");
    faults.check(
        service.getLoadBalancingScheme() != LoadBalancingScheme.UNRECOGNIZED,
        "backend_service.load_balancing_scheme",
        "must be EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED or INTERNAL_SELF_MANAGED");
    faults.check(
        service.getLocalityLbPolicy() != LocalityLbPolicy.UNRECOGNIZED,
        "backend_service.locality_lb_policy",
        "must be ROUND_ROBIN or LEAST_REQUEST");
    faults.check(
        service.getBackendsCount() <= MAX_BACKENDS,
        "backend_service.backends",
        "must be at most %d, are %d".formatted(MAX_BACKENDS, service.getBackendsCount()));
    Set<String> groups = new HashSet<>();
    for (int i = 0; i < service.getBackendsCount(); i++) {
      Backend backend = service.getBackends(i);
      String at = "backend_service.backends[%d]".formatted(i);
      check(backend, at, service.getBackendsCount() == 1, faults);
      faults.check(groups.add(backend.getGroup()), at + ".group", "must be in the service once");
    }
  }

  static void check(Backend backend, String at, boolean only, Violations faults) {
    faults.check(
        ResourceName.isName(backend.getGroup(), Scope.ZONE, "networkEndpointGroups"),
        at + ".group",
        "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id}");
    // Seed: "Only RATE balancing mode is supported by NEGs for HTTP(s) load balancing".
    faults.check(
        backend.getBalancingMode() == BalancingMode.BALANCING_MODE_UNSPECIFIED
            || backend.getBalancingMode() == BalancingMode.RATE,
        at + ".balancing_mode",
        "must be RATE: it is the only mode of network endpoint groups in HTTP and GRPC services");
    boolean one = backend.hasMaxRate() ^ backend.hasMaxRatePerEndpoint();
    if (faults.check(one, at, "must have exactly one of max_rate and max_rate_per_endpoint")) {
      faults.check(
          backend.hasMaxRate()
              ? backend.getMaxRate() > 0
              : backend.getMaxRatePerEndpoint() > 0
                  && Float.isFinite(backend.getMaxRatePerEndpoint()),
          at + (backend.hasMaxRate() ? ".max_rate" : ".max_rate_per_endpoint"),
          "must be greater than 0");
    }
    if (backend.hasCapacityScaler()) {
      float scaler = backend.getCapacityScaler();
      if (faults.check(
          scaler == 0f || (scaler >= 0.1f && scaler <= 1f),
          at + ".capacity_scaler",
          "must be 0 or 0.1..1.0, is " + scaler)) {
        faults.check(
            scaler != 0f || !only, at + ".capacity_scaler", "must not be 0 on the only backend");
      }
    }
  }

  /** The service with every default filled in, and without backends. */
  static BackendService complete(BackendService wanted) {
    BackendService.Builder service = wanted.toBuilder().clearChangeToken().clearBackends();
    if (wanted.getProtocol() == Protocol.PROTOCOL_UNSPECIFIED) {
      service.setProtocol(Protocol.HTTP);
    }
    if (wanted.getLoadBalancingScheme() == LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED) {
      service.setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL);
    }
    if (wanted.getLocalityLbPolicy() == LocalityLbPolicy.LOCALITY_LB_POLICY_UNSPECIFIED) {
      service.setLocalityLbPolicy(LocalityLbPolicy.ROUND_ROBIN);
    }
    if (!wanted.hasTimeoutSec()) {
      service.setTimeoutSec(DEFAULT_TIMEOUT_SEC);
    }
    return service.build();
  }

  static Backend complete(Backend wanted) {
    Backend.Builder backend = wanted.toBuilder().setBalancingMode(BalancingMode.RATE);
    if (!wanted.hasCapacityScaler()) {
      backend.setCapacityScaler(1f);
    }
    return backend.build();
  }
}
