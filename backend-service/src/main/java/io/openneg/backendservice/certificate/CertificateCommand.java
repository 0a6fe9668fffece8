package io.openneg.backendservice.certificate;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backendservice.resource.Facts;

/** What may be asked of a certificate. It never has the private key. */
public sealed interface CertificateCommand {
  String name();

  /**
   * @param described as {@link CertificateRules} found it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, SslCertificate described)
      implements CertificateCommand {}

  record Delete(String name, Facts facts) implements CertificateCommand {}
}
