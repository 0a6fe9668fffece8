package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.Backend.Preference;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.LogConfig;
import io.openneg.backend.v1.Protocol;
import io.openneg.backendservice.resource.Backends;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Limits and defaults of backend services and their backends (seed, compute v1). Pure. */
final class BackendRules {
  /** Seed: "Each backend service can have up to 50 NEGs." */
  static final int MAX_BACKENDS = 50;

  private static final int DEFAULT_TIMEOUT_SEC = 30;
  private static final Pattern PORT_NAME = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

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
    faults.check(
        service.getPortName().isEmpty() || PORT_NAME.matcher(service.getPortName()).matches(),
        "backend_service.port_name",
        "must be 1-63 characters: a lower-case letter first, then lower-case letters, digits and"
            + " hyphens, no hyphen last");
    if (service.hasLogConfig()) {
      LogConfig log = service.getLogConfig();
      faults.check(
          log.getSampleRate() >= 0 && log.getSampleRate() <= 1,
          "backend_service.log_config.sample_rate",
          "must be 0..1, is " + log.getSampleRate());
      faults.check(
          log.getEnable() || !log.hasSampleRate(),
          "backend_service.log_config.sample_rate",
          "must not be set without enable");
    }
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
      preference(complete(service), backend, at, faults);
      type.ifPresent(t -> CapacityRules.check(backend, t, at, only, faults));
      faults.check(groups.add(backend.getGroup()), at + ".group", "must be in the service once");
      if (i > 0) {
        int first = i;
        type.ifPresent(
            t -> alike(service.getBackends(0), service.getBackends(first), t, at, faults));
      }
    }
  }

  /**
   * Seed: "When you use a NEG as a backend for a backend service, all other backends in that
   * backend service must also be NEGs." Proxies divide traffic by capacity, so that must be in one
   * unit.
   */
  private static void alike(
      Backend first, Backend other, LoadBalancerType type, String at, Violations faults) {
    boolean instanceGroups = Backends.isInstanceGroup(first);
    if (faults.check(
        Backends.isInstanceGroup(other) == instanceGroups,
        at + ".group",
        "must be %s as the other backends are: the two kinds cannot be mixed in a backend service"
            .formatted(instanceGroups ? "an instance group" : "a network endpoint group"))) {
      faults.check(
          mode(type, other) == mode(type, first),
          at + ".balancing_mode",
          "must be %s, the mode of the other backends".formatted(mode(type, first)));
    }
  }

  private static BalancingMode mode(LoadBalancerType type, Backend backend) {
    return backend.getBalancingMode() == BalancingMode.BALANCING_MODE_UNSPECIFIED
        ? type.defaultMode(Backends.isInstanceGroup(backend)).orElse(backend.getBalancingMode())
        : backend.getBalancingMode();
  }

  /**
   * @param only whether the service will have no other backend
   */
  static void check(
      BackendService of, Backend backend, String at, boolean only, Violations faults) {
    group(backend, at, faults);
    preference(of, backend, at, faults);
    CapacityRules.check(backend, existing(of), at, only, faults);
    of.getBackendsList().stream()
        .filter(other -> !other.getGroup().equals(backend.getGroup()))
        .findFirst()
        .ifPresent(other -> alike(other, backend, existing(of), at, faults));
  }

  /** compute v1: of load balancers that are Envoys. */
  private static void preference(
      BackendService complete, Backend backend, String at, Violations faults) {
    LoadBalancingScheme scheme = complete.getLoadBalancingScheme();
    faults.check(
        backend.getPreference() != Preference.PREFERRED
            || (scheme != LoadBalancingScheme.EXTERNAL && scheme != LoadBalancingScheme.INTERNAL),
        at + ".preference",
        "must not be PREFERRED with the scheme " + scheme);
    faults.check(
        backend.getPreference() != Preference.UNRECOGNIZED,
        at + ".preference",
        "must be DEFAULT or PREFERRED");
  }

  private static void group(Backend backend, String at, Violations faults) {
    faults.check(
        Backends.isInstanceGroup(backend)
            || ResourceName.isName(
                backend.getGroup(), Scope.ZONE, Backends.NETWORK_ENDPOINT_GROUPS),
        at + ".group",
        "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id} or"
            + " projects/{project}/zones/{zone}/instanceGroups/{id}");
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
    if (wanted.getPortName().isEmpty()) {
      service.setPortName(service.getProtocol().name().toLowerCase(Locale.ROOT));
    }
    SessionAffinityRules.complete(service);
    if (wanted.hasOutlierDetection()) {
      service.setOutlierDetection(OutlierDetectionRules.complete(wanted.getOutlierDetection()));
    }
    if (wanted.getLogConfig().getEnable() && !wanted.getLogConfig().hasSampleRate()) {
      service.getLogConfigBuilder().setSampleRate(1);
    }
    if (!wanted.hasTimeoutSec()) {
      service.setTimeoutSec(DEFAULT_TIMEOUT_SEC);
    }
    return service.build();
  }

  /** A backend that has passed {@link #check}, with every default filled in. */
  static Backend complete(BackendService of, Backend wanted) {
    Backend.Builder backend = wanted.toBuilder();
    backend.setBalancingMode(mode(existing(of), wanted));
    if (backend.getBalancingMode() == BalancingMode.UTILIZATION && !wanted.hasMaxUtilization()) {
      backend.setMaxUtilization(CapacityRules.DEFAULT_MAX_UTILIZATION);
    }
    if (!wanted.hasCapacityScaler()) {
      backend.setCapacityScaler(1f);
    }
    return backend.build();
  }
}
