package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Types;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/** Baskets as tables; breaks on things it was told to break on. Not idempotent on purpose. */
final class BasketTables implements Projection {
  private final Set<String> poison = ConcurrentHashMap.newKeySet();

  /** From now on events with this thing cannot be applied. */
  BasketTables breakOn(String thing) {
    poison.add(thing);
    return this;
  }

  void repair() {
    poison.clear();
  }

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    for (RecordedEvent event : events) {
      if (poison.contains(thing(event))) {
        throw new IllegalStateException("cannot apply " + thing(event));
      }
    }
    tx.createUpdate(
            """
            INSERT INTO basket_thing (stream, version, thing)
            SELECT * FROM unnest(:streams, :versions, :things)
            """)
        .bindBySqlType(
            "streams", SqlArrays.of(tx, "text", events, RecordedEvent::stream), Types.ARRAY)
        .bindBySqlType(
            "versions", SqlArrays.of(tx, "int8", events, RecordedEvent::version), Types.ARRAY)
        .bindBySqlType("things", SqlArrays.of(tx, "text", events, BasketTables::thing), Types.ARRAY)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO basket (stream, size, last, last_at)
            SELECT e.stream, count(*), (array_agg(e.thing ORDER BY e.n DESC))[1], max(e.at)
            FROM unnest(:streams, :things, CAST(:times AS timestamptz[])) WITH ORDINALITY
              AS e (stream, thing, at, n)
            GROUP BY e.stream
            ON CONFLICT (stream) DO UPDATE SET
              size = basket.size + excluded.size, last = excluded.last, last_at = excluded.last_at
            """)
        .bindBySqlType(
            "streams", SqlArrays.of(tx, "text", events, RecordedEvent::stream), Types.ARRAY)
        .bindBySqlType("things", SqlArrays.of(tx, "text", events, BasketTables::thing), Types.ARRAY)
        .bindBySqlType(
            "times", SqlArrays.of(tx, "text", events, e -> e.occurredAt().toString()), Types.ARRAY)
        .execute();
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("DELETE FROM basket");
    tx.execute("DELETE FROM basket_thing");
  }

  static String thing(RecordedEvent event) {
    return new String(event.payload(), UTF_8);
  }

  /** Everything in the tables, as text, in a canonical order. */
  static List<String> dump(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT 'basket ' || b::text FROM basket b
            UNION ALL SELECT concat_ws(' ', 'thing', stream, version, thing) FROM basket_thing
            ORDER BY 1
            """)
        .mapTo(String.class)
        .list();
  }

  /** The versions that were applied of a stream, in that order. */
  static List<Long> versions(Handle handle, String stream) {
    return handle
        .createQuery("SELECT version FROM basket_thing WHERE stream = :stream ORDER BY applied")
        .bind("stream", stream)
        .mapTo(Long.class)
        .list();
  }
}
