package io.openneg.eventlog;

import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * The event table as a queue of what is to be published, and how far publishing has come.
 *
 * <p>A sequence's order is not commit order, so "all above the last position" would skip events for
 * good. The queue's order is that of (transaction id, position), and it ends below the oldest
 * transaction that still runs, in any database of the cluster: nothing can appear below that line
 * any more.
 */
final class Outbox {
  private static final int MAX_EVENTS = 1_000;
  // What is read is held in memory until Kafka has taken it.
  private static final int MAX_BYTES = 4_000_000;

  private final EventStore store;

  Outbox(EventStore store) {
    this.store = store;
  }

  /**
   * Everything up to and with this place is acknowledged. A transaction id is an unsigned number.
   */
  record Checkpoint(String txid, long position) {
    static final Checkpoint BEGINNING = new Checkpoint("0", 0);
  }

  record Batch(List<RecordedEvent> events, Checkpoint end) {}

  Batch read(Handle session, Checkpoint after) {
    List<RecordedEvent> events = new ArrayList<>();
    Checkpoint end = after;
    for (Row row :
        session
            .createQuery(
                """
                SELECT %s, CAST(txid AS text) AS txid, position
                FROM (
                  SELECT *, sum(last_version - first_version + 1) OVER before AS events_before,
                    sum(pg_column_size(payloads)) OVER before AS bytes_before
                  FROM (
                    SELECT * FROM append
                    WHERE (txid, position) > (CAST(:txid AS xid8), :position)
                      AND txid < pg_snapshot_xmin(pg_current_snapshot())
                    ORDER BY txid, position
                    LIMIT :max_events) AS next
                  WINDOW before AS (
                    ORDER BY txid, position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                  ) AS next
                WHERE coalesce(events_before, 0) < :max_events
                  AND coalesce(bytes_before, 0) < :max_bytes
                ORDER BY next.txid, next.position
                """
                    .formatted(AppendTable.COLUMNS))
            .bind("txid", after.txid())
            .bind("position", after.position())
            .bind("max_events", MAX_EVENTS)
            .bind("max_bytes", MAX_BYTES)
            .map(
                (row, _) ->
                    new Row(
                        AppendTable.events(row, store.topic()),
                        new Checkpoint(row.getString("txid"), row.getLong("position"))))
            .list()) {
      events.addAll(row.events());
      end = row.place();
    }
    return new Batch(events, end);
  }

  private record Row(List<RecordedEvent> events, Checkpoint place) {}

  /** Whether there are events behind a place, be it that they wait for an older transaction. */
  boolean hasMore(Handle session, Checkpoint after) {
    return session
        .createQuery(
            // The order makes it a look into the index; asked for just any, the planner expects
            // many
            // and reads the whole table when there are none.
            """
            SELECT count(*) > 0 FROM (
              SELECT 1 FROM append WHERE (txid, position) > (CAST(:txid AS xid8), :position)
              ORDER BY txid, position LIMIT 1) AS next
            """)
        .bind("txid", after.txid())
        .bind("position", after.position())
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Where to go on.
   *
   * @throws IllegalStateException when the table has transaction ids that this PostgreSQL cluster
   *     has yet to give out: restored from a dump, it would publish nothing new for long
   */
  Checkpoint checkpoint(Handle session) {
    boolean foreign =
        session
            .createQuery(
                """
                SELECT EXISTS (
                    SELECT 1 FROM append WHERE txid >= pg_snapshot_xmax(pg_current_snapshot()))
                  OR EXISTS (
                    SELECT 1 FROM outbox_checkpoint
                    WHERE txid >= pg_snapshot_xmax(pg_current_snapshot()))
                """)
            .mapTo(Boolean.class)
            .one();
    if (foreign) {
      throw new IllegalStateException(
          "the transaction ids of %s are ahead of this PostgreSQL cluster's: the database was restored from a dump; its transaction counter must be advanced (see event-log/README.md)"
              .formatted(store.topic()));
    }
    return session
        .createQuery(
            """
            SELECT CAST(txid AS text) AS txid, position FROM outbox_checkpoint WHERE topic = :topic
            """)
        .bind("topic", store.topic())
        .map((row, _) -> new Checkpoint(row.getString("txid"), row.getLong("position")))
        .findOne()
        .orElse(Checkpoint.BEGINNING);
  }

  void save(Handle session, Checkpoint checkpoint) {
    session
        .createUpdate(
            """
            INSERT INTO outbox_checkpoint (topic, txid, position)
            VALUES (:topic, CAST(:txid AS xid8), :position)
            ON CONFLICT (topic) DO UPDATE SET txid = excluded.txid, position = excluded.position
            """)
        .bind("topic", store.topic())
        .bind("txid", checkpoint.txid())
        .bind("position", checkpoint.position())
        .execute();
  }
}
