package io.openneg.backendservice.certificate;

import io.openneg.backend.v1.SslCertificate;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.backendservice.resource.SealedKeyTable;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.Optional;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.jdbi.v3.core.Jdbi;

/**
 * The private keys of certificates. They are kept beside the event log, not in it: a key is durable
 * before its certificate is recorded, and a key whose certificate never came is swept away.
 * Thread-safe.
 */
public final class SealedKeys {
  private final Jdbi jdbi;
  private final ResourceView view;
  private final Optional<SealedSecrets> secrets;

  /**
   * @param secrets empty: no key is configured, so that no certificate can be created
   */
  public SealedKeys(Jdbi jdbi, ResourceView view, Optional<SealedSecrets> secrets) {
    this.jdbi = jdbi;
    this.view = view;
    this.secrets = secrets;
  }

  /**
   * @throws RejectedException SECRETS_KEY_MISSING
   */
  void keep(String certificate, long id, PrivateKey key) {
    SealedSecrets sealer =
        secrets.orElseThrow(
            () ->
                new RejectedException(
                    new Rejection(
                        Kind.FAILED_PRECONDITION,
                        "SECRETS_KEY_MISSING",
                        "backend-service has no key to seal private keys with: set"
                            + " OPENNEG_SECRETS_KEY_FILE to a file with 32 bytes in base64"
                            + " (openssl rand -base64 32)")));
    byte[] sealed =
        sealer.seal(pem(key).getBytes(StandardCharsets.US_ASCII), owner(certificate, id));
    jdbi.useHandle(handle -> SealedKeyTable.add(handle, certificate, id, sealed));
  }

  void forget(String certificate, long id) {
    jdbi.useHandle(handle -> SealedKeyTable.remove(handle, certificate, id));
  }

  Optional<byte[]> find(String certificate, long id) {
    return jdbi.withHandle(handle -> SealedKeyTable.find(handle, certificate, id));
  }

  /** Forgets the keys whose certificates were never recorded: their calls ended long ago. */
  public void sweep() {
    for (SealedKeyTable.Key key : jdbi.withHandle(SealedKeyTable::old)) {
      boolean used =
          jdbi.withHandle(h -> view.get(h, key.certificate(), SslCertificate.parser()))
              .filter(row -> row.resource().getId() == key.id())
              .isPresent();
      if (!used) {
        forget(key.certificate(), key.id());
      }
    }
  }

  /** What a key is sealed for. */
  private static String owner(String certificate, long id) {
    return certificate + "@" + Long.toUnsignedString(id);
  }

  private static String pem(PrivateKey key) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaPKCS8Generator(key, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
