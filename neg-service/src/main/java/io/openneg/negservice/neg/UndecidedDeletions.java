package io.openneg.negservice.neg;

import io.openneg.eventlog.CommandRunner;
import io.openneg.negservice.neg.NegDeletion.Verdict.Deleted;
import io.openneg.negservice.neg.NegDeletion.Verdict.InUse;
import io.openneg.negservice.neg.NegDeletion.Verdict.Undecided;
import io.openneg.negservice.neg.NetworkEndpointGroup.Absent;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up, in the background, the deletions that a crash or an unreachable backend-service left
 * undecided, at the start and until each has its verdict. Every replica does. Thread-safe.
 */
public final class UndecidedDeletions implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(UndecidedDeletions.class);
  private static final int PARALLEL = 16;
  private static final Duration MIN_BACKOFF = Duration.ofMillis(200);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

  /** Other replicas tell nobody what they leave behind. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(10);

  private final Jdbi jdbi;
  private final NegView view;
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner;
  private final NegDeletion deletion;
  private final Semaphore news = new Semaphore(0);
  // A platform thread: an interrupt, by which it is closed, does not cut its JDBC short.
  private final Thread thread =
      Thread.ofPlatform().name("undecided-deletions").daemon().unstarted(this::loop);

  public UndecidedDeletions(
      Jdbi jdbi,
      NegView view,
      CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner,
      NegDeletion deletion) {
    this.jdbi = jdbi;
    this.view = view;
    this.runner = runner;
    this.deletion = deletion;
  }

  public void start() {
    thread.start();
  }

  /** Says that there is one. Never blocks. */
  void takeUp() {
    news.release();
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
    List<String> names;
    try {
      names = jdbi.withHandle(view::deleting);
    } catch (RuntimeException e) {
      LOG.warn("cannot look for undecided deletions: {}", e.toString());
      return false;
    }
    if (names.isEmpty()) {
      return true;
    }
    // Each for itself: one that cannot be decided holds up no other.
    ExecutorService attempts =
        Executors.newFixedThreadPool(PARALLEL, Thread.ofVirtual().name("deletion-", 0).factory());
    try {
      List<Callable<Boolean>> all = new ArrayList<>();
      names.forEach(name -> all.add(() -> takeUp(name)));
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

  private boolean takeUp(String name) {
    try {
      var current = runner.current(name);
      return switch (current.state()) {
        case Absent _, Live _ -> true;
        case Deleting(Live group) ->
            switch (deletion.conclude(group, current.version())) {
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
}
