package io.openneg.serviceruntime.secrets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets with AES-256-GCM, each for what it belongs to: one that is moved elsewhere cannot
 * be opened. A sealed secret is a version (1), a nonce of 12 bytes, and the ciphertext with its tag
 * of 16 bytes. Thread-safe.
 */
public final class SealedSecrets {
  private static final byte VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKey key;
  private final SecureRandom random = new SecureRandom();

  private SealedSecrets(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
  }

  /**
   * @param file holds 32 random bytes in base64, such as {@code openssl rand -base64 32} writes
   * @throws IllegalArgumentException when it holds anything else; the message does not tell what
   * @throws UncheckedIOException when it cannot be read
   */
  public static SealedSecrets withKeyOf(Path file) {
    try {
      return new SealedSecrets(decode(Files.readString(file).strip(), file));
    } catch (IOException e) {
      throw new UncheckedIOException("OPENNEG_SECRETS_KEY_FILE cannot be read", e);
    }
  }

  private static byte[] decode(String text, Path file) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      key = new byte[0]; // what is wrong with it would tell of it
    }
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "OPENNEG_SECRETS_KEY_FILE: %s must hold 32 bytes in base64 (openssl rand -base64 32)"
              .formatted(file));
    }
    return key;
  }

  /** A new key, as {@link #withKeyOf} reads it. */
  public static String newKey() {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }

  /**
   * @param owner what the secret belongs to
   */
  public byte[] seal(byte[] secret, String owner) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, owner).doFinal(secret);
      return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
          .put(VERSION)
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM is in every JDK", e);
    }
  }

  /**
   * @param owner as it was sealed for
   * @throws SecretNotOpenedException when it was sealed with another key or for another owner, or
   *     was changed
   */
  public byte[] open(byte[] sealed, String owner) {
    if (sealed.length < 1 + NONCE_BYTES + TAG_BITS / 8 || sealed[0] != VERSION) {
      throw new SecretNotOpenedException(owner, null);
    }
    byte[] nonce = new byte[NONCE_BYTES];
    System.arraycopy(sealed, 1, nonce, 0, NONCE_BYTES);
    try {
      int at = 1 + NONCE_BYTES;
      return cipher(Cipher.DECRYPT_MODE, nonce, owner).doFinal(sealed, at, sealed.length - at);
    } catch (GeneralSecurityException e) {
      throw new SecretNotOpenedException(owner, e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce, String owner) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(owner.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
