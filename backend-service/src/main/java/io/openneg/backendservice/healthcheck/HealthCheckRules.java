package io.openneg.backendservice.healthcheck;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.serviceruntime.api.Violations;

/** Limits and defaults of health checks (compute v1). Pure. */
final class HealthCheckRules {
  private static final int MAX_TEXT = 1024;
  private static final int DEFAULT_SEC = 5;
  private static final int DEFAULT_THRESHOLD = 2;
  private static final int DEFAULT_PORT = 80;

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
    switch (check.getCheckCase()) {
      case HTTP_HEALTH_CHECK -> http(check.getHttpHealthCheck(), faults);
      case TCP_HEALTH_CHECK -> tcp(check.getTcpHealthCheck(), faults);
      case CHECK_NOT_SET ->
          faults.check(
              false,
              "health_check",
              "must have exactly one of http_health_check and tcp_health_check");
    }
  }

  private static void http(HttpHealthCheck http, Violations faults) {
    String at = "health_check.http_health_check.";
    port(http.hasPort(), http.getPort(), http.getPortSpecification(), at, faults);
    faults.check(
        http.getRequestPath().isEmpty() || http.getRequestPath().startsWith("/"),
        at + "request_path",
        "must begin with '/'");
    text(http.getResponse(), at + "response", faults);
  }

  private static void tcp(TcpHealthCheck tcp, Violations faults) {
    String at = "health_check.tcp_health_check.";
    port(tcp.hasPort(), tcp.getPort(), tcp.getPortSpecification(), at, faults);
    text(tcp.getRequest(), at + "request", faults);
    text(tcp.getResponse(), at + "response", faults);
  }

  private static void port(
      boolean has, int port, PortSpecification specification, String at, Violations faults) {
    if (specification == PortSpecification.UNRECOGNIZED) {
      faults.check(false, at + "port_specification", "must be USE_FIXED_PORT or USE_SERVING_PORT");
    }
    if (has && faults.range(port, 1, 65_535, at + "port")) {
      faults.check(
          specification != PortSpecification.USE_SERVING_PORT,
          at + "port",
          "must not be given with USE_SERVING_PORT");
    }
  }

  private static void text(String text, String field, Violations faults) {
    faults.check(
        text.length() <= MAX_TEXT && US_ASCII.newEncoder().canEncode(text),
        field,
        "must be ASCII of up to 1,024 characters");
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
      case HTTP_HEALTH_CHECK -> {
        HttpHealthCheck.Builder http = check.getHttpHealthCheckBuilder();
        http.setPortSpecification(specification(http.getPortSpecification(), http.hasPort()));
        if (http.getPortSpecification() == PortSpecification.USE_FIXED_PORT && !http.hasPort()) {
          http.setPort(DEFAULT_PORT);
        }
        if (http.getRequestPath().isEmpty()) {
          http.setRequestPath("/");
        }
      }
      case TCP_HEALTH_CHECK -> {
        TcpHealthCheck.Builder tcp = check.getTcpHealthCheckBuilder();
        tcp.setPortSpecification(specification(tcp.getPortSpecification(), tcp.hasPort()));
        if (tcp.getPortSpecification() == PortSpecification.USE_FIXED_PORT && !tcp.hasPort()) {
          tcp.setPort(DEFAULT_PORT);
        }
      }
      case CHECK_NOT_SET -> {
        // Refused before.
      }
    }
    return check.build();
  }

  private static PortSpecification specification(PortSpecification wanted, boolean hasPort) {
    if (wanted != PortSpecification.PORT_SPECIFICATION_UNSPECIFIED) {
      return wanted;
    }
    return hasPort ? PortSpecification.USE_FIXED_PORT : PortSpecification.USE_SERVING_PORT;
  }
}
