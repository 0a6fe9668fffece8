package io.openneg.negservice.deletion;

import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.negservice.deletion.GroupDeletion.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * A kind of group as far as its deletion goes. The start of a deletion is an event, and the next
 * event of the stream is its outcome. Thread-safe.
 */
public interface DeletableGroups {

  /**
   * A deletion that is recorded.
   *
   * @param name of the group
   * @param id of the group, so that another one of that name is not meant
   * @param refusedBefore tells the deletions of one group apart
   * @param version of the stream with the start of the deletion
   */
  record Started(String name, long id, int refusedBefore, long version) {}

  /** Names of the groups whose deletion is recorded and not decided. */
  List<String> undecided();

  /** The deletion that is under way, if one is. */
  Optional<Started> underWay(String name);

  /**
   * Records the outcome, unless somebody else was first.
   *
   * @param users who uses the group; empty: nobody does, and nobody can any more
   */
  void conclude(Started deletion, List<String> users, CommandContext context);

  /**
   * What the event behind the start of a deletion says.
   *
   * @throws IllegalStateException when it is no outcome
   */
  Verdict verdict(RecordedEvent outcome);
}
