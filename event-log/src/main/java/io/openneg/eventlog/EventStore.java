package io.openneg.eventlog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/**
 * The event table of one service. Thread-safe.
 *
 * <p><b>The append is the first write of its transaction</b>, and the versions it builds on were
 * read before it. A transaction gets its id with its first write; had it one earlier, another
 * transaction with a younger id could commit to the same stream first, and the relay, which reads
 * in order of transaction ids, would publish the stream out of order. The database refuses an
 * append that comes later.
 */
public final class EventStore {
  /**
   * Bytes of a payload at the most. With its headers an event stays below the 1 MiB that Kafka
   * takes by default; one that Kafka refused would hold up all that were recorded after it.
   */
  public static final int MAX_PAYLOAD = 1_000_000;

  static final String COLUMNS =
      "stream, version, append_end, type, payload, occurred_at, actor, request_id, cause";

  private final String topic;
  private final RowMapper<RecordedEvent> mapper;

  /**
   * @param topic where the events of this store are published
   */
  public EventStore(String topic) {
    this.topic = topic;
    this.mapper = (row, _) -> recorded(row.getString("stream"), row, topic);
  }

  public String topic() {
    return topic;
  }

  /**
   * One stream's part of an append.
   *
   * @param expectedVersion the version the events were decided on, read in this transaction
   */
  public record StreamAppend(String stream, long expectedVersion, List<NewEvent> events) {}

  /** An event to be, without the metadata that its command gives it. */
  @SuppressWarnings("ArrayRecordComponent") // bytes travel untouched
  public record NewEvent(String type, byte[] payload) {}

  /**
   * Appends to one or more streams in one statement. Must be the transaction's first write.
   *
   * @throws org.jdbi.v3.core.statement.UnableToExecuteStatementException with SQL state 23505 when
   *     a stream has moved on (see {@link SqlErrors#isConflict}), 55000 when something was written
   *     before
   * @throws IllegalArgumentException when a payload is larger than {@link #MAX_PAYLOAD}
   */
  public List<RecordedEvent> append(Handle tx, List<StreamAppend> appends, CommandContext context) {
    List<RecordedEvent> recorded = new ArrayList<>();
    @Nullable String requestId = context.request() == null ? null : context.request().id();
    for (StreamAppend append : appends) {
      long end = append.expectedVersion() + append.events().size();
      long version = append.expectedVersion();
      for (NewEvent event : append.events()) {
        version++;
        if (event.payload().length > MAX_PAYLOAD) {
          throw new IllegalArgumentException(
              "%s of %s has %d bytes; the limit is %d"
                  .formatted(event.type(), append.stream(), event.payload().length, MAX_PAYLOAD));
        }
        recorded.add(
            new RecordedEvent(
                topic,
                append.stream(),
                version,
                end,
                event.type(),
                event.payload(),
                context.now(),
                context.actor(),
                requestId,
                context.cause()));
      }
    }
    if (!recorded.isEmpty()) {
      insert(tx, recorded, context, requestId);
    }
    return recorded;
  }

  private static void insert(
      Handle tx, List<RecordedEvent> events, CommandContext context, @Nullable String requestId) {
    tx.createUpdate(
            """
            INSERT INTO event
              (stream, version, append_end, type, payload, occurred_at, actor, request_id, cause)
            SELECT e.stream, e.version, e.append_end, e.type, e.payload, :at, :actor, :request, :cause
            FROM unnest(:streams, :versions, :ends, :types, :payloads) WITH ORDINALITY
              AS e (stream, version, append_end, type, payload, n)
            ORDER BY e.n
            """)
        .bindBySqlType(
            "streams", SqlArrays.of(tx, "text", events, RecordedEvent::stream), Types.ARRAY)
        .bindBySqlType(
            "versions", SqlArrays.of(tx, "int8", events, RecordedEvent::version), Types.ARRAY)
        .bindBySqlType(
            "ends", SqlArrays.of(tx, "int8", events, RecordedEvent::appendEnd), Types.ARRAY)
        .bindBySqlType("types", SqlArrays.of(tx, "text", events, RecordedEvent::type), Types.ARRAY)
        .bindBySqlType(
            "payloads", SqlArrays.of(tx, "bytea", events, RecordedEvent::payload), Types.ARRAY)
        .bind("at", context.now().atOffset(ZoneOffset.UTC))
        .bind("actor", context.actor())
        .bind("request", requestId)
        .bind("cause", context.cause())
        .execute();
  }

  /** Events of a stream after a version, in order; all of them when {@code afterVersion} is 0. */
  public List<RecordedEvent> read(Handle handle, String stream, long afterVersion) {
    return read(handle, stream, afterVersion, Long.MAX_VALUE);
  }

