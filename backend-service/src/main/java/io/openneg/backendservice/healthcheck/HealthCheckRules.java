package io.openneg.backendservice.healthcheck;

import io.openneg.backend.v1.HealthCheck;
import io.openneg.serviceruntime.api.Violations;

/** Limits and defaults of health checks (compute v1). Pure. */
final class HealthCheckRules {
  private static final int DEFAULT_SEC = 5;
  private static final int DEFAULT_THRESHOLD = 2;

  private HealthCheckRules() {}

  /** Notes every fault. */
  static void check(HealthCheck check, Violations faults) {
    int interval = check.hasCheckIntervalSec() ? check.getCheckIntervalSec() : DEFAULT_SEC;
    faults.range(interval, 1, 300, "health_check.check_interval_sec");
    if (check.hasTimeoutSec()
        && faults.range(check.getTimeoutSec(), 1, 300, "health_check.timeout_sec")) {
      faults.check(
          check.getTimeoutSec() <= interval,
          "health_check.timeout_sec",
          "must not be greater than check_interval_sec (%d), is %d"
              .formatted(interval, check.getTimeoutSec()));
    }
    if (check.hasHealthyThreshold()) {
      faults.range(check.getHealthyThreshold(), 1, 10, "health_check.healthy_threshold");
    }
    if (check.hasUnhealthyThreshold()) {
      faults.range(check.getUnhealthyThreshold(), 1, 10, "health_check.unhealthy_threshold");
    }
    ProbeRules at = new ProbeRules("health_check.", check.getCheckCase(), faults);
    switch (check.getCheckCase()) {
      case HTTP_HEALTH_CHECK -> at.http(check.getHttpHealthCheck());
      case HTTPS_HEALTH_CHECK -> at.http(check.getHttpsHealthCheck());
      case HTTP2_HEALTH_CHECK -> at.http(check.getHttp2HealthCheck());
      case TCP_HEALTH_CHECK -> at.tcp(check.getTcpHealthCheck());
      case SSL_HEALTH_CHECK -> at.tcp(check.getSslHealthCheck());
      case GRPC_HEALTH_CHECK -> at.grpc(check.getGrpcHealthCheck());
      case CHECK_NOT_SET ->
          faults.check(
              false,
              "health_check",
              "must have exactly one of http_health_check, https_health_check,"
                  + " http2_health_check, tcp_health_check, ssl_health_check and"
                  + " grpc_health_check");
    }
  }

  /** The check with every default filled in. */
  static HealthCheck complete(HealthCheck wanted) {
    HealthCheck.Builder check = wanted.toBuilder().clearChangeToken();
    int interval = wanted.hasCheckIntervalSec() ? wanted.getCheckIntervalSec() : DEFAULT_SEC;
    check.setCheckIntervalSec(interval);
    if (!wanted.hasTimeoutSec()) {
      check.setTimeoutSec(Math.min(DEFAULT_SEC, interval));
    }
    if (!wanted.hasHealthyThreshold()) {
      check.setHealthyThreshold(DEFAULT_THRESHOLD);
    }
    if (!wanted.hasUnhealthyThreshold()) {
      check.setUnhealthyThreshold(DEFAULT_THRESHOLD);
    }
    switch (wanted.getCheckCase()) {
      case HTTP_HEALTH_CHECK -> ProbeDefaults.http(check.getHttpHealthCheckBuilder(), 80);
      case HTTPS_HEALTH_CHECK -> ProbeDefaults.http(check.getHttpsHealthCheckBuilder(), 443);
      case HTTP2_HEALTH_CHECK -> ProbeDefaults.http(check.getHttp2HealthCheckBuilder(), 443);
      case TCP_HEALTH_CHECK -> ProbeDefaults.tcp(check.getTcpHealthCheckBuilder(), 80);
      case SSL_HEALTH_CHECK -> ProbeDefaults.tcp(check.getSslHealthCheckBuilder(), 443);
      case GRPC_HEALTH_CHECK -> ProbeDefaults.grpc(check.getGrpcHealthCheckBuilder());
      case CHECK_NOT_SET -> {
        // Refused before.
      }
    }
    return check.build();
  }
}
