package io.openneg.proxyconfigservice.routing;

import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a forwarding rule leads, whatever its kind of target proxy. Immutable. */
public sealed interface RuleTarget {
  /** Name of the target proxy. */
  String proxy();

  /** Names of the certificates that clients may be shown, the default first; empty: no TLS. */
  List<String> certificates();

  /** A target HTTP or HTTPS proxy: requests are routed by a URL map. */
  record Http(String proxy, String urlMap, List<String> certificates) implements RuleTarget {
    public Http {
      certificates = List.copyOf(certificates);
    }
  }

  /**
   * A target TCP or SSL proxy: bytes go to one backend service.
   *
   * @param tellsClient whether endpoints are told of the client (PROXY_V1)
   */
  record Bytes(String proxy, String service, List<String> certificates, boolean tellsClient)
      implements RuleTarget {
    public Bytes {
      certificates = List.copyOf(certificates);
    }
  }

  /** The target of this name; empty: there is none (yet). */
  static Optional<RuleTarget> find(RoutingTable table, String name) {
    @Nullable TargetHttpProxy http = table.targetHttpProxies().get(name);
    if (http != null) {
      return Optional.of(new Http(name, http.getUrlMap(), List.of()));
    }
    @Nullable TargetHttpsProxy https = table.targetHttpsProxies().get(name);
    if (https != null) {
      return Optional.of(new Http(name, https.getUrlMap(), https.getSslCertificatesList()));
    }
    @Nullable TargetTcpProxy tcp = table.targetTcpProxies().get(name);
    if (tcp != null) {
      return Optional.of(
          new Bytes(
              name, tcp.getService(), List.of(), tcp.getProxyHeader() == ProxyHeader.PROXY_V1));
    }
    @Nullable TargetSslProxy ssl = table.targetSslProxies().get(name);
    return ssl == null
        ? Optional.empty()
        : Optional.of(
            new Bytes(
                name,
                ssl.getService(),
                ssl.getSslCertificatesList(),
                ssl.getProxyHeader() == ProxyHeader.PROXY_V1));
  }
}
