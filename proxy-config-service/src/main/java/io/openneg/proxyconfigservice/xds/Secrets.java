package io.openneg.proxyconfigservice.xds;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import java.util.Set;

/** Certificate and its private key → Secret. */
final class Secrets {
  private Secrets() {}

  static XdsResource translate(String name, KeyedCertificate certificate, PrivateKeys keys) {
    Secret secret =
        Secret.newBuilder()
            .setName(name)
            .setTlsCertificate(
                TlsCertificate.newBuilder()
                    .setCertificateChain(inline(certificate.getCertificate().getCertificate()))
                    .setPrivateKey(inline(keys.open(certificate))))
            .build();
    return XdsResource.of(XdsType.SECRETS, name, secret, Set.of());
  }

  private static DataSource inline(String pem) {
    return DataSource.newBuilder().setInlineString(pem).build();
  }
}
