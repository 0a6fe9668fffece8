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
   * @param networks of their first interfaces, for those that exist
   */
  record AddInstances(String name, List<String> instances, Map<String, String> networks)
      implements InstanceGroupCommand {}

  /**
   * @param instances full names
   */
  record RemoveInstances(String name, List<String> instances) implements InstanceGroupCommand {}

  /**
   * @param fingerprint empty: whatever the ports are now
   */
  record SetNamedPorts(String name, List<NamedPort> ports, String fingerprint)
      implements InstanceGroupCommand {}

  record Delete(String name) implements InstanceGroupCommand {}
}
