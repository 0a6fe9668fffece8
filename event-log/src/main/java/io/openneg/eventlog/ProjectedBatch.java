package io.openneg.eventlog;

import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One batch of events into a projection. A row of {@code projected_stream} says up to which version
 * a stream is reflected: older events are duplicates and dropped, the next one is applied, one that
 * comes too early is parked until the gap before it is filled. So redelivery, replay and reordering
 * change nothing.
 */
final class ProjectedBatch {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectedBatch.class);
  private static final String SAVEPOINT = "before_event";

  private final String name;
  private final Projection projection;
  private final ParkedEvents parked;

  ProjectedBatch(String name, Projection projection) {
    this.name = name;
    this.projection = projection;
    this.parked = new ParkedEvents(name);
  }

  private record Stream(String topic, String name) {
    static Stream of(RecordedEvent event) {
      return new Stream(event.topic(), event.stream());
    }
  }

  /** The fast path: everything by one call of the projection. */
  void project(Handle tx, List<RecordedEvent> events, Map<TopicPartition, Long> offsets) {
    Map<Stream, Long> versions = versions(tx, events);
    Set<Stream> touched = new LinkedHashSet<>();
    List<RecordedEvent> due = new ArrayList<>(events.size());
    boolean gap = false;
    for (RecordedEvent event : events) {
      Stream stream = Stream.of(event);
      long version = versions.getOrDefault(stream, 0L);
      if (event.version() == version + 1) {
        due.add(event);
        versions.put(stream, event.version());
        touched.add(stream);
      } else if (event.version() > version) {
        parked.park(tx, event, "waits for version " + (version + 1) + " of its stream");
        gap = true;
      }
    }
    if (!due.isEmpty()) {
      projection.apply(tx, due);
      saveVersions(tx, touched, versions);
    }
    if (gap) {
      LOG.warn("{}: events came before their turn and are parked", name);
    }
    if (parked.any(tx)) {
      replayParked(tx);
    }
    saveOffsets(tx, offsets);
  }

  /**
   * After {@link #project} failed: finds the events that cannot be applied and parks only those.
   */
  void projectOneByOne(Handle tx, List<RecordedEvent> events, Map<TopicPartition, Long> offsets) {
    Map<Stream, Long> versions = versions(tx, events);
    for (RecordedEvent event : events) {
      Stream stream = Stream.of(event);
      long version = versions.getOrDefault(stream, 0L);
      if (event.version() == version + 1) {
        if (applied(tx, event)) {
          versions.put(stream, event.version());
        }
      } else if (event.version() > version) {
        parked.park(tx, event, "waits for version " + (version + 1) + " of its stream");
      }
    }
    saveOffsets(tx, offsets);
  }

  /** Applies every parked event whose turn it is, and those behind it. */
  void replayParked(Handle tx) {
    Set<Stream> stuck = new LinkedHashSet<>();
    List<RecordedEvent> waiting = parked.events(tx);
    Map<Stream, Long> versions = versions(tx, waiting);
    for (RecordedEvent event : waiting) {
      Stream stream = Stream.of(event);
      long version = versions.getOrDefault(stream, 0L);
      if (event.version() <= version) {
        parked.remove(tx, event);
      } else if (event.version() == version + 1 && !stuck.contains(stream)) {
        if (applied(tx, event)) {
          versions.put(stream, event.version());
          parked.remove(tx, event);
        } else {
          stuck.add(stream);
        }
      }
    }
  }

  private boolean applied(Handle tx, RecordedEvent event) {
    tx.savepoint(SAVEPOINT);
    try {
      projection.apply(tx, List.of(event));
      Stream stream = Stream.of(event);
      saveVersions(tx, Set.of(stream), Map.of(stream, event.version()));
      tx.releaseSavepoint(SAVEPOINT);
      return true;
    } catch (RuntimeException e) {
      if (SqlErrors.isTransient(e)) {
        throw e;
      }
      tx.rollbackToSavepoint(SAVEPOINT);
      LOG.error("{}: parked {} of {}", name, event.id(), event.topic(), e);
      parked.park(tx, event, e.toString());
      return false;
    }
  }

  private Map<Stream, Long> versions(Handle tx, List<RecordedEvent> events) {
    Set<Stream> streams = new LinkedHashSet<>();
    events.forEach(event -> streams.add(Stream.of(event)));
    Map<Stream, Long> versions = new HashMap<>();
    tx.createQuery(
            """
            SELECT topic, stream, version
            FROM unnest(:topics, :streams) AS s (topic, stream)
            JOIN projected_stream p USING (topic, stream)
            WHERE p.projection = :name
            """)
        .bindBySqlType("topics", SqlArrays.of(tx, "text", streams, Stream::topic), Types.ARRAY)
        .bindBySqlType("streams", SqlArrays.of(tx, "text", streams, Stream::name), Types.ARRAY)
        .bind("name", name)
        .map(
            (row, _) ->
                versions.put(
                    new Stream(row.getString("topic"), row.getString("stream")),
                    row.getLong("version")))
        .list();
    return versions;
  }

  private void saveVersions(Handle tx, Set<Stream> streams, Map<Stream, Long> versions) {
    tx.createUpdate(
            """
            INSERT INTO projected_stream (projection, topic, stream, version)
            SELECT :name, s.topic, s.stream, s.version
            FROM unnest(:topics, :streams, :versions) AS s (topic, stream, version)
            ON CONFLICT (projection, topic, stream) DO UPDATE SET version = excluded.version
            """)
        .bind("name", name)
        .bindBySqlType("topics", SqlArrays.of(tx, "text", streams, Stream::topic), Types.ARRAY)
        .bindBySqlType("streams", SqlArrays.of(tx, "text", streams, Stream::name), Types.ARRAY)
        .bindBySqlType(
            "versions",
            SqlArrays.of(tx, "int8", streams, s -> versions.getOrDefault(s, 0L)),
            Types.ARRAY)
        .execute();
  }

  Map<TopicPartition, Long> offsets(Handle handle) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    handle
        .createQuery(
            "SELECT topic, partition, next_offset FROM kafka_offset WHERE projection = :name")
        .bind("name", name)
        .map(
            (row, _) ->
                offsets.put(
                    new TopicPartition(row.getString("topic"), row.getInt("partition")),
                    row.getLong("next_offset")))
        .list();
    return offsets;
  }

  private void saveOffsets(Handle tx, Map<TopicPartition, Long> offsets) {
    Set<TopicPartition> partitions = offsets.keySet();
    tx.createUpdate(
            """
            INSERT INTO kafka_offset (projection, topic, partition, next_offset)
            SELECT :name, o.topic, o.partition, o.next_offset
            FROM unnest(:topics, :partitions, :offsets) AS o (topic, partition, next_offset)
            ON CONFLICT (projection, topic, partition)
              DO UPDATE SET next_offset = excluded.next_offset
            """)
        .bind("name", name)
        .bindBySqlType(
            "topics", SqlArrays.of(tx, "text", partitions, TopicPartition::topic), Types.ARRAY)
        .bindBySqlType(
            "partitions",
            SqlArrays.of(tx, "int4", partitions, TopicPartition::partition),
            Types.ARRAY)
        .bindBySqlType("offsets", SqlArrays.of(tx, "int8", partitions, offsets::get), Types.ARRAY)
        .execute();
  }

  void reset(Handle tx) {
    projection.clear(tx);
    for (String table : List.of("kafka_offset", "projected_stream", "parked_event")) {
      tx.createUpdate("DELETE FROM " + table + " WHERE projection = :name")
          .bind("name", name)
          .execute();
    }
  }
}
