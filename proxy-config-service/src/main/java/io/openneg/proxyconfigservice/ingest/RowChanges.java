package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Message;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The row changes of a batch of events, over the rows that were there before. Events of one command
 * that come together are one revision; those that change nothing are none. Pure; not thread-safe.
 */
final class RowChanges {
  private final long head;
  private final Map<RowKey, @Nullable Message> rows;
  private final List<Run> revisions = new ArrayList<>();
  private final List<RevisedRow> changes = new ArrayList<>();
  private @Nullable Run run;

  /** A step of the table; {@code at} is when its cause happened. */
  record Revision(long revision, Instant at, String cause, String actor) {}

  /** A change of a row, and the revision that it comes with. */
  record RevisedRow(RowChange change, long revision) {}

  /** Events of one command that come one after the other. */
  private static final class Run {
    private final RecordedEvent first;
    private RecordedEvent last;
    private boolean changesSomething;

    Run(RecordedEvent first) {
      this.first = first;
      this.last = first;
    }

    boolean continuesWith(RecordedEvent event) {
      return first.appendEnd() == event.appendEnd()
          && first.stream().equals(event.stream())
          && first.topic().equals(event.topic());
    }

    String cause() {
      return "%s: %s@%d-%d"
          .formatted(first.topic(), first.stream(), first.version(), last.version());
    }
  }

  /**
   * @param head the last revision before
   * @param before rows that the events may build on
   */
  RowChanges(long head, Map<RowKey, Message> before) {
    this.head = head;
    this.rows = new HashMap<>(before);
  }

  /** What is put and removed from now on follows from this event. */
  void because(RecordedEvent event) {
    if (run != null && run.continuesWith(event)) {
      run.last = event;
    } else {
      run = new Run(event);
    }
  }

  void put(RowKey key, Message content) {
    change(key, content);
  }

  void remove(RowKey key) {
    change(key, null);
  }

  private void change(RowKey key, @Nullable Message content) {
    Run cause = run;
    if (cause == null) {
      throw new IllegalStateException("a change without a cause");
    }
    if (!cause.changesSomething) {
      cause.changesSomething = true;
      revisions.add(cause);
    }
    rows.put(key, content);
    changes.add(new RevisedRow(new RowChange(key, content), head + revisions.size()));
  }

  /**
   * The row as it is now; null when there is none. Only rows given to the constructor or changed
   * since are known.
   */
  @Nullable Message current(RowKey key) {
    return rows.get(key);
  }

  /** Keys of the known rows of a kind whose texts begin alike. */
  List<RowKey> keys(RowKind kind, String prefix) {
    return rows.entrySet().stream()
        .filter(row -> row.getValue() != null && row.getKey().kind() == kind)
        .map(Map.Entry::getKey)
        .filter(key -> key.text().startsWith(prefix))
        .toList();
  }

  /** In order, without gaps after the head. */
  List<Revision> revisions() {
    List<Revision> result = new ArrayList<>();
    for (Run cause : revisions) {
      result.add(
          new Revision(
              head + result.size() + 1,
              cause.first.occurredAt(),
              cause.cause(),
              cause.first.actor()));
    }
    return result;
  }

  /** In the order in which they happened. */
  List<RevisedRow> changes() {
    return changes;
  }
}
