package io.openneg.healthservice.shard;

import io.openneg.eventlog.Topics;

/** Which shard a target is of. The same on every replica, of every version. Pure. */
public final class Shards {
  /**
   * As many as a topic has partitions, for they are assigned as such; more replicas than that stand
   * by.
   */
  public static final int COUNT = Topics.PARTITIONS;

  private Shards() {}

  /**
   * @param stream the target's stream
   */
  public static int of(String stream) {
    // String.hashCode is laid down in Java's specification; names that differ in one digit are
    // close to each other in it, so it is mixed (MurmurHash3's finalizer).
    int hash = stream.hashCode();
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return Math.floorMod(hash ^ (hash >>> 16), COUNT);
  }
}
