package io.openneg.negservice.inventory.instancegroup;

import io.openneg.neg.v1.InstanceGroup;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.TreePMap;

/**
 * What the stream of an instance group amounts to. Immutable.
 *
 * @param group with network and size; null: there is none
 * @param members primary addresses by the full names of instances; empty where none was recorded
 * @param deleting its deletion is recorded and not decided
 * @param refusedDeletions tells the deletions of one group apart
 */
public record InstanceGroupState(
    @Nullable InstanceGroup group,
    PMap<String, String> members,
    boolean deleting,
    int refusedDeletions) {
  static final InstanceGroupState ABSENT = new InstanceGroupState(null, TreePMap.empty(), false, 0);

  static InstanceGroupState created(InstanceGroup group) {
    return new InstanceGroupState(group, TreePMap.empty(), false, 0);
  }

  InstanceGroupState with(InstanceGroup changed, PMap<String, String> changedMembers) {
    return new InstanceGroupState(changed, changedMembers, deleting, refusedDeletions);
  }

  InstanceGroupState startingDeletion() {
    return new InstanceGroupState(group, members, true, refusedDeletions);
  }

  InstanceGroupState afterRefusedDeletion() {
    return new InstanceGroupState(group, members, false, refusedDeletions + 1);
  }
}
