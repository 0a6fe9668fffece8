package io.openneg.edgeproxy.decode;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.openneg.edgeproxy.config.ServerCertificate;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Reads a Secret: a certificate with its private key, both inline in PEM. Reasons tell of neither.
 */
final class SecretReader {

  private SecretReader() {}

  static ServerCertificate read(Secret secret) {
    Fields.required(secret.getName(), "name");
    if (!secret.hasTlsCertificate()) {
      throw new InvalidField("tls_certificate", "must be set");
    }
    FieldCheck.check(secret);
    String chainPath = "tls_certificate.certificate_chain";
    List<X509Certificate> chain =
        Pem.certificates(
            Fields.text(secret.getTlsCertificate().getCertificateChain(), chainPath), chainPath);
    String keyPath = "tls_certificate.private_key";
    PrivateKey key =
        Pem.privateKey(
            Fields.text(secret.getTlsCertificate().getPrivateKey(), keyPath),
            chain.getFirst().getPublicKey(),
            keyPath);
    return new ServerCertificate(secret.getName(), chain, key);
  }
}
