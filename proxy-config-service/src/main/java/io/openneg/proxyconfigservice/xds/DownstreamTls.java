package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import java.util.List;

/**
 * TLS with the clients of a proxy. Its certificates are secrets that the proxy asks for by name, so
 * that no listener has a private key.
 */
final class DownstreamTls {
  private static final String TLS_SOCKET = "envoy.transport_sockets.tls";

  private DownstreamTls() {}

  /**
   * @param certificates names; the one for the client's server name is shown, else the first
   * @param protocols ALPN, in order of preference; none: it is not negotiated
   */
  static TransportSocket with(List<String> certificates, List<String> protocols) {
    CommonTlsContext.Builder context = CommonTlsContext.newBuilder().addAllAlpnProtocols(protocols);
    for (String certificate : certificates) {
      context.addTlsCertificateSdsSecretConfigs(
          SdsSecretConfig.newBuilder().setName(certificate).setSdsConfig(ConfigSources.ADS));
    }
    return TransportSocket.newBuilder()
        .setName(TLS_SOCKET)
        .setTypedConfig(
            Packed.any(DownstreamTlsContext.newBuilder().setCommonTlsContext(context).build()))
        .build();
  }
}
