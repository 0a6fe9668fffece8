package io.openneg.eventlog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Events as rows: those of one append stand in one row together, or in several when they are many
 * or large.
 */
final class AppendTable {
  /** PostgreSQL reads a row whole for any of its events, so they are not too many. */
  private static final int ROW_EVENTS = 500;

  private static final int ROW_BYTES = 256 * 1024;

  /** All events of a row. */
  static final String COLUMNS =
      "stream, first_version, append_end, types, payloads, occurred_at, actor, request_id, cause";

  private AppendTable() {}

  /**
   * The columns with those events of a row whose versions are from {@code first} to {@code :last}.
   *
   * @param first an SQL expression
   */
  static String slice(String first) {
    return """
    stream, greatest(first_version, %1$s) AS first_version, append_end,
    types[%2$s \\: %3$s] AS types, payloads[%2$s \\: %3$s] AS payloads,
    occurred_at, actor, request_id, cause
    """
        .formatted(
            first,
            "CAST(greatest(first_version, %s) - first_version + 1 AS int)".formatted(first),
            "CAST(least(last_version, :last) - first_version + 1 AS int)");
  }

  private record Row(List<RecordedEvent> events) {
    RecordedEvent first() {
      return events.getFirst();
    }

    long lastVersion() {
      return events.getLast().version();
    }
  }

  private static final String COLUMNS_INSERTED =
      """
      INSERT INTO append
        (stream, first_version, last_version, append_end, types, payloads, occurred_at,
         actor, request_id, cause)
      """;

  /** Inserts events, those of a stream beside each other in order of version, by one statement. */
  static void insert(Handle tx, List<RecordedEvent> events) {
    List<Row> rows = new ArrayList<>();
    for (int from = 0; from < events.size(); ) {
      int to = endOfRow(events, from);
      rows.add(new Row(events.subList(from, to)));
      from = to;
    }
    RecordedEvent any = events.getFirst();
    (rows.size() == 1 ? row(tx, rows.getFirst()) : rows(tx, rows))
        .bind("at", any.occurredAt().atOffset(ZoneOffset.UTC))
        .bind("actor", any.actor())
        .bind("request", any.requestId())
        .bind("cause", any.cause())
        .execute();
  }

  /** Of most commands, and without the sorting that the rows of many need. */
  private static Update row(Handle tx, Row row) {
    return tx.createUpdate(
            COLUMNS_INSERTED
                + """
                VALUES (:stream, :first, :last, :end, :types, :payloads, :at, :actor, :request,
                  :cause)
                """)
        .bind("stream", row.first().stream())
        .bind("first", row.first().version())
        .bind("last", row.lastVersion())
        .bind("end", row.first().appendEnd())
        .bindBySqlType(
            "types", SqlArrays.of(tx, "text", row.events(), RecordedEvent::type), Types.ARRAY)
        .bindBySqlType(
            "payloads",
            SqlArrays.of(tx, "bytea", row.events(), RecordedEvent::payload),
            Types.ARRAY);
  }

  private static Update rows(Handle tx, List<Row> rows) {
    List<RecordedEvent> events = new ArrayList<>();
    List<Integer> rowOfEvent = new ArrayList<>();
    int number = 0;
    for (Row row : rows) {
      number++;
      events.addAll(row.events());
      rowOfEvent.addAll(Collections.nCopies(row.events().size(), number));
    }
    return tx.createUpdate(
            COLUMNS_INSERTED
                + """
                SELECT r.stream, r.first_version, r.last_version, r.append_end, e.types, e.payloads,
                  :at, :actor, :request, :cause
                FROM unnest(:streams, :firsts, :lasts, :ends) WITH ORDINALITY
                  AS r (stream, first_version, last_version, append_end, row)
                JOIN (
                  SELECT row, array_agg(type ORDER BY n) AS types, array_agg(payload ORDER BY n) AS payloads
                  FROM unnest(:rows, :types, :payloads) WITH ORDINALITY AS e (row, type, payload, n)
                  GROUP BY row) AS e ON e.row = r.row
                ORDER BY r.row
                """)
        .bindBySqlType(
            "streams", SqlArrays.of(tx, "text", rows, r -> r.first().stream()), Types.ARRAY)
        .bindBySqlType(
            "firsts", SqlArrays.of(tx, "int8", rows, r -> r.first().version()), Types.ARRAY)
        .bindBySqlType("lasts", SqlArrays.of(tx, "int8", rows, Row::lastVersion), Types.ARRAY)
        .bindBySqlType(
            "ends", SqlArrays.of(tx, "int8", rows, r -> r.first().appendEnd()), Types.ARRAY)
        .bindBySqlType("rows", SqlArrays.of(tx, "int4", rowOfEvent), Types.ARRAY)
        .bindBySqlType("types", SqlArrays.of(tx, "text", events, RecordedEvent::type), Types.ARRAY)
        .bindBySqlType(
            "payloads", SqlArrays.of(tx, "bytea", events, RecordedEvent::payload), Types.ARRAY);
  }

  /** Behind the last event that stands in one row with the one at {@code from}. */
  private static int endOfRow(List<RecordedEvent> events, int from) {
    String stream = events.get(from).stream();
    long bytes = 0;
    int to = from;
    while (to < events.size()
        && to - from < ROW_EVENTS
        && (to == from || bytes + events.get(to).payload().length <= ROW_BYTES)
        && events.get(to).stream().equals(stream)) {
      bytes += events.get(to).payload().length;
      to++;
    }
    return to;
  }

  /** The events of a row of {@link #COLUMNS} or {@link #slice}, in order of version. */
  static List<RecordedEvent> events(ResultSet row, String topic) throws SQLException {
    String stream = row.getString("stream");
    long version = row.getLong("first_version");
    long appendEnd = row.getLong("append_end");
    String[] types = (String[]) row.getArray("types").getArray();
    byte[][] payloads = (byte[][]) row.getArray("payloads").getArray();
    Instant occurredAt = row.getObject("occurred_at", OffsetDateTime.class).toInstant();
    String actor = row.getString("actor");
    @Nullable String requestId = row.getString("request_id");
    @Nullable String cause = row.getString("cause");
    List<RecordedEvent> events = new ArrayList<>(types.length);
    for (int i = 0; i < types.length; i++) {
      events.add(
          new RecordedEvent(
              topic,
              stream,
              version + i,
              appendEnd,
              types[i],
              payloads[i],
              occurredAt,
              actor,
              requestId,
              cause));
    }
    return events;
  }
}
