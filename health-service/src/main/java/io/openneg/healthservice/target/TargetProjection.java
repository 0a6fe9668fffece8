package io.openneg.healthservice.target;

import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * The tables behind {@link Targets}, from both topics. They refer to each other by name only, so
 * the order between the topics does not matter. Thread-safe.
 */
public final class TargetProjection implements Projection {
  private static final String NEG_EVENTS = "neg.events.v1";
  private static final String BACKEND_EVENTS = "backend.events.v1";

  /** The topics it follows. */
  public static final Set<String> TOPICS = Set.of(NEG_EVENTS, BACKEND_EVENTS);

  /** The NOTIFY channel that tells of a change. */
  public static final String CHANGED = "targets_changed";

  private final EndpointTable endpoints = new EndpointTable();
  private final BackendTable backends = new BackendTable();

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    endpoints.apply(tx, of(NEG_EVENTS, events));
    backends.apply(tx, of(BACKEND_EVENTS, events));
    DrainingTable.forgetOver(tx);
    // Every replica follows these tables, whichever of them writes.
    tx.execute("SELECT pg_notify(?, '')", CHANGED);
  }

  private static List<RecordedEvent> of(String topic, List<RecordedEvent> events) {
    return events.stream().filter(event -> event.topic().equals(topic)).toList();
  }

  @Override
  public void clear(Handle tx) {
    tx.execute(
        "TRUNCATE endpoint, health_check, backend_service, backend, changed_endpoint,"
            + " draining_endpoint, named_port");
  }
}
