package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.eventlog.SqlArrays;
import io.openneg.proxyconfigservice.ingest.RowChanges.RevisedRow;
import io.openneg.proxyconfigservice.ingest.RowChanges.Revision;
import io.openneg.proxyconfigservice.routing.CanonicalBytes;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Writing the routing table. Every method works in the caller's transaction. */
final class RoutingRows {
  private RoutingRows() {}

  /** A row as it is stored. */
  private record Interval(
      RowKey key, long from, @Nullable Long to, @Nullable Instant expiresAt, ByteString content) {}

  /**
   * The latest revision. Locks it: whoever writes calls this first and {@link #write} later in the
   * transaction.
   */
  static long lockHead(Handle tx) {
    return tx.createQuery("SELECT revision FROM routing_head FOR UPDATE").mapTo(Long.class).one();
  }

  /**
   * Appends revisions. A row changed several times gets an interval per revision; of several
   * changes within one revision the last counts.
   *
   * @param revisions in order, beginning after the head; none: nothing is done
   * @param changes in the order in which they happened
   */
  static void write(Handle tx, List<Revision> revisions, List<RevisedRow> changes) {
    if (revisions.isEmpty()) {
      return;
    }
    Map<RowKey, NavigableMap<Long, RowChange>> byKey = new LinkedHashMap<>();
    for (RevisedRow revised : changes) {
      byKey
          .computeIfAbsent(revised.change().key(), _ -> new TreeMap<>())
          .put(revised.revision(), revised.change());
    }
    end(tx, byKey);
    insert(tx, intervals(byKey.values()));
    insertRevisions(tx, revisions);
    tx.createUpdate("UPDATE routing_head SET revision = :revision")
        .bind("revision", revisions.getLast().revision())
        .execute();
  }

  private static List<Interval> intervals(Collection<NavigableMap<Long, RowChange>> histories) {
    List<Interval> intervals = new ArrayList<>();
    for (NavigableMap<Long, RowChange> history : histories) {
      for (Map.Entry<Long, RowChange> entry : history.entrySet()) {
        RowChange change = entry.getValue();
        @Nullable Message content = change.content();
        if (content != null) {
          @Nullable Long next = history.higherKey(entry.getKey());
          intervals.add(
              new Interval(
                  change.key(),
                  entry.getKey(),
                  next,
                  expiry(change.key().kind(), content),
                  CanonicalBytes.of(content)));
        }
      }
    }
    return intervals;
  }

  private static @Nullable Instant expiry(RowKind kind, Message content) {
    if (kind != RowKind.DRAINING) {
      return null;
    }
    Timestamp until = (Timestamp) content;
    return Instant.ofEpochSecond(until.getSeconds(), until.getNanos());
  }

  private static void end(Handle tx, Map<RowKey, NavigableMap<Long, RowChange>> byKey) {
    Collection<Map.Entry<RowKey, NavigableMap<Long, RowChange>>> entries = byKey.entrySet();
    tx.createUpdate(
            """
            UPDATE routing_row r SET to_revision = c.revision
            FROM unnest(:kinds, :keys, :revisions) AS c (kind, key, revision)
            WHERE r.kind = c.kind AND r.key = c.key AND r.to_revision IS NULL
            """)
        .bindBySqlType(
            "kinds", SqlArrays.of(tx, "text", entries, e -> e.getKey().kind().name()), Types.ARRAY)
        .bindBySqlType(
            "keys", SqlArrays.of(tx, "text", entries, e -> e.getKey().text()), Types.ARRAY)
        .bindBySqlType(
            "revisions",
            SqlArrays.of(tx, "int8", entries, e -> e.getValue().firstKey()),
            Types.ARRAY)
        .execute();
  }

