package io.openneg.backendservice.certificate;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** Makes certificates as an authority would. */
public final class TestCertificates {
  private TestCertificates() {}

  /** A certificate and its key. */
  public record Issued(X509Certificate certificate, KeyPair keys) {

    public String pem() {
      return TestCertificates.pem(certificate);
    }

    /** The key as OpenSSL writes it: PKCS#1 or SEC1. */
    public String keyPem() {
      if (!(keys.getPrivate() instanceof ECPrivateKey key)) {
        return TestCertificates.pem(keys.getPrivate());
      }
      // Bouncy Castle would leave out the curve.
      try {
        ASN1Encodable curve =
            PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm().getParameters();
        int bits = key.getParams().getOrder().bitLength();
        return TestCertificates.pem(
            new PemObject(
                "EC PRIVATE KEY",
                new org.bouncycastle.asn1.sec.ECPrivateKey(bits, key.getS(), curve).getEncoded()));
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  public static KeyPair rsa(int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  public static KeyPair ec(String curve) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  /** One that is valid for a day and signed by itself. */
  public static Issued selfSigned(String name, KeyPair keys) throws Exception {
    return issued(name, keys, name, keys.getPrivate(), Instant.now().plus(Duration.ofDays(1)));
  }

  public static Issued issued(
      String name, KeyPair keys, String issuer, PrivateKey issuersKey, Instant end)
      throws GeneralSecurityException, OperatorCreationException, CertIOException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name("CN=" + issuer),
            BigInteger.valueOf(System.nanoTime()),
            Date.from(Instant.now().minus(Duration.ofDays(2))),
            Date.from(end),
            new X500Name("CN=" + name),
            keys.getPublic());
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(
            new GeneralName[] {
              new GeneralName(GeneralName.dNSName, name),
              new GeneralName(GeneralName.iPAddress, "10.1.2.3")
            }));
    String algorithm =
        issuersKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    return new Issued(
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(new JcaContentSignerBuilder(algorithm).build(issuersKey))),
        keys);
  }

  public static String pem(Object written) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(written);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return text.toString();
  }
}
