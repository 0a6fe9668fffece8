package io.openneg.eventlog;

import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The events of one projection that could not be applied yet, with the reason. */
public final class ParkedEvents {
  private final String projection;

  ParkedEvents(String projection) {
    this.projection = projection;
  }

  /** What an operator sees of a parked event. */
  public record Parked(String topic, String stream, long version, String type, String error) {}

  void park(Handle tx, RecordedEvent event, String error) {
    tx.createUpdate(
            """
            INSERT INTO parked_event (projection, topic, stream, version, append_end, type, payload,
              occurred_at, actor, request_id, cause, error)
            VALUES (:projection, :topic, :stream, :version, :end, :type, :payload, :at, :actor,
              :request, :cause, :error)
            ON CONFLICT (projection, topic, stream, version) DO UPDATE SET error = excluded.error
            """)
        .bind("projection", projection)
        .bind("topic", event.topic())
        .bind("stream", event.stream())
        .bind("version", event.version())
        .bind("end", event.appendEnd())
        .bind("type", event.type())
        .bind("payload", event.payload())
        .bind("at", event.occurredAt().atOffset(ZoneOffset.UTC))
        .bind("actor", event.actor())
        .bind("request", event.requestId())
        .bind("cause", event.cause())
        .bind("error", error)
        .execute();
  }

  boolean any(Handle tx) {
    return tx.createQuery(
            "SELECT EXISTS (SELECT 1 FROM parked_event WHERE projection = :projection)")
        .bind("projection", projection)
        .mapTo(Boolean.class)
        .one();
  }

  /** In order of stream and version. */
  List<RecordedEvent> events(Handle tx) {
    return tx.createQuery(
            "SELECT topic, "
                + EventStore.COLUMNS
                + " FROM parked_event WHERE projection = :projection"
                + " ORDER BY topic, stream, version")
        .bind("projection", projection)
        .map((row, _) -> EventStore.recorded(row.getString("stream"), row, row.getString("topic")))
        .list();
  }

  void remove(Handle tx, RecordedEvent event) {
    tx.createUpdate(
            """
            DELETE FROM parked_event
            WHERE projection = :projection AND topic = :topic AND stream = :stream
              AND version = :version
            """)
        .bind("projection", projection)
        .bind("topic", event.topic())
        .bind("stream", event.stream())
        .bind("version", event.version())
        .execute();
  }

  List<Parked> list(Handle handle) {
    return handle
        .createQuery(
            """
            SELECT topic, stream, version, type, error FROM parked_event
            WHERE projection = :projection ORDER BY topic, stream, version
            """)
        .bind("projection", projection)
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
