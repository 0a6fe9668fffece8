package io.openneg.proxyconfigservice.ingest;

import io.openneg.proxyconfigservice.ingest.RowChanges.RevisedRow;
import io.openneg.proxyconfigservice.ingest.RowChanges.Revision;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends draining when its time is over, as a revision with its own cause. Every replica runs one;
 * whoever comes first does it. Thread-safe.
 */
public final class DrainingClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DrainingClock.class);

  /** Timeouts are in seconds; no more than this is added to one. */
  private static final long TICK_MS = 250;

  private final Jdbi jdbi;
  private final InstantSource clock;
  private final Runnable changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("draining").daemon().factory());

  /**
   * @param changed called after a change; must not block
   */
  public DrainingClock(Jdbi jdbi, InstantSource clock, Runnable changed) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.changed = changed;
  }

  public void start() {
    var _ = timer.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      if (endDue()) {
        changed.run();
      }
    } catch (RuntimeException e) {
      LOG.debug("draining could not be looked at, trying again: {}", e.toString());
    }
  }

  /** Ends what has drained long enough; says whether anything had. */
  boolean endDue() {
    Instant now = clock.instant();
    if (jdbi.withHandle(handle -> RoutingRows.expired(handle, now)).isEmpty()) {
      return false;
    }
    return jdbi.inTransaction(
        tx -> {
          long revision = RoutingRows.lockHead(tx) + 1;
          List<RowKey> over = RoutingRows.expired(tx, now);
          if (over.isEmpty()) {
            return false;
          }
          RoutingRows.write(
              tx,
              List.of(
                  new Revision(
                      revision, now, "draining: %d rows ended".formatted(over.size()), "")),
              over.stream()
                  .map(key -> new RevisedRow(new RowChange(key, null), revision))
                  .toList());
          DrainingTables.forgetOld(tx, now);
          return true;
        });
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
