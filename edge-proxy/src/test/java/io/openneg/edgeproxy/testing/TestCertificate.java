package io.openneg.edgeproxy.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A certificate that nobody has signed, with its key.
 *
 * @param store holds both, as PKCS#12
 */
public record TestCertificate(X509Certificate certificate, PrivateKey key, Path store) {

  public static final String PASSWORD = "changeit";

  /**
   * @param algorithm EC or RSA
   */
  public static TestCertificate create(Path directory, String algorithm, String... dnsNames) {
    try {
      Path store = Files.createTempDirectory(directory, "certificate").resolve("server.p12");
      List<String> command =
          new ArrayList<>(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "server",
                  "-keyalg",
                  algorithm,
                  "-dname",
                  "CN=somebody else",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  PASSWORD));
      if (dnsNames.length > 0) {
        command.add("-ext");
        command.add(
            "SAN="
                + Stream.of(dnsNames).map(name -> "dns:" + name).collect(Collectors.joining(",")));
      }
      Path log = store.resolveSibling("keytool.log");
      Process keytool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IllegalStateException("keytool: " + Files.readString(log));
      }
      return read(store);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static TestCertificate read(Path store) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return new TestCertificate(
        (X509Certificate) keys.getCertificate("server"),
        (PrivateKey) keys.getKey("server", PASSWORD.toCharArray()),
        store);
  }

  public String certificatePem() {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** PKCS#8. */
  public String keyPem() {
    return pem("PRIVATE KEY", key.getEncoded());
  }

  /** PKCS#1 or SEC1: what PKCS#8 has inside. */
  public String olderKeyPem() {
    byte[] pkcs8 = key.getEncoded();
    boolean rsa = key.getAlgorithm().equals("RSA");
    // It is the first OCTET STRING that reaches to the end.
    int at = -1;
    for (int i = 0; at < 0; i++) {
      at = pkcs8[i] == 0x04 ? startOfLast(pkcs8, i) : -1;
    }
    byte[] inner = Arrays.copyOfRange(pkcs8, at, pkcs8.length);
    return pem(rsa ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", inner);
  }

  /** Where the content of an element begins that reaches to the end, or -1. */
  private static int startOfLast(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    int bytes = first < 0x80 ? 0 : first & 0x7f;
    if (bytes > 2 || at + 2 + bytes > der.length) {
      return -1;
    }
    int length = bytes == 0 ? first : 0;
    for (int i = 0; i < bytes; i++) {
      length = length << 8 | (der[at + 2 + i] & 0xff);
    }
    int start = at + 2 + bytes;
    return start + length == der.length ? start : -1;
  }

  private static String pem(String label, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            label,
            Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(content),
            label);
  }

  public Secret secret(String name) {
    return secret(name, certificatePem(), keyPem());
  }

  public static Secret secret(String name, String certificate, String key) {
    return Secret.newBuilder()
        .setName(name)
        .setTlsCertificate(
            TlsCertificate.newBuilder()
                .setCertificateChain(DataSource.newBuilder().setInlineString(certificate))
                .setPrivateKey(DataSource.newBuilder().setInlineString(key)))
        .build();
  }
}
