package io.openneg.proxyconfigservice.ingest;

import io.openneg.proxyconfigservice.routing.Pin;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

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
  private final String projection;

  /**
   * @param projection the name under which the rows follow from the topics
   */
  public RoutingFeed(Jdbi jdbi, String projection) {
    this.jdbi = jdbi;
    this.projection = projection;
  }

  /**
   * How far a reader is. Revisions of different epochs do not compare: the table was made anew.
   *
   * @param epoch null: it has read nothing yet
   * @param pinChange the last time that proxies were pinned or unpinned; 0: never
   */
  record Position(@Nullable UUID epoch, long revision, long pinChange) {
    static final Position START = new Position(null, 0, 0);
  }

  /**
   * What changed.
   *
   * @param to where the reader is with it
   * @param anew the delta is the whole table, and what was read before is void
   * @param offsets up to where the topics are in it
   * @param pinChanged whether proxies were pinned or unpinned since the position
   * @param pinned what they are held at since; null: nothing, or it has not changed
   */
  record News(
      Position to,
      boolean anew,
      RoutingTableDelta delta,
      ProjectedOffsets offsets,
      boolean pinChanged,
      @Nullable Pinned pinned) {}

  /** A pin, and the table of its revision. */
  record Pinned(Pin pin, RoutingTable table) {}

  /**
   * Whether the table reflects a stream up to a version.
   *
   * @param revision one that does; 0 if none does yet
   * @param otherwise why none does, for people; empty if one does
   */
  public record Applied(long revision, String otherwise) {
    /** Nothing is known of the stream. */
    public static final Applied NOT = new Applied(0, "nothing of it has arrived yet");

    public boolean done() {
      return otherwise.isEmpty();
    }
  }

  public Applied applied(String stream, long version) {
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx ->
            tx.createQuery(
                    """
                    SELECT
                      coalesce(max(p.version), 0) AS version,
                      (SELECT min(e.error) FROM parked_event e
                        WHERE e.projection = :projection AND e.topic = ANY (:topics)
                          AND e.stream = :stream AND e.version <= :version
                          AND e.error NOT LIKE 'waits for version %') AS error
                    FROM projected_stream p
                    WHERE p.projection = :projection AND p.topic = ANY (:topics)
                      AND p.stream = :stream
                    """)
                .bind("projection", projection)
                .bind("topics", RoutingProjection.TOPICS.toArray(String[]::new))
                .bind("stream", stream)
                .bind("version", version)
                .map(
                    (row, _) ->
                        applied(head(tx), version, row.getLong("version"), row.getString("error")))
                .one());
  }

  private static Applied applied(Position head, long wanted, long reached, @Nullable String error) {
    if (reached >= wanted) {
      return new Applied(head.revision(), "");
    }
    if (error != null) {
      return new Applied(0, "an event of it cannot be applied: " + error);
    }
    return reached == 0
        ? Applied.NOT
        : new Applied(0, "version %d has arrived, not yet %d".formatted(reached, wanted));
  }

  private static Position head(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT epoch, revision, (SELECT coalesce(max(id), 0) FROM pin_change) AS pin_change
            FROM routing_head
            """)
        .map(
            (row, _) ->
                new Position(
                    row.getObject("epoch", UUID.class),
                    row.getLong("revision"),
                    row.getLong("pin_change")))
        .one();
  }

  private static long oldestRevision(Handle tx) {
    return tx.createQuery("SELECT oldest_revision FROM routing_head").mapTo(Long.class).one();
  }

  /** What changed since a position; empty when nothing did. The first answer is never empty. */
  Optional<News> since(Position position) {
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          Position head = head(tx);
          if (head.equals(position)) {
            return Optional.empty();
          }
          // What ended before the oldest revision is deleted, so who is behind it reads all anew.
          boolean anew =
              !Objects.equals(head.epoch(), position.epoch())
                  || position.revision() < oldestRevision(tx);
          long after = anew ? 0 : position.revision();
          boolean pinChanged = head.pinChange() != position.pinChange();
          return Optional.of(
              new News(
                  head,
                  anew,
                  new RoutingTableDelta(after, head.revision(), changes(tx, after)),
                  ProjectedOffsets.read(tx, projection),
                  pinChanged,
                  pinChanged ? pinned(tx, head) : null));
        });
  }

  private static @Nullable Pinned pinned(Handle tx, Position head) {
    return tx.createQuery(
            """
            SELECT revision, at, actor, reason FROM pin_change
            WHERE id = :id AND revision IS NOT NULL
            """)
        .bind("id", head.pinChange())
        .map(
            (row, _) ->
                new Pin(
                    row.getLong("revision"),
                    row.getObject("at", OffsetDateTime.class).toInstant(),
                    row.getString("actor"),
                    row.getString("reason")))
        .findOne()
        .map(pin -> new Pinned(pin, pinnedTable(tx, pin)))
        .orElse(null);
  }

  private static RoutingTable pinnedTable(Handle tx, Pin pin) {
    List<RowChange> rows =
        tx.createQuery("SELECT kind, key, content FROM pinned_row").map(CHANGE).list();
    return RoutingTable.empty().apply(new RoutingTableDelta(0, pin.revision(), rows));
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
}
