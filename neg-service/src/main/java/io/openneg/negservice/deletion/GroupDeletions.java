package io.openneg.negservice.deletion;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.negservice.deletion.DeletableGroups.Started;
import io.openneg.negservice.deletion.GroupDeletion.Verdict.Deleted;
import io.openneg.negservice.deletion.GroupDeletion.Verdict.InUse;
import io.openneg.negservice.deletion.GroupDeletion.Verdict.Undecided;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes groups, and takes up, in the background, the deletions that a crash or an unreachable
 * backend-service left undecided, at the start and until each has its verdict. Every replica does.
 * Thread-safe.
 */
public final class GroupDeletions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupDeletions.class);
  private static final int PARALLEL = 16;
  private static final int NAMED_USERS = 5;
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

  /** Other replicas tell nobody what they leave behind. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(10);

  private final List<GroupDeletion> kinds;
  private final Semaphore news = new Semaphore(0);
  // A platform thread: an interrupt, by which it is closed, does not cut its JDBC short.
  private final Thread thread =
      Thread.ofPlatform().name("undecided-deletions").daemon().unstarted(this::loop);

  /**
   * @param kinds of groups
   */
  public GroupDeletions(List<GroupDeletion> kinds) {
    this.kinds = List.copyOf(kinds);
  }

  public void start() {
    thread.start();
  }

  /**
   * Brings a deletion to its end.
   *
   * @return version of the stream with the group's end
   * @throws RejectedException RESOURCE_IN_USE; or DELETION_NOT_DECIDED, and it is taken up later
   */
  public long conclude(GroupDeletion kind, Started deletion) {
    return switch (kind.conclude(deletion)) {
      case Deleted(long version) -> version;
      case InUse(List<String> users) -> throw inUse(deletion.name(), users);
      case Undecided(String reason) -> {
        news.release();
        throw notDecided(deletion.name(), reason);
      }
    };
  }

  private void loop() {
    Duration backoff = MIN_BACKOFF;
    try {
      while (true) {
        if (takeUpAll()) {
          backoff = MIN_BACKOFF;
          await(LOOK_EVERY);
        } else {
          await(backoff);
          Duration doubled = backoff.multipliedBy(2);
          backoff = doubled.compareTo(MAX_BACKOFF) < 0 ? doubled : MAX_BACKOFF;
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts.
    }
  }

  private void await(Duration atMost) throws InterruptedException {
    if (news.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      news.drainPermits();
    }
  }

  /** Whether all are decided now. */
  private boolean takeUpAll() throws InterruptedException {
    List<Callable<Boolean>> all = new ArrayList<>();
    try {
      for (GroupDeletion kind : kinds) {
        kind.groups().undecided().forEach(name -> all.add(() -> takeUp(kind, name)));
      }
    } catch (RuntimeException e) {
      LOG.warn("cannot look for undecided deletions: {}", e.toString());
      return false;
    }
    if (all.isEmpty()) {
      return true;
    }
    // Each for itself: one that cannot be decided holds up no other.
    ExecutorService attempts =
        Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().name("deletion-", 0).factory());
    try {
      boolean decided = true;
      for (Future<Boolean> attempt : attempts.invokeAll(all)) {
        decided &= attempt.get();
      }
      return decided;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      attempts.shutdownNow();
    }
  }

  private static boolean takeUp(GroupDeletion kind, String name) {
    try {
      Optional<Started> deletion = kind.groups().underWay(name);
      if (deletion.isEmpty()) {
        return true;
      }
      return switch (kind.conclude(deletion.get())) {
        case Deleted _ -> {
          LOG.info("the deletion of {} was taken up; it is deleted", name);
          yield true;
        }
        case InUse(List<String> users) -> {
          LOG.info("the deletion of {} was taken up; it is refused, used by {}", name, users);
          yield true;
        }
        case Undecided(String reason) -> {
          LOG.warn("the deletion of {} is still undecided: {}", name, reason);
          yield false;
        }
      };
    } catch (RuntimeException e) {
      LOG.warn("cannot take up the deletion of {}", name, e);
      return false;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(CLOSED_WITHIN)) {
        LOG.warn("deletions still run {} s after they were stopped", CLOSED_WITHIN.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RejectedException inUse(String name, List<String> users) {
    String more =
        users.size() > NAMED_USERS ? " and %d more".formatted(users.size() - NAMED_USERS) : "";
    return new RejectedException(
        new Rejection(
            Kind.FAILED_PRECONDITION,
            "RESOURCE_IN_USE",
            "The group '%s' is not deleted: it is used by %s%s."
                .formatted(
                    name, String.join(", ", users.stream().limit(NAMED_USERS).toList()), more),
            users.stream().map(user -> new Violation(user, "uses " + name)).toList()));
  }

  private static RejectedException notDecided(String name, String reason) {
    return new RejectedException(
        new Rejection(
            Kind.UNAVAILABLE,
            "DELETION_NOT_DECIDED",
            ("The deletion of '%s' is recorded and will be carried through, but backend-service could"
                    + " not be asked yet whether the group is in use (%s). The same call again tells"
                    + " what became of it.")
                .formatted(name, reason)));
  }
}
