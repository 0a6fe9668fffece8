package io.openneg.negservice.inventory.instancegroup;

import com.google.protobuf.Timestamp;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import java.util.List;
import java.util.Map;

/** What may be asked of an instance group, with every fact the answer needs. */
public sealed interface InstanceGroupCommand {

  /** The full name of the group. */
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, InstanceGroup wanted)
      implements InstanceGroupCommand {}

  /**
   * @param instances full names
   * @param interfaces the first ones, for those that exist
   */
  record AddInstances(String name, List<String> instances, Map<String, Interface> interfaces)
      implements InstanceGroupCommand {}

  /**
   * @param network full name
   * @param address the primary one
   */
  record Interface(String network, String address) {}

  /**
   * @param instances full names
   */
  record RemoveInstances(String name, List<String> instances) implements InstanceGroupCommand {}

  /**
   * @param fingerprint empty: whatever the ports are now
   */
  record SetNamedPorts(String name, List<NamedPort> ports, String fingerprint)
      implements InstanceGroupCommand {}

  /** Joins the deletion that is under way, if one is. */
  record StartDeletion(String name) implements InstanceGroupCommand {}

  /**
   * Settles the deletion it was asked for; has no effect on any other.
   *
   * @param id of the group
   * @param refusedBefore which of the group's deletions it is
   * @param users who uses the group; empty: nobody does, and nobody can any more
   */
  record ConcludeDeletion(String name, long id, int refusedBefore, List<String> users)
      implements InstanceGroupCommand {}
}
