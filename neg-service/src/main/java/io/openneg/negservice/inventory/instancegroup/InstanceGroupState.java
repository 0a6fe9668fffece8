package io.openneg.negservice.inventory.instancegroup;

import io.openneg.neg.v1.InstanceGroup;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePSet;
import org.pcollections.PSet;

/**
 * What the stream of an instance group amounts to. Immutable.
 *
 * @param group with network and size; null: there is none
 * @param members full names of instances
 */
public record InstanceGroupState(@Nullable InstanceGroup group, PSet<String> members) {
  static final InstanceGroupState ABSENT = new InstanceGroupState(null, HashTreePSet.empty());
}
