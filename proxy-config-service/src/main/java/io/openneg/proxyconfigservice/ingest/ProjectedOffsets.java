package io.openneg.proxyconfigservice.ingest;

import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Up to where the topics are in the tables: the first offset that is not, by topic and partition.
 */
record ProjectedOffsets(Map<String, Long> next) {
  /** Nothing is. */
  static final ProjectedOffsets NONE = new ProjectedOffsets(Map.of());

  static ProjectedOffsets read(Handle tx, String projection) {
    Map<String, Long> next = new HashMap<>();
    tx.createQuery(
            "SELECT topic, partition, next_offset FROM kafka_offset WHERE projection = :projection")
        .bind("projection", projection)
        .map(
            (row, _) ->
                next.put(
                    row.getString("topic") + "-" + row.getInt("partition"),
                    row.getLong("next_offset")))
        .list();
    return new ProjectedOffsets(next);
  }

  /** Whether everything that is in the tables there is in the tables here. */
  boolean covers(ProjectedOffsets other) {
    return other.next.entrySet().stream()
        .allMatch(there -> next.getOrDefault(there.getKey(), 0L) >= there.getValue());
  }
}
