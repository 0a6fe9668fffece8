package io.openneg.eventlog;

import java.sql.Types;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;

/** What one projection reflects: of each stream, and of each partition. */
final class ProjectionProgress {
  private final String projection;

  ProjectionProgress(String projection) {
    this.projection = projection;
  }

  record Stream(String topic, String name) {
    static Stream of(RecordedEvent event) {
      return new Stream(event.topic(), event.stream());
    }
  }

  /**
   * Of the streams asked for.
   *
   * @param reached the version up to which a stream is reflected; absent: none
   * @param waiting streams that have parked events
   */
  record Versions(Map<Stream, Long> reached, Set<Stream> waiting) {
    long of(Stream stream) {
      return reached.getOrDefault(stream, 0L);
    }
  }

  Versions versions(Handle tx, List<RecordedEvent> events) {
    Set<Stream> streams = new LinkedHashSet<>();
    events.forEach(event -> streams.add(Stream.of(event)));
    Versions versions = new Versions(new HashMap<>(), new HashSet<>());
    tx.createQuery(
            """
            SELECT s.topic, s.stream, coalesce(p.version, 0) AS version,
              EXISTS (
                SELECT 1 FROM parked_event w
                WHERE w.projection = :projection AND w.topic = s.topic AND w.stream = s.stream)
                AS waiting
            FROM unnest(:topics, :streams) AS s (topic, stream)
            LEFT JOIN projected_stream p
              ON p.projection = :projection AND p.topic = s.topic AND p.stream = s.stream
            """)
        .bindBySqlType("topics", SqlArrays.of(tx, "text", streams, Stream::topic), Types.ARRAY)
        .bindBySqlType("streams", SqlArrays.of(tx, "text", streams, Stream::name), Types.ARRAY)
        .bind("projection", projection)
        .map(
            (row, _) ->
                new Row(
                    new Stream(row.getString("topic"), row.getString("stream")),
                    row.getLong("version"),
                    row.getBoolean("waiting")))
        .forEach(
            row -> {
              versions.reached().put(row.stream(), row.version());
              if (row.waiting()) {
                versions.waiting().add(row.stream());
              }
            });
    return versions;
  }

  private record Row(Stream stream, long version, boolean waiting) {}

  /** The version up to which a stream is reflected; 0: none. */
  long version(Handle tx, Stream stream) {
    return tx.createQuery(
            """
            SELECT version FROM projected_stream
            WHERE projection = :projection AND topic = :topic AND stream = :stream
            """)
        .bind("projection", projection)
        .bind("topic", stream.topic())
        .bind("stream", stream.name())
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /** Notes what was applied, and says up to which version. */
  Map<Stream, Long> saveVersions(Handle tx, List<RecordedEvent> applied) {
    Map<Stream, Long> versions = new HashMap<>();
    applied.forEach(event -> versions.put(Stream.of(event), event.version()));
    Set<Stream> streams = versions.keySet();
    tx.createUpdate(
            """
            INSERT INTO projected_stream (projection, topic, stream, version)
            SELECT :projection, s.topic, s.stream, s.version
            FROM unnest(:topics, :streams, :versions) AS s (topic, stream, version)
            ON CONFLICT (projection, topic, stream) DO UPDATE SET version = excluded.version
            """)
        .bind("projection", projection)
        .bindBySqlType("topics", SqlArrays.of(tx, "text", streams, Stream::topic), Types.ARRAY)
        .bindBySqlType("streams", SqlArrays.of(tx, "text", streams, Stream::name), Types.ARRAY)
        .bindBySqlType("versions", SqlArrays.of(tx, "int8", streams, versions::get), Types.ARRAY)
        .execute();
    return versions;
  }

  /** Where each partition goes on; absent: at its beginning. */
  Map<TopicPartition, Long> offsets(Handle handle) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT topic, partition, next_offset FROM kafka_offset WHERE projection = :projection
            """)
        .bind("projection", projection)
        .map(
            (row, _) ->
                Map.entry(
                    new TopicPartition(row.getString("topic"), row.getInt("partition")),
                    row.getLong("next_offset")))
        .forEach(entry -> offsets.put(entry.getKey(), entry.getValue()));
    return offsets;
  }

  void saveOffsets(Handle tx, Map<TopicPartition, Long> offsets) {
    Set<TopicPartition> partitions = offsets.keySet();
    tx.createUpdate(
            """
            INSERT INTO kafka_offset (projection, topic, partition, next_offset)
            SELECT :projection, o.topic, o.partition, o.next_offset
            FROM unnest(:topics, :partitions, :offsets) AS o (topic, partition, next_offset)
            ON CONFLICT (projection, topic, partition)
              DO UPDATE SET next_offset = excluded.next_offset
            """)
        .bind("projection", projection)
        .bindBySqlType(
            "topics", SqlArrays.of(tx, "text", partitions, TopicPartition::topic), Types.ARRAY)
        .bindBySqlType(
            "partitions",
            SqlArrays.of(tx, "int4", partitions, TopicPartition::partition),
            Types.ARRAY)
        .bindBySqlType("offsets", SqlArrays.of(tx, "int8", partitions, offsets::get), Types.ARRAY)
        .execute();
  }

  void clear(Handle tx) {
    for (String table : List.of("kafka_offset", "projected_stream")) {
      tx.createUpdate("DELETE FROM " + table + " WHERE projection = :projection")
          .bind("projection", projection)
          .execute();
    }
  }
}
