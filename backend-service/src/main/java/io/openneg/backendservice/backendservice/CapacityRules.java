package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backendservice.resource.Backends;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;

/** How much a backend takes, and in what it is measured (seed, compute v1). Pure. */
final class CapacityRules {
  /** compute v1. */
  static final float DEFAULT_MAX_UTILIZATION = 0.8f;

  private CapacityRules() {}

  /** A limit of a backend, and where it belongs. */
  private record Limit(
      String name, boolean set, double value, Unit unit, boolean ofNeg, boolean ofInstanceGroup) {}

  private enum Unit {
    REQUESTS,
    CONNECTIONS,
    UTILIZATION
  }

  static void check(
      Backend backend, LoadBalancerType type, String at, boolean only, Violations faults) {
    boolean instanceGroup = Backends.isInstanceGroup(backend);
    if (instanceGroup) {
      instanceGroup(backend, type, at, faults);
    } else {
      type.negMode()
          .ifPresentOrElse(
              mode -> neg(backend, mode, type, at, faults),
              // Seed: "You cannot use NEGs as a backend with internal TCP/UDP load balancers".
              () ->
                  faults.check(
                      false,
                      at + ".group",
                      "must not be a network endpoint group: they cannot be backends of "
                          + type.words()));
    }
    if (backend.hasCapacityScaler()) {
      scaler(backend.getCapacityScaler(), at + ".capacity_scaler", only, faults);
    }
  }

  private static void neg(
      Backend backend, BalancingMode mode, LoadBalancerType type, String at, Violations faults) {
    BalancingMode wanted = backend.getBalancingMode();
    // Seed: "You cannot use a balancing mode of UTILIZATION for backend services that use NEGs",
    // "Only RATE balancing mode is supported by NEGs for HTTP(s) load balancing, while CONNECTION
    // is supported for TCP/SSL load balancing".
    faults.check(
        wanted == BalancingMode.BALANCING_MODE_UNSPECIFIED || wanted == mode,
        at + ".balancing_mode",
        wanted == BalancingMode.UTILIZATION
            ? "must be %s: UTILIZATION cannot be used with network endpoint groups".formatted(mode)
            : "must be %s: it is the only mode of network endpoint groups in %s"
                .formatted(mode, type.words()));
    for (Limit limit : limits(backend)) {
      faults.check(
          !limit.set() || limit.ofNeg(),
          at + limit.name(),
          "must not be set with a network endpoint group");
      inMode(limit, mode, at, faults);
    }
    if (mode == BalancingMode.RATE) {
      faults.check(
          backend.hasMaxRate() ^ backend.hasMaxRatePerEndpoint(),
          at,
          "must have exactly one of max_rate and max_rate_per_endpoint");
    } else {
      faults.check(
          backend.hasMaxConnections() ^ backend.hasMaxConnectionsPerEndpoint(),
          at,
          "must have exactly one of max_connections and max_connections_per_endpoint");
    }
  }

  private static void instanceGroup(
      Backend backend, LoadBalancerType type, String at, Violations faults) {
    List<BalancingMode> modes = type.instanceGroupModes();
    BalancingMode mode =
        backend.getBalancingMode() == BalancingMode.BALANCING_MODE_UNSPECIFIED
            ? modes.getFirst()
            : backend.getBalancingMode();
    if (!faults.check(
        modes.contains(mode),
        at + ".balancing_mode",
        "must be one of %s with an instance group in %s".formatted(modes, type.words()))) {
      return;
    }
    boolean passesThrough = type.negMode().isEmpty();
    int targets = 0;
    for (Limit limit : limits(backend)) {
      faults.check(
          !limit.set() || limit.ofInstanceGroup(),
          at + limit.name(),
          "must not be set with an instance group");
      faults.check(
          !limit.set() || !passesThrough, at + limit.name(), "must not be set in " + type.words());
      if (mode == BalancingMode.UTILIZATION) {
        Unit unit = type.isHttp() ? Unit.REQUESTS : Unit.CONNECTIONS;
        faults.check(
            !limit.set() || limit.unit() == unit || limit.unit() == Unit.UTILIZATION,
            at + limit.name(),
            "must not be set in " + type.words());
        positive(limit, at, faults);
      } else {
        inMode(limit, mode, at, faults);
      }
      targets += limit.set() && limit.unit() != Unit.UTILIZATION ? 1 : 0;
    }
    faults.check(backend.getMaxUtilization() <= 1, at + ".max_utilization", "must be at most 1.0");
    String pair =
        type.isHttp()
            ? "max_rate and max_rate_per_instance"
            : "max_connections and max_connections_per_instance";
    if (mode == BalancingMode.UTILIZATION) {
      faults.check(targets <= 1, at, "must have at most one of " + pair);
    } else if (!passesThrough) {
      faults.check(targets == 1, at, "must have exactly one of " + pair);
    }
  }

  private static List<Limit> limits(Backend b) {
    return List.of(
        new Limit(".max_rate", b.hasMaxRate(), b.getMaxRate(), Unit.REQUESTS, true, true),
        new Limit(
            ".max_rate_per_endpoint",
            b.hasMaxRatePerEndpoint(),
            b.getMaxRatePerEndpoint(),
            Unit.REQUESTS,
            true,
            false),
        new Limit(
            ".max_rate_per_instance",
            b.hasMaxRatePerInstance(),
            b.getMaxRatePerInstance(),
            Unit.REQUESTS,
            false,
            true),
        new Limit(
            ".max_connections",
            b.hasMaxConnections(),
            b.getMaxConnections(),
            Unit.CONNECTIONS,
            true,
            true),
        new Limit(
            ".max_connections_per_endpoint",
            b.hasMaxConnectionsPerEndpoint(),
            b.getMaxConnectionsPerEndpoint(),
            Unit.CONNECTIONS,
            true,
            false),
        new Limit(
            ".max_connections_per_instance",
            b.hasMaxConnectionsPerInstance(),
            b.getMaxConnectionsPerInstance(),
            Unit.CONNECTIONS,
            false,
            true),
        new Limit(
            ".max_utilization",
            b.hasMaxUtilization(),
            b.getMaxUtilization(),
            Unit.UTILIZATION,
            false,
            true));
  }

  private static void inMode(Limit limit, BalancingMode mode, String at, Violations faults) {
    Unit unit = mode == BalancingMode.RATE ? Unit.REQUESTS : Unit.CONNECTIONS;
    faults.check(
        !limit.set() || limit.unit() == unit, at + limit.name(), "must not be set with " + mode);
    positive(limit, at, faults);
  }

  private static void positive(Limit limit, String at, Violations faults) {
    faults.check(
        !limit.set() || (limit.value() > 0 && Double.isFinite(limit.value())),
        at + limit.name(),
        "must be greater than 0");
  }

  private static void scaler(float scaler, String field, boolean only, Violations faults) {
    if (faults.check(
        scaler == 0f || (scaler >= 0.1f && scaler <= 1f),
        field,
        "must be 0 or 0.1..1.0, is " + scaler)) {
      faults.check(scaler != 0f || !only, field, "must not be 0 on the only backend");
    }
  }
}
