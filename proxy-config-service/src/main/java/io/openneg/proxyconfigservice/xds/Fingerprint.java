package io.openneg.proxyconfigservice.xds;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 128 bits of SHA-256. The fingerprint of a set is the sum of its elements', so it does not depend
 * on order and one element's change costs two additions, not a walk over the set.
 */
public record Fingerprint(long high, long low) {
  /** Of the empty set. */
  public static final Fingerprint NONE = new Fingerprint(0, 0);

  static Fingerprint of(ByteString content) {
    MessageDigest digest = sha256();
    content.asReadOnlyByteBufferList().forEach(digest::update);
    return first128Bits(digest);
  }

  /** Of a named thing with this content. */
  static Fingerprint of(String name, Fingerprint content) {
    MessageDigest digest = sha256();
    digest.update(name.getBytes(UTF_8));
    digest.update(
        ByteBuffer.allocate(2 * Long.BYTES).putLong(content.high).putLong(content.low).array());
    return first128Bits(digest);
  }

  public Fingerprint plus(Fingerprint other) {
    return new Fingerprint(high + other.high, low + other.low);
  }

  public Fingerprint minus(Fingerprint other) {
    return new Fingerprint(high - other.high, low - other.low);
  }

  private static Fingerprint first128Bits(MessageDigest digest) {
    ByteBuffer bits = ByteBuffer.wrap(digest.digest());
    return new Fingerprint(bits.getLong(), bits.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** 32 hexadecimal digits. */
  @Override
  public String toString() {
    return "%016x%016x".formatted(high, low);
  }
}
