package io.openneg.proxyconfigservice.ingest;

import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/** Reads the routing table from its rows. Thread-safe. */
public final class RoutingFeed {
  private static final RowMapper<RowChange> CHANGE =
      (row, _) -> {
        RowKind kind = RowKind.valueOf(row.getString("kind"));
        byte[] content = row.getBytes("content");
        return new RowChange(
            new RowKey(kind, row.getString("key")), content == null ? null : kind.parse(content));
      };

  private final Jdbi jdbi;

  public RoutingFeed(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  public long lastRevision() {
    return jdbi.withHandle(RoutingFeed::lastRevision);
  }

  private static long lastRevision(Handle handle) {
    return handle
        .createQuery("SELECT coalesce(max(revision), 0) FROM revision")
        .mapTo(Long.class)
        .one();
  }

  /** Every row that differs between a revision and the newest; from 0 it is the whole table. */
  public RoutingTableDelta since(long revision) {
    return jdbi.inTransaction(
        org.jdbi.v3.core.transaction.TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          long last = lastRevision(tx);
          return new RoutingTableDelta(revision, last, changes(tx, revision));
        });
  }

  private static List<RowChange> changes(Handle tx, long after) {
    return tx.createQuery(
            """
            SELECT kind, key, content FROM routing_row
            WHERE from_revision > :after AND to_revision IS NULL
            UNION ALL
            SELECT DISTINCT kind, key, CAST(NULL AS bytea) FROM routing_row gone
            WHERE to_revision > :after AND from_revision <= :after
              AND NOT EXISTS (
                SELECT 1 FROM routing_row r
                WHERE r.kind = gone.kind AND r.key = gone.key AND r.to_revision IS NULL)
            """)
        .bind("after", after)
        .map(CHANGE)
        .list();
  }

  /** The whole table as of a past revision, as a delta from nothing. */
  public RoutingTableDelta asOf(long revision) {
    return new RoutingTableDelta(
        0,
        revision,
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT kind, key, content FROM routing_row
                        WHERE from_revision <= :revision
                          AND (to_revision IS NULL OR to_revision > :revision)
                        ORDER BY kind, key
                        """)
                    .bind("revision", revision)
                    .map(CHANGE)
                    .list()));
  }
}
