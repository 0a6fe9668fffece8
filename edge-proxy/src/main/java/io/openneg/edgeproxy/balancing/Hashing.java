package io.openneg.edgeproxy.balancing;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Hashes of 64 bits, alike in every process. */
public final class Hashing {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Hashing() {}

  /** FNV-1a, mixed, because its high bits differ little for texts that are alike. */
  public static long of(String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return mix(hash);
  }

  /** A hash of two. */
  public static long of(long one, long other) {
    return mix(Long.rotateLeft(one, 1) ^ other);
  }

  private static long mix(long hash) {
    long mixed = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }

  /** Between 0 and 1, neither included. */
  static double unit(long hash) {
    return ((hash >>> 11) + 0.5) * 0x1.0p-53;
  }
}
