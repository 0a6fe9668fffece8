package io.openneg.healthservice.shard;

import java.util.Set;

/** Another replica has claimed shards meanwhile: what was to be announced of them is its to say. */
public final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Set<Integer> lost;

  FencedException(Set<Integer> lost) {
    super("another replica has claimed the shards " + lost);
    this.lost = Set.copyOf(lost);
  }

  /** The shards; never none. */
  public Set<Integer> lost() {
    return lost;
  }
}
