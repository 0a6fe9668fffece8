package io.openneg.eventlog;

import io.openneg.eventlog.ProjectionProgress.Stream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The events of one projection that could not be applied yet, with the reason. */
public final class ParkedEvents {
  private static final int LISTED = 1_000;
  private static final int MAX_ERROR = 2_000;
  private static final int ARRAY = Types.ARRAY;

  private final String projection;

  ParkedEvents(String projection) {
    this.projection = projection;
  }

  /** What an operator sees of a parked event. */
  public record Parked(String topic, String stream, long version, String type, String error) {}

  /** An event that is to be parked. */
  record Parking(RecordedEvent event, String error) {

    /** It came too early, or the one before it cannot be applied. */
    static Parking until(long version, RecordedEvent event) {
      return new Parking(event, "waits for version " + version + " of its stream");
    }

    static Parking because(RuntimeException failure, RecordedEvent event) {
      // PostgreSQL's text takes every character but one.
      String error = failure.toString().replace("\0", "");
      return new Parking(event, error.length() > MAX_ERROR ? error.substring(0, MAX_ERROR) : error);
    }
  }

  void park(Handle tx, List<Parking> parkings) {
    if (parkings.isEmpty()) {
      return;
    }
    // One that was delivered twice is there twice, and a statement may touch a row only once.
    Map<String, Parking> distinct = new LinkedHashMap<>();
    parkings.forEach(p -> distinct.put(p.event().topic() + " " + p.event().id(), p));
    Collection<Parking> events = distinct.values();
    tx.createUpdate(
            """
            INSERT INTO parked_event (projection, topic, stream, version, append_end, type, payload,
              occurred_at, actor, request_id, cause, error)
            SELECT :projection, e.topic, e.stream, e.version, e.append_end, e.type, e.payload,
              e.occurred_at, e.actor, e.request_id, e.cause, e.error
            FROM unnest(:topics, :streams, :versions, :ends, :types, :payloads, :times, :actors,
                :requests, :causes, :errors)
              AS e (topic, stream, version, append_end, type, payload, occurred_at, actor,
                request_id, cause, error)
            ON CONFLICT (projection, topic, stream, version) DO UPDATE SET error = excluded.error
            """)
        .bind("projection", projection)
        .bindBySqlType("topics", SqlArrays.of(tx, "text", events, p -> p.event().topic()), ARRAY)
        .bindBySqlType("streams", SqlArrays.of(tx, "text", events, p -> p.event().stream()), ARRAY)
        .bindBySqlType(
            "versions", SqlArrays.of(tx, "int8", events, p -> p.event().version()), ARRAY)
        .bindBySqlType("ends", SqlArrays.of(tx, "int8", events, p -> p.event().appendEnd()), ARRAY)
        .bindBySqlType("types", SqlArrays.of(tx, "text", events, p -> p.event().type()), ARRAY)
        .bindBySqlType(
            "payloads", SqlArrays.of(tx, "bytea", events, p -> p.event().payload()), ARRAY)
        .bindBySqlType(
            "times",
            SqlArrays.of(
                tx, "timestamptz", events, p -> p.event().occurredAt().atOffset(ZoneOffset.UTC)),
            ARRAY)
        .bindBySqlType("actors", SqlArrays.of(tx, "text", events, p -> p.event().actor()), ARRAY)
        .bindBySqlType(
            "requests", SqlArrays.of(tx, "text", events, p -> p.event().requestId()), ARRAY)
        .bindBySqlType("causes", SqlArrays.of(tx, "text", events, p -> p.event().cause()), ARRAY)
        .bindBySqlType("errors", SqlArrays.of(tx, "text", events, Parking::error), ARRAY)
        .execute();
  }

  /** The streams that have parked events. */
  List<Stream> streams(Handle handle) {
    return handle
        .createQuery(
            "SELECT DISTINCT topic, stream FROM parked_event WHERE projection = :projection")
        .bind("projection", projection)
        .map((row, _) -> new Stream(row.getString("topic"), row.getString("stream")))
        .list();
  }

  /** The events that follow a version without a gap; not more than {@code limit}. */
  List<RecordedEvent> after(Handle tx, Stream stream, long version, int limit) {
    List<RecordedEvent> following = new ArrayList<>();
    for (RecordedEvent event :
        tx.createQuery(
                """
                SELECT version, append_end, type, payload, occurred_at, actor, request_id, cause
                FROM parked_event
                WHERE projection = :projection AND topic = :topic AND stream = :stream
                  AND version > :version
                ORDER BY version LIMIT :limit
                """)
            .bind("projection", projection)
            .bind("topic", stream.topic())
            .bind("stream", stream.name())
            .bind("version", version)
            .bind("limit", limit)
            .map((row, _) -> recorded(stream, row))
            .list()) {
      if (event.version() != version + following.size() + 1) {
        break;
      }
      following.add(event);
    }
    return following;
  }

  private static RecordedEvent recorded(Stream stream, ResultSet row) throws SQLException {
    return new RecordedEvent(
        stream.topic(),
        stream.name(),
        row.getLong("version"),
        row.getLong("append_end"),
        row.getString("type"),
        row.getBytes("payload"),
        row.getObject("occurred_at", OffsetDateTime.class).toInstant(),
        row.getString("actor"),
        row.getString("request_id"),
        row.getString("cause"));
  }

  /** Takes out the events of a stream that are applied. */
  void removeUpTo(Handle tx, Stream stream, long version) {
    tx.createUpdate(
            """
            DELETE FROM parked_event
            WHERE projection = :projection AND topic = :topic AND stream = :stream
              AND version <= :version
            """)
        .bind("projection", projection)
        .bind("topic", stream.topic())
        .bind("stream", stream.name())
        .bind("version", version)
        .execute();
  }

  /** Asks whichever replica is active to try again. */
  void requestReplay(Handle handle) {
    handle
        .createUpdate(
            "INSERT INTO replay_request (projection) VALUES (:projection) ON CONFLICT DO NOTHING")
        .bind("projection", projection)
        .execute();
  }

  /** Whether someone asked; the request is taken. */
  boolean takeReplayRequest(Handle session) {
    return session
            .createUpdate("DELETE FROM replay_request WHERE projection = :projection")
            .bind("projection", projection)
            .execute()
        > 0;
  }

  void clear(Handle tx) {
    for (String table : List.of("parked_event", "replay_request")) {
      tx.createUpdate("DELETE FROM " + table + " WHERE projection = :projection")
          .bind("projection", projection)
          .execute();
    }
  }

  List<Parked> list(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT topic, stream, version, type, error FROM parked_event
            WHERE projection = :projection ORDER BY topic, stream, version LIMIT :limit
            """)
        .bind("projection", projection)
        .bind("limit", LISTED)
        .map(
            (row, _) ->
                new Parked(
                    row.getString("topic"),
                    row.getString("stream"),
                    row.getLong("version"),
                    row.getString("type"),
                    row.getString("error")))
        .list();
  }
}
