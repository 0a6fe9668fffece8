package io.openneg.healthservice.target;

import io.openneg.backend.v1.PortSpecification;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a check as backend-service publishes it. Absent fields mean what the published language
 * says of them, so an event that leaves defaults out is understood as well.
 */
public final class HealthCheckCodec {
  private static final int DEFAULT_INTERVAL_SEC = 5;
  private static final int DEFAULT_THRESHOLD = 2;
  private static final int DEFAULT_FIXED_PORT = 80;

  private HealthCheckCodec() {}

  /**
   * @throws IllegalArgumentException when it cannot be probed with, naming the field and the rule
   */
  public static HealthCheck decode(io.openneg.backend.v1.HealthCheck check) {
    int interval = check.hasCheckIntervalSec() ? check.getCheckIntervalSec() : DEFAULT_INTERVAL_SEC;
    int timeout =
        check.hasTimeoutSec() ? check.getTimeoutSec() : Math.min(interval, DEFAULT_INTERVAL_SEC);
    return new HealthCheck(
        check.getName(),
        check.getId(),
        Duration.ofSeconds(interval),
        Duration.ofSeconds(timeout),
        new Thresholds(
            check.hasHealthyThreshold() ? check.getHealthyThreshold() : DEFAULT_THRESHOLD,
            check.hasUnhealthyThreshold() ? check.getUnhealthyThreshold() : DEFAULT_THRESHOLD),
        recipe(check));
  }

  private static ProbeRecipe recipe(io.openneg.backend.v1.HealthCheck check) {
    return switch (check.getCheckCase()) {
      case HTTP_HEALTH_CHECK -> {
        var http = check.getHttpHealthCheck();
        yield new ProbeRecipe.Http(
            fixedPort(http.getPortSpecification(), http.hasPort() ? http.getPort() : null),
            http.getHost(),
            http.getRequestPath().isEmpty() ? "/" : http.getRequestPath(),
            http.getResponse());
      }
      case TCP_HEALTH_CHECK -> {
        var tcp = check.getTcpHealthCheck();
        yield new ProbeRecipe.Tcp(
            fixedPort(tcp.getPortSpecification(), tcp.hasPort() ? tcp.getPort() : null),
            tcp.getRequest(),
            tcp.getResponse());
      }
      case HTTPS_HEALTH_CHECK,
          HTTP2_HEALTH_CHECK,
          SSL_HEALTH_CHECK,
          GRPC_HEALTH_CHECK,
          CHECK_NOT_SET ->
          throw new IllegalArgumentException(
              "health check %s is of a kind this version cannot probe".formatted(check.getName()));
    };
  }

  private static @Nullable Integer fixedPort(
      PortSpecification specification, @Nullable Integer port) {
    return switch (specification) {
      case USE_SERVING_PORT -> null;
      case PORT_SPECIFICATION_UNSPECIFIED -> port;
      case USE_FIXED_PORT -> port == null ? DEFAULT_FIXED_PORT : port;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "port_specification is of a kind this version does not know");
    };
  }
}
