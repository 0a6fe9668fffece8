package io.openneg.backendservice.certificate;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backendservice.certificate.PemReader.NotReadableException;
import io.openneg.serviceruntime.api.Violations;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/** What a certificate and its key must be (compute v1). Pure. */
final class CertificateRules {
  private static final int MAX_CHAIN = 5;
  private static final int MAX_CERTIFICATE = 32_768;
  private static final int MAX_KEY = 16_384;
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateRules() {}

  /** A certificate that may be created. */
  record Checked(SslCertificate certificate, PrivateKey key) {}

  /**
   * Reads a certificate and its key.
   *
   * @param now none of the chain may have ended by then
   * @throws io.openneg.eventlog.RejectedException INVALID_ARGUMENT that names every fault, and
   *     never has a word of the key
   */
  static Checked check(SslCertificate wanted, String key, Instant now) {
    Violations faults = new Violations();
    List<X509Certificate> chain = chain(wanted.getCertificate(), now, faults);
    PrivateKey read = null;
    if (faults.check(!key.isEmpty(), "private_key", "must be given")
        && faults.check(
            key.length() <= MAX_KEY,
            "private_key",
            "must have at most %d characters".formatted(MAX_KEY))) {
      try {
        read = PemReader.privateKey(key);
        faults.check(
            chain.isEmpty() || fits(chain.getFirst().getPublicKey(), read),
            "private_key",
            "must be the key of the first certificate");
      } catch (NotReadableException e) {
        faults.check(false, "private_key", String.valueOf(e.getMessage()));
      }
    }
    faults.orThrow();
    if (read == null) {
      throw new IllegalStateException("a key without fault");
    }
    return new Checked(described(wanted, chain.getFirst()), read);
  }

  private static List<X509Certificate> chain(String pem, Instant now, Violations faults) {
    String field = "ssl_certificate.certificate";
    if (!faults.check(!pem.isBlank(), field, "must be given")
        || !faults.check(
            pem.length() <= MAX_CERTIFICATE,
            field,
            "must have at most %d characters".formatted(MAX_CERTIFICATE))) {
      return List.of();
    }
    List<X509Certificate> chain;
    try {
      chain = PemReader.certificates(pem);
    } catch (NotReadableException e) {
      faults.check(false, field, String.valueOf(e.getMessage()));
      return List.of();
    }
    if (!faults.check(
        !chain.isEmpty() && chain.size() <= MAX_CHAIN,
        field,
        "must have 1..%d certificates, has %d".formatted(MAX_CHAIN, chain.size()))) {
      return List.of();
    }
    for (int i = 0; i < chain.size(); i++) {
      X509Certificate each = chain.get(i);
      faults.check(
          each.getNotAfter().toInstant().isAfter(now),
          field,
          "must not have expired: the certificate of %s ended at %s"
              .formatted(each.getSubjectX500Principal(), each.getNotAfter().toInstant()));
      if (i + 1 < chain.size()) {
        faults.check(
            isIssuedBy(each, chain.get(i + 1)),
            field,
            "must name the issuer of each behind it: %s did not issue %s"
                .formatted(
                    chain.get(i + 1).getSubjectX500Principal(), each.getSubjectX500Principal()));
      }
    }
    faults.check(
        isStrong(chain.getFirst().getPublicKey()),
        field,
        "must have a key of RSA with 2048 bits or more, or of ECDSA on P-256 or P-384");
    return chain;
  }

  private static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static boolean isStrong(PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= 2048;
      case ECPublicKey ec -> {
        int bits = ec.getParams().getCurve().getField().getFieldSize();
        yield bits == 256 || bits == 384;
      }
      default -> false;
    };
  }

  /** Whether what one signs the other verifies. */
  private static boolean fits(PublicKey publicKey, PrivateKey key) {
    if (!publicKey.getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    try {
      Signature signature =
          Signature.getInstance(
              publicKey instanceof RSAPublicKey ? "SHA256withRSA" : "SHA256withECDSA");
      byte[] text = publicKey.getEncoded();
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(publicKey);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static SslCertificate described(SslCertificate wanted, X509Certificate server) {
    try {
      SslCertificate.Builder described =
          wanted.toBuilder()
              .clearChangeToken()
              .clearSubjectAlternativeNames()
              .setExpireTime(
                  Timestamp.newBuilder()
                      .setSeconds(
                          server
                              .getNotAfter()
                              .toInstant()
                              .truncatedTo(ChronoUnit.SECONDS)
                              .getEpochSecond()))
              .setSha256Fingerprint(
                  HexFormat.of()
                      .formatHex(MessageDigest.getInstance("SHA-256").digest(server.getEncoded())));
      Collection<List<?>> names = server.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          Object kind = name.getFirst();
          if (kind.equals(DNS_NAME) || kind.equals(IP_ADDRESS)) {
            described.addSubjectAlternativeNames((String) name.getLast());
          }
        }
      }
      return described.build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }
}
