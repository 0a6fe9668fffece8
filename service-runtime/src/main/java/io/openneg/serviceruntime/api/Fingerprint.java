package io.openneg.serviceruntime.api;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** The fingerprint of a resource: who sends it back has seen the content (compute v1). Pure. */
public final class Fingerprint {
  private Fingerprint() {}

  /**
   * Eight bytes that change with the content, in the URL-safe alphabet (compute v1: clients decode
   * and encode it again).
   *
   * @param content without a fingerprint of its own
   */
  public static String of(Message content) {
    try {
      byte[] bytes = new byte[content.getSerializedSize()];
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      // Map entries have no order of their own.
      out.useDeterministicSerialization();
      content.writeTo(out);
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return Base64.getUrlEncoder().encodeToString(Arrays.copyOf(digest, 8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a client means this one; in either alphabet, with or without padding (compute v1). */
  public static boolean matches(String sent, String current) {
    return bare(sent).equals(bare(current));
  }

  private static String bare(String fingerprint) {
    return fingerprint.replace('+', '-').replace('/', '_').replace("=", "");
  }
}
