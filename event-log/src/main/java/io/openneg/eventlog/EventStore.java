package io.openneg.eventlog;

import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
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

  /** Rows with events from {@code :first} to {@code :last}, found by key at either end. */
  private static final String OF_VERSIONS =
      """
       WHERE stream = :stream AND first_version <= :last AND last_version >= :first
        AND first_version >= coalesce((
          SELECT first_version FROM append WHERE stream = :stream AND first_version <= :first
          ORDER BY first_version DESC LIMIT 1), 0)
      """;

  private static final String LAST_VERSION =
      """
      coalesce((
        SELECT last_version FROM append WHERE stream = :stream
        ORDER BY first_version DESC LIMIT 1), 0)
      """;

  // A row may hold hundreds of events.
  private static final int FETCHED_ROWS = 200;

  private final String topic;
  private final RowMapper<List<RecordedEvent>> mapper;

  /**
   * @param topic where the events of this store are published
   */
  public EventStore(String topic) {
    this.topic = topic;
    this.mapper = (row, _) -> AppendTable.events(row, topic);
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
    appends.forEach(append -> recorded.addAll(recorded(topic, append, context)));
    if (!recorded.isEmpty()) {
      AppendTable.insert(tx, recorded);
    }
    return recorded;
  }

  /** The events as {@link #append} records them. */
  static List<RecordedEvent> recorded(String topic, StreamAppend append, CommandContext context) {
    @Nullable String requestId = context.request() == null ? null : context.request().id();
    List<RecordedEvent> recorded = new ArrayList<>();
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
    return recorded;
  }

  /** Events of a stream after a version, in order; all of them when {@code afterVersion} is 0. */
  public List<RecordedEvent> read(Handle handle, String stream, long afterVersion) {
    return read(handle, stream, afterVersion, Long.MAX_VALUE);
  }

  /** Events of a stream after {@code afterVersion} up to and with {@code toVersion}, in order. */
  public List<RecordedEvent> read(Handle handle, String stream, long afterVersion, long toVersion) {
    return events(
        handle
            .createQuery(
                "SELECT "
                    + AppendTable.slice(":first")
                    + " FROM append"
                    + OF_VERSIONS
                    + " ORDER BY first_version")
            .bind("stream", stream)
            .bind("first", afterVersion + 1)
            .bind("last", toVersion));
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
    String order = " ORDER BY first_version " + (newestFirst ? "DESC" : "ASC");
    // No more rows than hold as many events as are wanted.
    List<RecordedEvent> events =
        events(
            handle
                .createQuery(
                    "SELECT "
                        + AppendTable.slice(":first")
                        + " FROM (SELECT *, sum(least(last_version, :last)"
                        + " - greatest(first_version, :first) + 1) OVER ("
                        + order
                        + " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
                        + " FROM (SELECT * FROM append"
                        + OF_VERSIONS
                        + order
                        + " LIMIT :limit) AS next) AS next WHERE before IS NULL OR before < :limit"
                        + order)
                .bind("stream", stream)
                .bind("first", firstVersion)
                .bind("last", lastVersion)
                .bind("limit", limit));
    Comparator<RecordedEvent> byVersion = Comparator.comparingLong(RecordedEvent::version);
    return events.stream()
        .sorted(newestFirst ? byVersion.reversed() : byVersion)
        .limit(limit)
        .toList();
  }

  /** The version of the last event of a stream; 0 when it has none. */
  public long version(Handle handle, String stream) {
    return handle
        .createQuery("SELECT " + LAST_VERSION)
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
              SELECT 0::bigint, %s
              UNION ALL
              SELECT CASE WHEN e.occurred_at <= :moment THEN e.last_version ELSE s.low END,
                CASE WHEN e.occurred_at <= :moment THEN s.high ELSE e.first_version - 1 END
              FROM search s
              CROSS JOIN LATERAL (
                SELECT first_version, last_version, occurred_at FROM append
                WHERE stream = :stream AND first_version <= (s.low + s.high + 1) / 2
                ORDER BY first_version DESC LIMIT 1) AS e
              WHERE s.low < s.high)
            SELECT low FROM search WHERE low = high
            """
                .formatted(LAST_VERSION))
        .bind("stream", stream)
        .bind("moment", moment.atOffset(ZoneOffset.UTC))
        .mapTo(Long.class)
        .one();
  }

  /** Events of many streams, each after its version, by stream; in order within one. */
  Map<String, List<RecordedEvent>> readAfter(Handle handle, Map<String, Long> versions) {
    Map<String, List<RecordedEvent>> events = new HashMap<>();
    events(
            handle
                .createQuery(
                    """
                    SELECT %s FROM (
                      SELECT e.*, s.version + 1 AS wanted
                      FROM unnest(:streams, :versions) AS s (stream, version)
                      JOIN append e ON e.stream = s.stream AND e.last_version > s.version
                        AND e.first_version >= coalesce((
                          SELECT first_version FROM append
                          WHERE stream = s.stream AND first_version <= s.version + 1
                          ORDER BY first_version DESC LIMIT 1), 0)) AS found
                    ORDER BY stream, first_version
                    """
                        .formatted(AppendTable.slice("wanted")))
                .bindBySqlType(
                    "streams", SqlArrays.of(handle, "text", versions.keySet()), Types.ARRAY)
                .bindBySqlType(
                    "versions", SqlArrays.of(handle, "int8", versions.values()), Types.ARRAY)
                .bind("last", Long.MAX_VALUE))
        .forEach(
            event -> events.computeIfAbsent(event.stream(), _ -> new ArrayList<>()).add(event));
    return events;
  }

  /**
   * All events, oldest first, in chunks of about so many, at the cost of one chunk's memory.
   *
   * @param tx in a transaction; outside of one the driver would read everything at once
   */
  public void readAll(Handle tx, int chunkSize, Consumer<List<RecordedEvent>> consumer) {
    List<RecordedEvent> chunk = new ArrayList<>(chunkSize);
    try (var rows =
        tx
            .createQuery("SELECT " + AppendTable.COLUMNS + " FROM append ORDER BY txid, position")
            .setFetchSize(FETCHED_ROWS)
            .map(mapper)
            .stream()) {
      rows.forEach(
          events -> {
            chunk.addAll(events);
            if (chunk.size() >= chunkSize) {
              consumer.accept(List.copyOf(chunk));
              chunk.clear();
            }
          });
    }
    if (!chunk.isEmpty()) {
      consumer.accept(List.copyOf(chunk));
    }
  }

  private List<RecordedEvent> events(Query rows) {
    List<RecordedEvent> events = new ArrayList<>();
    rows.map(mapper).forEach(events::addAll);
    return events;
  }
}
