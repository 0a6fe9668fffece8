package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.serviceruntime.api.Violations;

/** How much a backend takes, and in what it is measured (seed, compute v1). Pure. */
final class CapacityRules {
  private CapacityRules() {}

  static void check(
      Backend backend, LoadBalancerType type, String at, boolean only, Violations faults) {
    type.negMode()
        .ifPresentOrElse(
            mode -> inMode(backend, mode, type, at, faults),
            // Seed: "You cannot use NEGs as a backend with internal TCP/UDP load balancers".
            () ->
                faults.check(
                    false,
                    at + ".group",
                    "must not be a network endpoint group: they cannot be backends of "
                        + type.words()));
    if (backend.hasCapacityScaler()) {
      scaler(backend.getCapacityScaler(), at + ".capacity_scaler", only, faults);
    }
  }

  private static void inMode(
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
    boolean rate = mode == BalancingMode.RATE;
    faults.check(
        !backend.hasMaxRate() || rate, at + ".max_rate", "must not be set with CONNECTION");
    faults.check(
        !backend.hasMaxRatePerEndpoint() || rate,
        at + ".max_rate_per_endpoint",
        "must not be set with CONNECTION");
    faults.check(
        !backend.hasMaxConnections() || !rate,
        at + ".max_connections",
        "must not be set with RATE");
    faults.check(
        !backend.hasMaxConnectionsPerEndpoint() || !rate,
        at + ".max_connections_per_endpoint",
        "must not be set with RATE");
    if (rate) {
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
    positive(backend.hasMaxRate(), backend.getMaxRate(), at + ".max_rate", faults);
    positive(
        backend.hasMaxRatePerEndpoint(),
        backend.getMaxRatePerEndpoint(),
        at + ".max_rate_per_endpoint",
        faults);
    positive(
        backend.hasMaxConnections(), backend.getMaxConnections(), at + ".max_connections", faults);
    positive(
        backend.hasMaxConnectionsPerEndpoint(),
        backend.getMaxConnectionsPerEndpoint(),
        at + ".max_connections_per_endpoint",
        faults);
  }

  private static void positive(boolean set, double value, String field, Violations faults) {
    faults.check(!set || (value > 0 && Double.isFinite(value)), field, "must be greater than 0");
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
