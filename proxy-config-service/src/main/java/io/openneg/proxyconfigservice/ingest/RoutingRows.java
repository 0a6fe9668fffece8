package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Message;
import io.openneg.eventlog.SqlArrays;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The row changes of one revision while it is being made, over the rows as they are. The last word
 * on a row counts. Not thread-safe.
 */
final class RoutingRows {
  private final Handle tx;
  private final Map<RowKey, @Nullable Message> changes = new LinkedHashMap<>();
  private final Map<RowKind, Map<RowKey, Message>> loaded = new EnumMap<>(RowKind.class);

  RoutingRows(Handle tx) {
    this.tx = tx;
  }

  void put(RowKey key, Message content) {
    changes.put(key, content);
    Map<RowKey, Message> all = loaded.get(key.kind());
    if (all != null) {
      all.put(key, content);
    }
  }

  void remove(RowKey key) {
    changes.put(key, null);
    Map<RowKey, Message> all = loaded.get(key.kind());
    if (all != null) {
      all.remove(key);
    }
  }

  /** Removes every row of a kind whose key begins so. */
  void removeAll(RowKind kind, String prefix) {
    read(kind, prefix).keySet().forEach(this::remove);
    List.copyOf(changes.keySet()).stream()
        .filter(key -> key.kind() == kind && key.text().startsWith(prefix))
        .forEach(this::remove);
  }

  /** The row as it is now; null when there is none. */
  @Nullable Message current(RowKey key) {
    return changes.containsKey(key) ? changes.get(key) : read(key.kind(), key.text()).get(key);
  }

  /** All rows of a kind as they are now; for kinds with few rows. Do not change it. */
  Map<RowKey, Message> all(RowKind kind) {
    Map<RowKey, Message> known = loaded.get(kind);
    if (known == null) {
      Map<RowKey, Message> rows = read(kind, "");
      changes.forEach(
          (key, content) -> {
            if (key.kind() == kind) {
              if (content == null) {
                rows.remove(key);
              } else {
                rows.put(key, content);
              }
            }
          });
      loaded.put(kind, rows);
      known = rows;
    }
    return known;
  }

  private Map<RowKey, Message> read(RowKind kind, String prefix) {
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

  /**
   * Writes the changes as the revision after the last one; none when nothing changes.
   *
   * @param cause what led to it, for people
   */
  void write(String cause, String actor, Instant at) {
    if (changes.isEmpty()) {
      return;
    }
    // Revisions have no gaps: their writers wait for each other.
    tx.execute("LOCK TABLE revision IN SHARE ROW EXCLUSIVE MODE");
    long revision =
        tx.createQuery("SELECT coalesce(max(revision), 0) + 1 FROM revision")
            .mapTo(Long.class)
            .one();
    tx.createUpdate(
            """
            INSERT INTO revision (revision, at, cause, actor)
            VALUES (:revision, :at, :cause, :actor)
            """)
        .bind("revision", revision)
        .bind("at", at.atOffset(ZoneOffset.UTC))
        .bind("cause", cause)
        .bind("actor", actor)
        .execute();
    List<RowKey> all = List.copyOf(changes.keySet());
    tx.createUpdate(
            """
            UPDATE routing_row r SET to_revision = :revision
            FROM unnest(:kinds, :keys) AS c (kind, key)
            WHERE r.kind = c.kind AND r.key = c.key AND r.to_revision IS NULL
            """)
        .bind("revision", revision)
        .bindBySqlType("kinds", SqlArrays.of(tx, "text", all, k -> k.kind().name()), Types.ARRAY)
        .bindBySqlType("keys", SqlArrays.of(tx, "text", all, RowKey::text), Types.ARRAY)
        .execute();
    List<RowChange> present = new ArrayList<>();
    changes.forEach(
        (key, content) -> {
          if (content != null) {
            present.add(new RowChange(key, content));
          }
        });
    tx.createUpdate(
            """
            INSERT INTO routing_row (kind, key, from_revision, content)
            SELECT c.kind, c.key, :revision, c.content
            FROM unnest(:kinds, :keys, :contents) AS c (kind, key, content)
            """)
        .bind("revision", revision)
        .bindBySqlType(
            "kinds", SqlArrays.of(tx, "text", present, c -> c.key().kind().name()), Types.ARRAY)
        .bindBySqlType("keys", SqlArrays.of(tx, "text", present, c -> c.key().text()), Types.ARRAY)
        .bindBySqlType(
            "contents",
            SqlArrays.of(
                tx, "bytea", present, c -> Objects.requireNonNull(c.content()).toByteArray()),
            Types.ARRAY)
        .execute();
  }
}
