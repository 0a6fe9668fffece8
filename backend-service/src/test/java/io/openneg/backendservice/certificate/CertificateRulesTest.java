package io.openneg.backendservice.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.SslCertificate;
import io.openneg.backendservice.certificate.CertificateRules.Checked;
import io.openneg.backendservice.certificate.TestCertificates.Issued;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Violation;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.assertj.core.api.Assertions;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateRulesTest {
  private static final String CERTIFICATE = "ssl_certificate.certificate";
  private static final String KEY = "private_key";

  private static Checked check(String certificate, String key) {
    return CertificateRules.check(
        SslCertificate.newBuilder().setCertificate(certificate).build(), key, Instant.now());
  }

  private static Rejection refused(String certificate, String key, String field, String rule) {
    RejectedException e =
        Assertions.catchThrowableOfType(RejectedException.class, () -> check(certificate, key));
    assertThat(e).as("refused").isNotNull();
    assertThat(e.rejection().violations())
        .as(e.toString())
        .anySatisfy(
            (Violation v) -> {
              assertThat(v.subject()).isEqualTo(field);
              assertThat(v.description()).contains(rule);
            });
    return e.rejection();
  }

  @Test
  void whatItIsForIsRead() throws Exception {
    Issued issued = TestCertificates.selfSigned("www.example.com", TestCertificates.rsa(2048));
    SslCertificate read = check(issued.pem(), issued.keyPem()).certificate();

    assertThat(read.getSubjectAlternativeNamesList())
        .containsExactly("www.example.com", "10.1.2.3");
    assertThat(read.getSha256Fingerprint()).matches("[0-9a-f]{64}");
    assertThat(read.getExpireTime().getSeconds())
        .isEqualTo(issued.certificate().getNotAfter().toInstant().getEpochSecond());
  }

  @Test
  void theKeyIsReadInEachOfItsForms() throws Exception {
    for (KeyPair keys :
        new KeyPair[] {
          TestCertificates.rsa(2048),
          TestCertificates.ec("secp256r1"),
          TestCertificates.ec("secp384r1")
        }) {
      Issued issued = TestCertificates.selfSigned("a.com", keys);
      String pkcs8 = TestCertificates.pem(new JcaPKCS8Generator(keys.getPrivate(), null));

      assertThat(pkcs8).contains("BEGIN PRIVATE KEY");
      assertThat(issued.keyPem()).containsAnyOf("BEGIN RSA PRIVATE KEY", "BEGIN EC PRIVATE KEY");
      assertThat(check(issued.pem(), pkcs8).key().getAlgorithm())
          .isEqualTo(keys.getPrivate().getAlgorithm());
      assertThat(check(issued.pem(), issued.keyPem()).key().getAlgorithm())
          .isEqualTo(keys.getPrivate().getAlgorithm());
      String parameters =
          "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
      assertThat(check(issued.pem(), parameters + issued.keyPem()).key()).isNotNull();
    }
  }

  @Test
  void aKeyOfAnotherCertificateIsRefused() throws Exception {
    Issued rsa = TestCertificates.selfSigned("a.com", TestCertificates.rsa(2048));
    Issued other = TestCertificates.selfSigned("a.com", TestCertificates.rsa(2048));
    Issued ec = TestCertificates.selfSigned("a.com", TestCertificates.ec("secp256r1"));

    refused(rsa.pem(), other.keyPem(), KEY, "must be the key of the first certificate");
    refused(rsa.pem(), ec.keyPem(), KEY, "must be the key of the first certificate");
  }

  @Test
  void aChainIsInOrderAndEachIssuedTheOneBefore() throws Exception {
    Instant end = Instant.now().plus(Duration.ofDays(1));
    Issued root = TestCertificates.selfSigned("root", TestCertificates.ec("secp256r1"));
    Issued middle =
        TestCertificates.issued(
            "middle", TestCertificates.ec("secp256r1"), "root", root.keys().getPrivate(), end);
    Issued server =
        TestCertificates.issued(
            "a.com", TestCertificates.rsa(2048), "middle", middle.keys().getPrivate(), end);

    assertThat(check(server.pem() + middle.pem() + root.pem(), server.keyPem()).certificate())
        .isNotNull();
    refused(server.pem() + root.pem(), server.keyPem(), CERTIFICATE, "CN=root did not issue");
    Issued impostor = TestCertificates.selfSigned("middle", TestCertificates.ec("secp256r1"));
    refused(server.pem() + impostor.pem(), server.keyPem(), CERTIFICATE, "did not issue");
  }

  @Test
  void oneThatHasExpiredIsRefused() throws Exception {
    KeyPair keys = TestCertificates.ec("secp256r1");
    Issued expired =
        TestCertificates.issued(
            "a.com", keys, "a.com", keys.getPrivate(), Instant.now().minusSeconds(5));

    refused(expired.pem(), expired.keyPem(), CERTIFICATE, "must not have expired");
  }

  @Test
  void weakKeysAreRefused() throws Exception {
    Issued small = TestCertificates.selfSigned("a.com", TestCertificates.rsa(1024));
    Issued odd = TestCertificates.selfSigned("a.com", TestCertificates.ec("secp521r1"));

    refused(small.pem(), small.keyPem(), CERTIFICATE, "2048 bits");
    refused(odd.pem(), odd.keyPem(), CERTIFICATE, "P-256 or P-384");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"})
  void whatIsNoCertificateIsRefused(String text) throws Exception {
    Issued issued = TestCertificates.selfSigned("a.com", TestCertificates.ec("secp256r1"));

    refused(text, issued.keyPem(), CERTIFICATE, "must");
  }

  @Test
  void noRefusalTellsOfTheKey() throws Exception {
    Issued issued = TestCertificates.selfSigned("a.com", TestCertificates.rsa(2048));
    String body = issued.keyPem().lines().skip(1).findFirst().orElseThrow();
    for (String key :
        new String[] {
          issued.keyPem().substring(0, issued.keyPem().length() / 2),
          issued.keyPem().replace("RSA PRIVATE KEY", "DSA PRIVATE KEY"),
          "x".repeat(16_385) + issued.keyPem()
        }) {
      Rejection refusal = refused(issued.pem(), key, KEY, "must");
      assertThat(refusal.toString()).doesNotContain(body);
    }
    refused(issued.pem(), "", KEY, "must be given");
  }

  @Test
  void anEncryptedKeyIsRefusedWithTheReason() throws Exception {
    Issued issued = TestCertificates.selfSigned("a.com", TestCertificates.rsa(2048));
    String encrypted =
        TestCertificates.pem(
            new JcaPKCS8Generator(
                issued.keys().getPrivate(),
                new JceOpenSSLPKCS8EncryptorBuilder(JcaPKCS8Generator.AES_256_CBC)
                    .setProvider(new BouncyCastleProvider())
                    .setRandom(new SecureRandom())
                    .setPassword("secret".toCharArray())
                    .build()));

    refused(issued.pem(), encrypted, KEY, "must not be encrypted");
  }
}
