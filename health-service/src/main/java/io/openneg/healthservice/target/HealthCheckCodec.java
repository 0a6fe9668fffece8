package io.openneg.healthservice.target;

import io.openneg.backend.v1.GrpcHealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.healthservice.target.ProbeRecipe.HttpVersion;
import io.openneg.healthservice.target.Transport.Security;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a check as backend-service publishes it. Absent fields mean what the published language
 * says of them, so an event that leaves defaults out is understood as well.
 */
public final class HealthCheckCodec {
  private static final int DEFAULT_INTERVAL_SEC = 5;
  private static final int DEFAULT_THRESHOLD = 2;
  private static final int PLAIN_PORT = 80;
  private static final int TLS_PORT = 443;

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
      case HTTP_HEALTH_CHECK -> http(check.getHttpHealthCheck(), HttpVersion.HTTP_1_1, false);
      case HTTPS_HEALTH_CHECK -> http(check.getHttpsHealthCheck(), HttpVersion.HTTP_1_1, true);
      case HTTP2_HEALTH_CHECK -> http(check.getHttp2HealthCheck(), HttpVersion.HTTP_2, true);
      case TCP_HEALTH_CHECK -> tcp(check.getTcpHealthCheck(), false);
      case SSL_HEALTH_CHECK -> tcp(check.getSslHealthCheck(), true);
      case GRPC_HEALTH_CHECK -> {
        GrpcHealthCheck grpc = check.getGrpcHealthCheck();
        if (grpc.getPortSpecification() == PortSpecification.USE_FIXED_PORT && !grpc.hasPort()) {
          throw new IllegalArgumentException("grpc_health_check.port is needed: it has no default");
        }
        yield new ProbeRecipe.Grpc(
            fixedPort(grpc.getPortSpecification(), grpc.hasPort() ? grpc.getPort() : null, 0),
            grpc.getGrpcServiceName());
      }
      case CHECK_NOT_SET ->
          throw new IllegalArgumentException(
              "health check %s is of a kind this version cannot probe".formatted(check.getName()));
    };
  }

  private static ProbeRecipe http(HttpHealthCheck http, HttpVersion version, boolean encrypted) {
    return new ProbeRecipe.Http(
        fixedPort(
            http.getPortSpecification(),
            http.hasPort() ? http.getPort() : null,
            encrypted ? TLS_PORT : PLAIN_PORT),
        new Transport(
            security(encrypted, http.getVerifyCertificate()), proxyHeader(http.getProxyHeader())),
        version,
        http.getHost(),
        http.getRequestPath().isEmpty() ? "/" : http.getRequestPath(),
        http.getResponse());
  }

  private static ProbeRecipe tcp(TcpHealthCheck tcp, boolean encrypted) {
    return new ProbeRecipe.Tcp(
        fixedPort(
            tcp.getPortSpecification(),
            tcp.hasPort() ? tcp.getPort() : null,
            encrypted ? TLS_PORT : PLAIN_PORT),
        new Transport(
            security(encrypted, tcp.getVerifyCertificate()), proxyHeader(tcp.getProxyHeader())),
        tcp.getRequest(),
        tcp.getResponse());
  }

  private static Security security(boolean encrypted, boolean verified) {
    if (!encrypted) {
      return Security.NONE;
    }
    return verified ? Security.VERIFIED_TLS : Security.TLS;
  }

  private static boolean proxyHeader(ProxyHeader header) {
    return switch (header) {
      case PROXY_HEADER_UNSPECIFIED, NONE -> false;
      case PROXY_V1 -> true;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "proxy_header is of a kind this version does not know");
    };
  }

  private static @Nullable Integer fixedPort(
      PortSpecification specification, @Nullable Integer port, int standard) {
    return switch (specification) {
      case USE_SERVING_PORT -> null;
      case PORT_SPECIFICATION_UNSPECIFIED -> port;
      case USE_FIXED_PORT -> port == null ? (Integer) standard : port;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "port_specification is of a kind this version does not know");
    };
  }
}
