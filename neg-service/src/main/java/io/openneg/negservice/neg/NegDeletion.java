package io.openneg.negservice.neg;

import io.grpc.StatusRuntimeException;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * Brings a recorded deletion to its end: asks backend-service for the fence, records the answer.
 * Only the log says how far a deletion is, and the event behind {@code NegDeletionStarted} is its
 * outcome. So a deletion can be taken up after a crash, and any number of callers and replicas may
 * work on one at the same time and get the same verdict. Thread-safe.
 */
public final class NegDeletion {
  private static final String ACTOR = "neg-service";

  private final Jdbi jdbi;
  private final EventStore store;
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner;
  private final NegFence fence;
  private final NegEventCodec codec = new NegEventCodec();

  public NegDeletion(
      Jdbi jdbi,
      EventStore store,
      CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner,
      NegFence fence) {
    this.jdbi = jdbi;
    this.store = store;
    this.runner = runner;
    this.fence = fence;
  }

  /** What became of a deletion. */
  sealed interface Verdict {

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

  /**
   * @param group as it is being deleted
   * @param startedAt the version of the stream with the start of this deletion, which may have
   *     found its end already
   */
  Verdict conclude(Live group, long startedAt) {
    String name = group.definition().name();
    long id = group.definition().id();
    Optional<Verdict> known = verdict(name, startedAt);
    if (known.isPresent()) {
      return known.get();
    }
    List<String> users;
    try {
      users = fence.users(name, id);
    } catch (StatusRuntimeException e) {
      // The first line; those behind it are a stack trace.
      return new Verdict.Undecided(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
    runner
        .run(
            name,
            new ConcludeDeletion(name, id, group.refusedDeletions(), users),
            CommandContext.internal(Instant.now(), ACTOR, name + "@" + startedAt))
        .orThrow();
    return verdict(name, startedAt)
        .orElseThrow(() -> new IllegalStateException("no end of the deletion of " + name));
  }

  private Optional<Verdict> verdict(String name, long startedAt) {
    long version = startedAt + 1;
    return jdbi.withHandle(handle -> store.read(handle, name, startedAt, version)).stream()
        .findFirst()
        .map(
            recorded ->
                switch (codec.decode(recorded.payload())) {
                  case NegDeleted _ -> new Verdict.Deleted(version);
                  case NegDeletionRefused(List<String> users) -> new Verdict.InUse(users);
                  case NegCreated _,
                      EndpointAttached _,
                      EndpointUpdated _,
                      EndpointDetached _,
                      NegDeletionStarted _ ->
                      throw new IllegalStateException(
                          recorded.id() + " cannot follow the start of a deletion");
                });
  }
}
