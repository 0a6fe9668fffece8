package io.openneg.healthservice;

import java.util.Set;

/**
 * What this replica is to do.
 *
 * @param complete whether the tables hold all that is known; before, what is absent from them is
 *     unknown and not gone, so nothing is probed
 * @param shards whose targets it is to probe
 * @param round of {@link io.openneg.healthservice.shard.ShardAssignment.Assigned}
 */
record Assignment(boolean complete, Set<Integer> shards, long round) {
  static final Assignment STARTING = new Assignment(false, Set.of(), 0);

  Role role() {
    if (!complete) {
      return Role.STARTING;
    }
    return shards.isEmpty() ? Role.STANDBY : Role.PROBING;
  }
}
