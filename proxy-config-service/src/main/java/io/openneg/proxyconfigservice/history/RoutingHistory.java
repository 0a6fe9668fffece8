package io.openneg.proxyconfigservice.history;

import com.google.protobuf.Message;
import io.openneg.eventlog.RejectedException;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/** Reads the routing table of any revision, and what is different between two. Thread-safe. */
public final class RoutingHistory {
  private final Jdbi jdbi;

  public RoutingHistory(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** A row as of some revision, and since when it has been so. */
  public record StoredRow(RowKey key, Message content, long fromRevision) {}

  /** A row of two revisions; null: there was or is none. They are not equal. */
  public record Difference(RowKey key, @Nullable Message before, @Nullable Message after) {}

  /** 0: there is none yet. */
  public long newest() {
    return jdbi.withHandle(
        handle -> handle.createQuery("SELECT revision FROM routing_head").mapTo(Long.class).one());
  }

  /** Revisions of different epochs do not compare: the table was made anew. */
  public UUID epoch() {
    return jdbi.withHandle(
        handle -> handle.createQuery("SELECT epoch FROM routing_head").mapTo(UUID.class).one());
  }

  /**
   * The newest revision whose cause happened by then; 0: none had.
   *
   * @throws RejectedException REVISION_COMPACTED when it is no longer kept
   */
  public long at(Instant time) {
    return inOneSnapshot(
        handle -> {
          long revision =
              handle
                  .createQuery("SELECT coalesce(max(revision), 0) FROM revision WHERE at <= :time")
                  .bind("time", time.atOffset(ZoneOffset.UTC))
                  .mapTo(Long.class)
                  .one();
          if (revision < OldestRevision.of(handle)) {
            throw OldestRevision.compacted(handle, "the table of " + time);
          }
          return revision;
        });
  }

  private <T> T inOneSnapshot(HandleCallback<T, RuntimeException> read) {
    return jdbi.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, read);
  }

  /** What is read is all there as of these revisions. */
  private <T> T reading(
      HandleCallback<T, RuntimeException> read, long revision, long... furtherRevisions) {
    return inOneSnapshot(
        handle -> {
          OldestRevision.check(handle, revision);
          for (long further : furtherRevisions) {
            OldestRevision.check(handle, further);
          }
          return read.withHandle(handle);
        });
  }

  /**
   * @throws RejectedException REVISION_COMPACTED when it is no longer kept
   */
  void requireKept(long revision) {
    jdbi.useHandle(handle -> OldestRevision.check(handle, revision));
  }

  /**
   * The table of a revision.
   *
   * @throws RejectedException REVISION_COMPACTED when it is no longer kept
   */
  public RoutingTable table(long revision) {
    List<RowChange> rows =
        reading(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT kind, key, content FROM routing_row
                        WHERE from_revision <= :revision
                          AND (to_revision IS NULL OR to_revision > :revision)
                        """)
                    .bind("revision", revision)
                    .map(
                        (row, _) -> {
                          RowKind kind = RowKind.valueOf(row.getString("kind"));
                          return new RowChange(
                              new RowKey(kind, row.getString("key")),
                              kind.parse(row.getBytes("content")));
                        })
                    .list(),
            revision);
    return RoutingTable.empty().apply(new RoutingTableDelta(0, revision, rows));
  }

  /**
   * Rows of a revision, in order of kind and key.
   *
   * @param after the first rows behind this one; empty: the very first
   * @throws RejectedException REVISION_COMPACTED when it is no longer kept
   */
  public List<StoredRow> rows(long revision, Optional<RowKey> after, int limit) {
    return reading(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT kind, key, content, from_revision FROM routing_row
                    WHERE from_revision <= :revision
                      AND (to_revision IS NULL OR to_revision > :revision)
                      AND (kind, key) > (:kind, :key)
                    ORDER BY kind, key LIMIT :limit
                    """)
                .bind("revision", revision)
                .bind("kind", after.map(key -> key.kind().name()).orElse(""))
                .bind("key", after.map(RowKey::text).orElse(""))
                .bind("limit", limit)
                .map(
                    (row, _) -> {
                      RowKind kind = RowKind.valueOf(row.getString("kind"));
                      return new StoredRow(
                          new RowKey(kind, row.getString("key")),
                          kind.parse(row.getBytes("content")),
                          row.getLong("from_revision"));
                    })
                .list(),
        revision);
  }

  /**
   * Differences in order of kind and key; either revision may be the older one.
   *
   * @throws RejectedException REVISION_COMPACTED when one is no longer kept
   */
  public List<Difference> differences(long from, long to, Optional<RowKey> after, int limit) {
    return reading(
        handle ->
            handle
                .createQuery(
                    """
                    WITH touched AS (
                      SELECT kind, key FROM routing_row
                      WHERE from_revision > :low AND from_revision <= :high
                      UNION
                      SELECT kind, key FROM routing_row
                      WHERE to_revision > :low AND to_revision <= :high)
                    SELECT touched.kind, touched.key, b.content AS before, a.content AS after
                    FROM touched
                    LEFT JOIN routing_row b ON b.kind = touched.kind AND b.key = touched.key
                      AND b.from_revision <= :from
                      AND (b.to_revision IS NULL OR b.to_revision > :from)
                    LEFT JOIN routing_row a ON a.kind = touched.kind AND a.key = touched.key
                      AND a.from_revision <= :to
                      AND (a.to_revision IS NULL OR a.to_revision > :to)
                    WHERE b.content IS DISTINCT FROM a.content
                      AND (touched.kind, touched.key) > (:kind, :key)
                    ORDER BY touched.kind, touched.key LIMIT :limit
                    """)
                .bind("low", Math.min(from, to))
                .bind("high", Math.max(from, to))
                .bind("from", from)
                .bind("to", to)
                .bind("kind", after.map(key -> key.kind().name()).orElse(""))
                .bind("key", after.map(RowKey::text).orElse(""))
                .bind("limit", limit)
                .map(
                    (row, _) -> {
                      RowKind kind = RowKind.valueOf(row.getString("kind"));
                      return new Difference(
                          new RowKey(kind, row.getString("key")),
                          parse(kind, row.getBytes("before")),
                          parse(kind, row.getBytes("after")));
                    })
                .list(),
        from,
        to);
  }

  private static @Nullable Message parse(RowKind kind, byte @Nullable [] content) {
    return content == null ? null : kind.parse(content);
  }
}
