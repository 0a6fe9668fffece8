package io.openneg.edgeproxy.decode;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys in PEM. What it says of a key tells nothing of the key. */
final class Pem {

  private static final Pattern KEY_BLOCK =
      Pattern.compile(
          "-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  private Pem() {}

  /** At least one. */
  static List<X509Certificate> certificates(String text, String path) {
    try {
      List<X509Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    } catch (GeneralSecurityException e) {
      throw new InvalidField(path, "must be X.509 certificates in PEM");
    }
    throw new InvalidField(path, "must have a certificate in PEM");
  }

  /** The key that belongs to a certificate: PKCS#8, PKCS#1 or SEC1. */
  static PrivateKey privateKey(String text, PublicKey certified, String path) {
    Matcher block = KEY_BLOCK.matcher(text);
    if (!block.find()) {
      throw new InvalidField(
          path, "must be a private key in PEM, not encrypted: PKCS#8, PKCS#1 or SEC1");
    }
    try {
      byte[] body = Base64.getMimeDecoder().decode(block.group(2));
      byte[] pkcs8 = block.group(1).equals("PRIVATE KEY") ? body : pkcs8(body, certified);
      PrivateKey key =
          KeyFactory.getInstance(certified.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      if (belong(key, certified)) {
        return key;
      }
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new InvalidField(path, "cannot be read as a key of the certificate's kind");
    }
    throw new InvalidField(path, "is not the key of the certificate");
  }

  /** The older forms leave out what kind of key it is; the certificate says the same. */
  private static byte[] pkcs8(byte[] key, PublicKey certified) {
    return tagged(
        SEQUENCE, VERSION_0, algorithm(certified.getEncoded()), tagged(OCTET_STRING, key));
  }

  /** The first element of a SubjectPublicKeyInfo, RFC 5280, 4.1. */
  private static byte[] algorithm(byte[] publicKeyInfo) {
    ByteBuffer in = ByteBuffer.wrap(publicKeyInfo);
    skipHeader(in);
    int start = in.position();
    int length = skipHeader(in);
    byte[] element = new byte[in.position() - start + length];
    in.position(start).get(element);
    return element;
  }

  /** Reads a tag and a length, and answers with the length (X.690, 8.1.3). */
  private static int skipHeader(ByteBuffer in) {
    in.get();
    int first = in.get() & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = first & 0x7f; i > 0; i--) {
      length = length << 8 | (in.get() & 0xff);
    }
    return length;
  }

  private static byte[] tagged(int tag, byte[]... contents) {
    int length = 0;
    for (byte[] content : contents) {
      length += content.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length + 6).put((byte) tag);
    if (length < 0x80) {
      out.put((byte) length);
    } else if (length < 0x100) {
      out.put((byte) 0x81).put((byte) length);
    } else {
      out.put((byte) 0x82).putShort((short) length);
    }
    for (byte[] content : contents) {
      out.put(content);
    }
    byte[] element = new byte[out.position()];
    out.flip().get(element);
    return element;
  }

  private static boolean belong(PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    String algorithm =
        switch (certified.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case String other -> other;
        };
    byte[] something = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(something);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(something);
    return signature.verify(signed);
  }
}
