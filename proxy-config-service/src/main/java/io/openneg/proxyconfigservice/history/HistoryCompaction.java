package io.openneg.proxyconfigservice.history;

import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets what the routing table was before the time for which its history is kept. What it was at
 * any moment within that time stays: every revision since then, and the one that held when it
 * began. Every replica runs one; they do not disturb each other. Thread-safe.
 *
 * <p>First the oldest revision that is kept is written down, then what is behind it is deleted,
 * some rows at a time. So it may be killed anywhere: who reads is refused what is behind, whether
 * it is still there or not, and the next run goes on.
 */
public final class HistoryCompaction implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryCompaction.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

  /** So that no transaction is long. */
  static final int STANDARD_BATCH = 5_000;

  private final Jdbi jdbi;
  private final Duration retention;
  private final InstantSource clock;
  private final int batch;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("history-compaction").daemon().factory());

  /**
   * @param retention for how long history is kept
   * @throws IllegalArgumentException when that is no time
   */
  public HistoryCompaction(Jdbi jdbi, Duration retention, InstantSource clock) {
    this(jdbi, retention, clock, STANDARD_BATCH);
  }

  HistoryCompaction(Jdbi jdbi, Duration retention, InstantSource clock, int batch) {
    if (!retention.isPositive()) {
      throw new IllegalArgumentException(
          "openneg.history.retention must be more than 0, is " + retention);
    }
    this.jdbi = jdbi;
    this.retention = retention;
    this.clock = clock;
    this.batch = batch;
  }

  public void start() {
    Duration pause = retention.dividedBy(10);
    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    pause = pause.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : pause;
    var _ = timer.scheduleWithFixedDelay(this::run, 0, pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void run() {
    try {
      int steps = 0;
      while (!Thread.currentThread().isInterrupted() && step()) {
        steps++;
      }
      if (steps > 0) {
        LOG.info("history is kept from revision {} on", jdbi.withHandle(OldestRevision::of));
      }
    } catch (RuntimeException e) {
      LOG.warn("history could not be compacted, trying again: {}", e.toString());
    }
  }

  /** One short transaction; says whether there may be more to do. */
  boolean step() {
    return jdbi.inTransaction(
            tx ->
                tx.createUpdate(
                            """
                        UPDATE routing_head SET oldest_revision = kept.oldest
                        FROM (
                          SELECT epoch, least(
                              (SELECT min(revision) FROM revision WHERE at >= :since),
                              (SELECT max(revision) FROM revision WHERE at <= :since)) AS oldest
                          FROM routing_head) kept
                        WHERE routing_head.epoch = kept.epoch
                          AND routing_head.oldest_revision < kept.oldest
                          AND EXISTS (SELECT 1 FROM revision WHERE revision < kept.oldest)
                        """)
                        .bind("since", clock.instant().minus(retention).atOffset(ZoneOffset.UTC))
                        .execute()
                    > 0)
        || delete(
            """
            DELETE FROM routing_row WHERE ctid = ANY (ARRAY(
              SELECT ctid FROM routing_row
              WHERE to_revision < (SELECT oldest_revision FROM routing_head)
              LIMIT :batch FOR UPDATE SKIP LOCKED))
            """)
        || delete(
            """
            DELETE FROM revision WHERE ctid = ANY (ARRAY(
              SELECT ctid FROM revision
              WHERE revision < (SELECT oldest_revision FROM routing_head)
              LIMIT :batch FOR UPDATE SKIP LOCKED))
            """);
  }

  private boolean delete(String sql) {
    return jdbi.inTransaction(tx -> tx.createUpdate(sql).bind("batch", batch).execute() > 0);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
