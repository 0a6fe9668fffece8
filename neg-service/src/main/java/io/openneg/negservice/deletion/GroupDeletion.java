package io.openneg.negservice.deletion;

import io.grpc.StatusRuntimeException;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.EventStore;
import io.openneg.negservice.deletion.DeletableGroups.Started;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Brings a recorded deletion to its end: asks backend-service for the fence, records the answer.
 * Only the log says how far a deletion is, and the event behind its start is its outcome. So a
 * deletion can be taken up after a crash, and any number of callers and replicas may work on one at
 * the same time and get the same verdict. Thread-safe.
 */
public final class GroupDeletion {
  private static final String ACTOR = "neg-service";

  private final Jdbi jdbi;
  private final EventStore store;
  private final GroupFence fence;
  private final DeletableGroups groups;

  public GroupDeletion(Jdbi jdbi, EventStore store, GroupFence fence, DeletableGroups groups) {
    this.jdbi = jdbi;
    this.store = store;
    this.fence = fence;
    this.groups = groups;
  }

  /** What became of a deletion. */
  public sealed interface Verdict {

    /**
     * @param version of the stream with the group's end
     */
    record Deleted(long version) implements Verdict {}

    /**
     * @param users full resource names
     */
    record InUse(List<String> users) implements Verdict {}

    /**
     * @param reason why backend-service gave no answer
     */
    record Undecided(String reason) implements Verdict {}
  }

  DeletableGroups groups() {
    return groups;
  }

  /**
   * @param deletion which may have found its end already
   */
  Verdict conclude(Started deletion) {
    Optional<Verdict> known = verdict(deletion);
    if (known.isPresent()) {
      return known.get();
    }
    List<String> users;
    try {
      users = fence.users(deletion.name(), deletion.id());
    } catch (StatusRuntimeException e) {
      // The first line; those behind it are a stack trace.
      return new Verdict.Undecided(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    groups.conclude(
        deletion,
        users,
        CommandContext.internal(Instant.now(), ACTOR, deletion.name() + "@" + deletion.version()));
    return verdict(deletion)
        .orElseThrow(
            () -> new IllegalStateException("no end of the deletion of " + deletion.name()));
  }

  private Optional<Verdict> verdict(Started deletion) {
    long start = deletion.version();
    return jdbi.withHandle(handle -> store.read(handle, deletion.name(), start, start + 1)).stream()
        .findFirst()
        .map(groups::verdict);
  }
}
