package io.openneg.negservice.inventory.instance;

import com.google.protobuf.Timestamp;
import io.openneg.neg.v1.Instance;
import java.util.Optional;

/** What may be asked of an instance, with every fact the answer needs. */
public sealed interface InstanceCommand {

  /** The full name of the instance. */
  String name();

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, Instance wanted, Surroundings surroundings)
      implements InstanceCommand {}

  /**
   * @param wanted as the client sent it
   * @param current as in events; empty: there is none
   * @param force whether what serves on addresses that go is given up
   */
  record Update(
      String name,
      Instance wanted,
      Optional<Instance> current,
      Surroundings surroundings,
      InstanceUses uses,
      boolean force)
      implements InstanceCommand {}

  /**
   * @param force whether its endpoints and memberships are given up
   */
  record Delete(String name, InstanceUses uses, boolean force) implements InstanceCommand {}
}