  /** Events of a stream after {@code afterVersion} up to and with {@code toVersion}, in order. */
  public List<RecordedEvent> read(Handle handle, String stream, long afterVersion, long toVersion) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM event WHERE stream = :stream AND version > :after AND version <= :to"
                + " ORDER BY version")
        .bind("stream", stream)
        .bind("after", afterVersion)
        .bind("to", toVersion)
        .map(mapper)
        .list();
  }

  /**
   * A part of a stream.
   *
   * @param firstVersion the oldest event wanted
   * @param lastVersion the youngest one
   * @param newestFirst whether the part is read from its end
   * @param limit how many at the most
   */
  public List<RecordedEvent> read(
      Handle handle,
      String stream,
      long firstVersion,
      long lastVersion,
      boolean newestFirst,
      int limit) {
    return handle
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM event WHERE stream = :stream AND version BETWEEN :first AND :last"
                + " ORDER BY version "
                + (newestFirst ? "DESC" : "ASC")
                + " LIMIT :limit")
        .bind("stream", stream)
        .bind("first", firstVersion)
        .bind("last", lastVersion)
        .bind("limit", limit)
        .map(mapper)
        .list();
  }

  /** The version of the last event of a stream; 0 when it has none. */
  public long version(Handle handle, String stream) {
    return handle
        .createQuery("SELECT coalesce(max(version), 0) FROM event WHERE stream = :stream")
        .bind("stream", stream)
        .mapTo(Long.class)
        .one();
  }

  /**
   * The version a stream had at a moment, what happened at that very moment included; 0 when it had
   * no event yet. Versions have no gaps and times never go back within a stream, so a handful of
   * look-ups by key find it, however long the stream is.
   */
  public long versionAt(Handle handle, String stream, Instant moment) {
    return handle
        .createQuery(
            """
            WITH RECURSIVE search (low, high) AS (
              SELECT 0::bigint, (SELECT coalesce(max(version), 0) FROM event WHERE stream = :stream)
              UNION ALL
              SELECT CASE WHEN e.occurred_at <= :moment THEN e.version ELSE s.low END,
                CASE WHEN e.occurred_at <= :moment THEN s.high ELSE e.version - 1 END
              FROM search s
              JOIN event e ON e.stream = :stream AND e.version = (s.low + s.high + 1) / 2
              WHERE s.low < s.high)
            SELECT low FROM search WHERE low = high
            """)
        .bind("stream", stream)
        .bind("moment", moment.atOffset(ZoneOffset.UTC))
        .mapTo(Long.class)
        .one();
  }

  /** Events of many streams, each after its version, by stream; in order within one. */
  Map<String, List<RecordedEvent>> readAfter(Handle handle, Map<String, Long> versions) {
    Map<String, List<RecordedEvent>> events = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT e.stream, e.version, e.append_end, e.type, e.payload, e.occurred_at, e.actor,
              e.request_id, e.cause
            FROM unnest(:streams, :versions) AS s (stream, version)
            JOIN event e ON e.stream = s.stream AND e.version > s.version
            ORDER BY e.stream, e.version
            """)
        .bindBySqlType("streams", SqlArrays.of(handle, "text", versions.keySet()), Types.ARRAY)
        .bindBySqlType("versions", SqlArrays.of(handle, "int8", versions.values()), Types.ARRAY)
        .map(mapper)
        .forEach(
            event -> events.computeIfAbsent(event.stream(), _ -> new ArrayList<>()).add(event));
    return events;
  }

  /**
   * All events, oldest first, in chunks, at the cost of one chunk's memory.
   *
   * @param tx in a transaction; outside of one the driver would read everything at once
   */
  public void readAll(Handle tx, int chunkSize, Consumer<List<RecordedEvent>> consumer) {
    List<RecordedEvent> chunk = new ArrayList<>(chunkSize);
    try (var rows =
        tx
            .createQuery("SELECT " + COLUMNS + " FROM event ORDER BY txid, position")
            .setFetchSize(chunkSize)
            .map(mapper)
            .stream()) {
      rows.forEach(
          event -> {
            chunk.add(event);
            if (chunk.size() == chunkSize) {
              consumer.accept(List.copyOf(chunk));
              chunk.clear();
            }
          });
    }
    if (!chunk.isEmpty()) {
      consumer.accept(List.copyOf(chunk));
    }
  }

  static RecordedEvent recorded(String stream, ResultSet row, String topic) throws SQLException {
    return new RecordedEvent(
        topic,
        stream,
        row.getLong("version"),
        row.getLong("append_end"),
        row.getString("type"),
        row.getBytes("payload"),
        row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
        row.getString("actor"),
        row.getString("request_id"),
        row.getString("cause"));
  }
}
