package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.CircuitBreakers;
import io.openneg.serviceruntime.api.Violations;

/** How much at a time proxies may send to a service (compute v1). Pure. */
final class CircuitBreakerRules {
  private static final String AT = "backend_service.circuit_breakers";

  private CircuitBreakerRules() {}

  static void check(CircuitBreakers limits, LoadBalancerType type, Violations faults) {
    if (!faults.check(
        type.negMode().isPresent(),
        AT,
        "must not be set: %s has no proxies that could count".formatted(type.words()))) {
      return;
    }
    boolean http = type.isHttp();
    limit(limits.hasMaxConnections(), limits.getMaxConnections(), ".max_connections", faults);
    ofHttp(
        http,
        limits.hasMaxPendingRequests(),
        limits.getMaxPendingRequests(),
        ".max_pending_requests",
        type,
        faults);
    ofHttp(http, limits.hasMaxRequests(), limits.getMaxRequests(), ".max_requests", type, faults);
    ofHttp(http, limits.hasMaxRetries(), limits.getMaxRetries(), ".max_retries", type, faults);
  }

  private static void ofHttp(
      boolean http,
      boolean set,
      int value,
      String field,
      LoadBalancerType type,
      Violations faults) {
    if (faults.check(
        http || !set,
        AT + field,
        "must not be set: %s knows connections only".formatted(type.words()))) {
      limit(set, value, field, faults);
    }
  }

  private static void limit(boolean set, int value, String field, Violations faults) {
    faults.check(!set || value >= 1, AT + field, "must be at least 1, is " + value);
  }
}
