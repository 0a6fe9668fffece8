package io.openneg.backendservice.apply;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;
import io.openneg.eventlog.RejectedException;
import java.util.List;

/**
 * One kind of resource that a configuration can have: which commands lead from what a resource is
 * to what it is to be. The rules are those of the commands.
 *
 * @param <M> as published
 */
interface Kind<M extends Message> {

  /** The configuration's list of these, such as {@code health_checks}. */
  String list();

  /** How refusals of the commands call the resource, such as {@code health_check}. */
  String called();

  Resources<M, ?> resources();

  /** The network endpoint groups that a resource names. */
  default List<String> groups(M wanted) {
    return List.of();
  }

  /**
   * @throws RejectedException when it is refused
   */
  void create(Rehearsal rehearsal, String name, M wanted, Timestamp now);

  /**
   * Nothing happens when the resource is as wanted already.
   *
   * @throws RejectedException when it is refused
   */
  void update(Rehearsal rehearsal, String name, M current, M wanted);

  /**
   * @return the version behind it
   * @throws RejectedException when it is refused
   */
  long delete(Rehearsal rehearsal, String name);
}
