package io.openneg.healthservice.probe;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A self-signed certificate made by the JDK's keytool, with its key. */
final class TestCertificate {
  static final String PASSWORD = "changeit";

  private final Path directory;

  private TestCertificate(Path directory) {
    this.directory = directory;
  }

  /**
   * @param subjects such as {@code ip:127.0.0.1} or {@code dns:app.example}
   */
  static TestCertificate of(Path directory, String subjects) {
    TestCertificate made = new TestCertificate(directory);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=" + subjects,
                "-storetype",
                "PKCS12",
                "-keystore",
                made.keyStore().toString(),
                "-storepass",
                PASSWORD));
    try {
      Process keytool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("keytool.log").toFile())
              .start();
      if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IllegalStateException(Files.readString(directory.resolve("keytool.log")));
      }
      byte[] certificate = made.load().getCertificate("server").getEncoded();
      Files.writeString(
          made.pem(),
          "-----BEGIN CERTIFICATE-----\n"
              + Base64.getMimeEncoder().encodeToString(certificate)
              + "\n-----END CERTIFICATE-----\n");
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Path keyStore() {
    return directory.resolve("server.p12");
  }

  Path pem() {
    return directory.resolve("server.pem");
  }

  private KeyStore load() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keyStore())) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  ServerSocket serverSocket() throws IOException {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(load(), PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context.getServerSocketFactory().createServerSocket();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