  private static void insert(Handle tx, List<Interval> rows) {
    tx.createUpdate(
            """
            INSERT INTO routing_row (kind, key, from_revision, to_revision, expires_at, content)
            SELECT r.kind, r.key, r.from_revision, r.to_revision, r.expires_at, r.content
            FROM unnest(:kinds, :keys, :froms, :tos, :expiries::timestamptz[], :contents)
              AS r (kind, key, from_revision, to_revision, expires_at, content)
            """)
        .bindBySqlType(
            "kinds", SqlArrays.of(tx, "text", rows, row -> row.key().kind().name()), Types.ARRAY)
        .bindBySqlType("keys", SqlArrays.of(tx, "text", rows, row -> row.key().text()), Types.ARRAY)
        .bindBySqlType("froms", SqlArrays.of(tx, "int8", rows, Interval::from), Types.ARRAY)
        .bindBySqlType("tos", SqlArrays.of(tx, "int8", rows, Interval::to), Types.ARRAY)
        .bindBySqlType(
            "expiries",
            SqlArrays.of(
                tx,
                "text",
                rows,
                row -> row.expiresAt() == null ? null : row.expiresAt().toString()),
            Types.ARRAY)
        .bindBySqlType(
            "contents",
            SqlArrays.of(tx, "bytea", rows, row -> row.content().toByteArray()),
            Types.ARRAY)
        .execute();
  }

  private static void insertRevisions(Handle tx, List<Revision> revisions) {
    tx.createUpdate(
            """
            INSERT INTO revision (revision, at, cause, actor)
            SELECT r.revision, r.at::timestamptz, r.cause, r.actor
            FROM unnest(:revisions, :ats, :causes, :actors) AS r (revision, at, cause, actor)
            """)
        .bindBySqlType(
            "revisions", SqlArrays.of(tx, "int8", revisions, Revision::revision), Types.ARRAY)
        .bindBySqlType(
            "ats", SqlArrays.of(tx, "text", revisions, r -> r.at().toString()), Types.ARRAY)
        .bindBySqlType("causes", SqlArrays.of(tx, "text", revisions, Revision::cause), Types.ARRAY)
        .bindBySqlType("actors", SqlArrays.of(tx, "text", revisions, Revision::actor), Types.ARRAY)
        .execute();
  }

  /** Current contents of rows; keys without one are not in the map. */
  static Map<RowKey, Message> current(Handle tx, Collection<RowKey> keys) {
    Map<RowKey, Message> rows = new HashMap<>();
    if (keys.isEmpty()) {
      return rows;
    }
    tx.createQuery(
            """
            SELECT r.kind, r.key, r.content
            FROM unnest(:kinds, :keys) AS k (kind, key)
            JOIN routing_row r ON r.kind = k.kind AND r.key = k.key AND r.to_revision IS NULL
            """)
        .bindBySqlType("kinds", SqlArrays.of(tx, "text", keys, k -> k.kind().name()), Types.ARRAY)
        .bindBySqlType("keys", SqlArrays.of(tx, "text", keys, RowKey::text), Types.ARRAY)
        .map(
            (row, _) -> {
              RowKind kind = RowKind.valueOf(row.getString("kind"));
              return rows.put(
                  new RowKey(kind, row.getString("key")), kind.parse(row.getBytes("content")));
            })
        .list();
    return rows;
  }

  /** Current rows of a kind whose texts begin alike. */
  static Map<RowKey, Message> current(Handle tx, RowKind kind, String prefix) {
    Map<RowKey, Message> rows = new HashMap<>();
    tx.createQuery(
            """
            SELECT key, content FROM routing_row
            WHERE kind = :kind AND to_revision IS NULL
              AND key >= :prefix AND starts_with(key, :prefix)
            """)
        .bind("kind", kind.name())
        .bind("prefix", prefix)
        .map(
            (row, _) ->
                rows.put(
                    new RowKey(kind, row.getString("key")), kind.parse(row.getBytes("content"))))
        .list();
    return rows;
  }

  /** Keys of the current rows that have reached their end. */
  static List<RowKey> expired(Handle tx, Instant now) {
    return tx.createQuery(
            """
            SELECT kind, key FROM routing_row
            WHERE to_revision IS NULL AND expires_at <= :now
            """)
        .bind("now", now.atOffset(ZoneOffset.UTC))
        .map((row, _) -> new RowKey(RowKind.valueOf(row.getString("kind")), row.getString("key")))
        .list();
  }

  /** Empties the table and begins a new epoch. Its revisions are not those of the old one. */
  static void clear(Handle tx) {
    tx.execute("TRUNCATE routing_row, revision");
    tx.execute(
        "UPDATE routing_head SET revision = 0, oldest_revision = 0, epoch = gen_random_uuid()");
  }
}
