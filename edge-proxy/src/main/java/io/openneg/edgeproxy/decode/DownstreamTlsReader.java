package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.openneg.edgeproxy.config.DownstreamTls;
import java.util.ArrayList;
import java.util.List;

/** Reads the transport socket of a filter chain: TLS with certificates from SDS. */
final class DownstreamTlsReader {

  private DownstreamTlsReader() {}

  static DownstreamTls read(TransportSocket socket, String path) {
    String context = path + ".typed_config";
    CommonTlsContext common =
        Fields.unpack(socket.getTypedConfig(), DownstreamTlsContext.class, context)
            .getCommonTlsContext();
    String at = context + ".common_tls_context.tls_certificate_sds_secret_configs";
    if (common.getTlsCertificateSdsSecretConfigsCount() == 0) {
      throw new InvalidField(at, "must name a secret");
    }
    List<String> secrets = new ArrayList<>();
    for (SdsSecretConfig secret : common.getTlsCertificateSdsSecretConfigsList()) {
      String each = at + "[" + secrets.size() + "]";
      var _ = Fields.fromAds(secret.getSdsConfig(), each + ".sds_config");
      secrets.add(Fields.required(secret.getName(), each + ".name"));
    }
    return new DownstreamTls(secrets, common.getAlpnProtocolsList());
  }

  /** HTTP/2 is not served: clients that could speak it as well get HTTP/1.1. */
  static void checkHttp(DownstreamTls tls, String path) {
    if (!tls.protocols().isEmpty() && !tls.protocols().contains("http/1.1")) {
      throw new InvalidField(
          path + ".typed_config.common_tls_context.alpn_protocols",
          "must have \"http/1.1\": this proxy serves no other protocol");
    }
  }
}
