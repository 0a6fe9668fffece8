package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Message;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * Events → rows of the routing table. However many there are, a batch is a handful of statements;
 * what is known before is read first, what changes is worked out in memory. Thread-safe.
 */
public final class RoutingProjection implements Projection {
  /** The topics it follows. */
  public static final Set<String> TOPICS =
      Set.of(ParsedEvent.NEG_TOPIC, ParsedEvent.BACKEND_TOPIC, ParsedEvent.HEALTH_TOPIC);

  private static final List<RowKind> CHANGED_IN_PLACE =
      List.of(RowKind.BACKEND_SERVICE, RowKind.TARGET_HTTP_PROXY, RowKind.FORWARDING_RULE);

  private final InstantSource clock;

  /**
   * @param clock says which draining is over
   */
  public RoutingProjection(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    List<ParsedEvent> parsed = events.stream().map(ParsedEvent::of).toList();
    long head = RoutingRows.lockHead(tx);
    Map<RowKey, Message> before = rowsToBuildOn(tx, parsed);
    Draining draining = DrainingTables.load(tx, groups(parsed, before), clock.instant());
    RowChanges changes = new RowChanges(head, before);
    EventRows rows = new EventRows(changes, draining);
    parsed.forEach(rows::apply);
    RoutingRows.write(tx, changes.revisions(), changes.changes());
    DrainingTables.save(tx, draining);
  }

  /** Rows that some of the events change without saying all of them. */
  private static Map<RowKey, Message> rowsToBuildOn(Handle tx, List<ParsedEvent> events) {
    Set<RowKey> keys = new HashSet<>();
    Map<RowKey, Message> rows = new HashMap<>();
    for (ParsedEvent event : events) {
      String stream = event.recorded().stream();
      switch (event) {
        case ParsedEvent.OfBackend _ ->
            CHANGED_IN_PLACE.forEach(kind -> keys.add(new RowKey(kind, stream)));
        case ParsedEvent.OfNeg(_, var content) -> {
          if (content.hasNamedPortsSet()) {
            keys.add(new RowKey(RowKind.INSTANCE_GROUP, stream));
          }
          if (content.hasNegDeleted() || content.hasInstanceGroupDeleted()) {
            rows.putAll(RoutingRows.current(tx, RowKind.ENDPOINT, RowKey.endpointPrefix(stream)));
          }
        }
        case ParsedEvent.OfHealth _ -> {}
      }
    }
    rows.putAll(RoutingRows.current(tx, keys));
    return rows;
  }

  /** The groups whose endpoints may begin or end to drain. */
  private static Set<String> groups(List<ParsedEvent> events, Map<RowKey, Message> before) {
    Set<String> groups = new HashSet<>();
    for (ParsedEvent event : events) {
      switch (event) {
        case ParsedEvent.OfNeg(var recorded, var content) -> {
          if (content.hasEndpointAttached() || content.hasEndpointDetached()) {
            groups.add(recorded.stream());
          }
        }
        case ParsedEvent.OfBackend(var recorded, var content) -> {
          if (content.hasBackendAdded()) {
            groups.add(content.getBackendAdded().getBackend().getGroup());
          } else if (content.hasBackendRemoved()) {
            groups.add(content.getBackendRemoved().getGroup());
          } else if (content.hasBackendServiceUpdated() || content.hasBackendServiceDeleted()) {
            groups.addAll(
                EventRows.groups(
                    before.get(new RowKey(RowKind.BACKEND_SERVICE, recorded.stream()))));
          }
        }
        case ParsedEvent.OfHealth _ -> {}
      }
    }
    return groups;
  }

  @Override
  public void clear(Handle tx) {
    RoutingRows.clear(tx);
    DrainingTables.clear(tx);
  }
}
