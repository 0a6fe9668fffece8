package io.openneg.proxyconfigservice.ingest;

import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends draining when its time is over, to the second. Every replica may run one. Thread-safe. */
public final class DrainingClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DrainingClock.class);
  private static final long TICK_MS = 250;

  private final Jdbi jdbi;
  private final Runnable changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("draining").daemon().factory());

  /**
   * @param changed called after a change; must not block
   */
  public DrainingClock(Jdbi jdbi, Runnable changed) {
    this.jdbi = jdbi;
    this.changed = changed;
  }

  public void start() {
    var _ = timer.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      boolean any =
          jdbi.withHandle(
              handle ->
                  handle
                      .createQuery(
                          """
                          SELECT EXISTS (
                            SELECT 1 FROM routing_row
                            WHERE kind = 'DRAINING' AND to_revision IS NULL)
                          """)
                      .mapTo(Boolean.class)
                      .one());
      if (any) {
        jdbi.useTransaction(tx -> Draining.expire(tx, Instant.now()));
        changed.run();
      }
    } catch (RuntimeException e) {
      LOG.debug("draining could not be looked at, trying again: {}", e.toString());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
