package io.openneg.backendservice.healthcheck;

import io.openneg.backend.v1.GrpcHealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TcpHealthCheck;

/** Fills in what a check leaves to its kind (compute v1). Pure. */
final class ProbeDefaults {
  private ProbeDefaults() {}

  /**
   * @param fixedPort the port with USE_FIXED_PORT when none is given
   */
  static void http(HttpHealthCheck.Builder http, int fixedPort) {
    http.setPortSpecification(specification(http.getPortSpecification(), http.hasPort()));
    if (http.getPortSpecification() == PortSpecification.USE_FIXED_PORT && !http.hasPort()) {
      http.setPort(fixedPort);
    }
    if (http.getRequestPath().isEmpty()) {
      http.setRequestPath("/");
    }
    http.setProxyHeader(proxyHeader(http.getProxyHeader()));
  }

  /**
   * @param fixedPort as with {@link #http}
   */
  static void tcp(TcpHealthCheck.Builder tcp, int fixedPort) {
    tcp.setPortSpecification(specification(tcp.getPortSpecification(), tcp.hasPort()));
    if (tcp.getPortSpecification() == PortSpecification.USE_FIXED_PORT && !tcp.hasPort()) {
      tcp.setPort(fixedPort);
    }
    tcp.setProxyHeader(proxyHeader(tcp.getProxyHeader()));
  }

  static void grpc(GrpcHealthCheck.Builder grpc) {
    grpc.setPortSpecification(specification(grpc.getPortSpecification(), grpc.hasPort()));
  }

  private static PortSpecification specification(PortSpecification wanted, boolean hasPort) {
    if (wanted != PortSpecification.PORT_SPECIFICATION_UNSPECIFIED) {
      return wanted;
    }
    return hasPort ? PortSpecification.USE_FIXED_PORT : PortSpecification.USE_SERVING_PORT;
  }

  private static ProxyHeader proxyHeader(ProxyHeader wanted) {
    return wanted == ProxyHeader.PROXY_HEADER_UNSPECIFIED ? ProxyHeader.NONE : wanted;
  }
}
