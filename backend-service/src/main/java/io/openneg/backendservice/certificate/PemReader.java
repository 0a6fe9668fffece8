package io.openneg.backendservice.certificate;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** Reads PEM. Pure; what it throws says nothing of the content. */
final class PemReader {

  /** A text that is not what it should be; the message is a rule for its field. */
  static final class NotReadableException extends Exception {
    private static final long serialVersionUID = 1L;

    NotReadableException(String rule) {
      super(rule);
    }
  }

  private PemReader() {}

  /** The certificates of a text that has nothing else. */
  static List<X509Certificate> certificates(String text) throws NotReadableException {
    List<X509Certificate> found = new ArrayList<>();
    JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
        if (!(each instanceof X509CertificateHolder holder)) {
          throw new NotReadableException("must have PEM blocks of CERTIFICATE only");
        }
        found.add(converter.getCertificate(holder));
      }
    } catch (IOException | CertificateException | IllegalArgumentException _) {
      throw new NotReadableException("must be X.509 certificates in PEM");
    }
    return found;
  }

  /** The one private key of a text. */
  static PrivateKey privateKey(String text) throws NotReadableException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      PrivateKeyInfo key = key(parser.readObject());
      if (key == null) {
        // OpenSSL writes the parameters of a curve ahead of a key on it.
        key = key(parser.readObject());
      }
      if (key != null) {
        return KeyFactory.getInstance(algorithm(key))
            .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException _) {
      // Told below: what is wrong with a key would tell of it.
    }
    throw new NotReadableException("must be a private key in PEM: PKCS#8, PKCS#1 or SEC1");
  }

  private static String algorithm(PrivateKeyInfo key) throws NotReadableException {
    ASN1ObjectIdentifier algorithm = key.getPrivateKeyAlgorithm().getAlgorithm();
    if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return "RSA";
    }
    if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return "EC";
    }
    throw new NotReadableException("must be a key of RSA or ECDSA");
  }

  private static @Nullable PrivateKeyInfo key(@Nullable Object block) throws NotReadableException {
    return switch (block) {
      case PrivateKeyInfo info -> info;
      case PEMKeyPair pair -> pair.getPrivateKeyInfo();
      case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
          throw new NotReadableException("must not be encrypted: the service could not use it");
      case null, default -> null;
    };
  }
}
