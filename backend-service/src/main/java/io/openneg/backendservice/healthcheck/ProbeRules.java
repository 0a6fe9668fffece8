package io.openneg.backendservice.healthcheck;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.openneg.backend.v1.GrpcHealthCheck;
import io.openneg.backend.v1.HealthCheck.CheckCase;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.serviceruntime.api.Violations;
import java.util.Locale;

/** The limits of what a probe sends and expects (compute v1). Pure but for the faults it notes. */
final class ProbeRules {
  private static final int MAX_TEXT = 1024;
  private static final int MAX_PATH = 2048;
  private static final int MAX_HOST = 255;

  private final String at;
  private final boolean secure;
  private final Violations faults;

  /**
   * @param check the field that holds the check, with its dot
   * @param kind of the check, which names the field within
   */
  ProbeRules(String check, CheckCase kind, Violations faults) {
    this.at = check + kind.name().toLowerCase(Locale.ROOT) + ".";
    this.secure =
        kind == CheckCase.HTTPS_HEALTH_CHECK
            || kind == CheckCase.HTTP2_HEALTH_CHECK
            || kind == CheckCase.SSL_HEALTH_CHECK;
    this.faults = faults;
  }

  void http(HttpHealthCheck http) {
    port(http.hasPort(), http.getPort(), http.getPortSpecification());
    faults.check(
        isVisibleAscii(http.getHost(), MAX_HOST),
        at + "host",
        "must be visible ASCII of up to 255 characters");
    String path = http.getRequestPath();
    faults.check(
        path.isEmpty() || (path.startsWith("/") && isVisibleAscii(path, MAX_PATH)),
        at + "request_path",
        "must begin with '/' and be visible ASCII of up to 2,048 characters");
    text(http.getResponse(), "response");
    proxyHeader(http.getProxyHeader());
    verification(http.getVerifyCertificate());
  }

  void tcp(TcpHealthCheck tcp) {
    port(tcp.hasPort(), tcp.getPort(), tcp.getPortSpecification());
    text(tcp.getRequest(), "request");
    text(tcp.getResponse(), "response");
    proxyHeader(tcp.getProxyHeader());
    verification(tcp.getVerifyCertificate());
  }

  void grpc(GrpcHealthCheck grpc) {
    port(grpc.hasPort(), grpc.getPort(), grpc.getPortSpecification());
    faults.check(
        grpc.hasPort() || grpc.getPortSpecification() != PortSpecification.USE_FIXED_PORT,
        at + "port",
        "must be given with USE_FIXED_PORT: gRPC has no default port");
    text(grpc.getGrpcServiceName(), "grpc_service_name");
  }

  private void port(boolean has, int port, PortSpecification specification) {
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

  private void proxyHeader(ProxyHeader header) {
    faults.check(
        header != ProxyHeader.UNRECOGNIZED, at + "proxy_header", "must be NONE or PROXY_V1");
  }

  private void verification(boolean wanted) {
    faults.check(
        secure || !wanted,
        at + "verify_certificate",
        "must not be set: there is no certificate without TLS");
  }

  private void text(String text, String field) {
    faults.check(
        text.length() <= MAX_TEXT && US_ASCII.newEncoder().canEncode(text),
        at + field,
        "must be ASCII of up to 1,024 characters");
  }

  private static boolean isVisibleAscii(String text, int max) {
    return text.length() <= max && text.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
