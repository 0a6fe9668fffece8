package io.openneg.proxyconfigservice.ingest;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Events → rows of the routing table. The events of one command that come together are one
 * revision: attaching 10,000 endpoints by one call is one change to look at, or a few. Thread-safe.
 */
public final class RoutingProjection implements Projection {

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    int from = 0;
    while (from < events.size()) {
      int to = from + 1;
      while (to < events.size() && sameAppend(events.get(from), events.get(to))) {
        to++;
      }
      List<RecordedEvent> append = events.subList(from, to);
      RecordedEvent first = append.getFirst();
      RoutingRows rows = new RoutingRows(tx);
      append.forEach(event -> EventRows.apply(event, rows));
      rows.write(
          "%s: %s@%d-%d"
              .formatted(
                  first.topic(), first.stream(), first.version(), append.getLast().version()),
          first.actor(),
          first.occurredAt());
      from = to;
    }
  }

  private static boolean sameAppend(RecordedEvent a, RecordedEvent b) {
    return a.topic().equals(b.topic())
        && a.stream().equals(b.stream())
        && a.appendEnd() == b.appendEnd();
  }

  @Override
  public void clear(Handle tx) {
    tx.execute("TRUNCATE routing_row, revision");
  }
}
