package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendService;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Detached endpoints that may finish what they have, for as long as each backend service's {@code
 * connectionDraining} says.
 */
final class Draining {
  private Draining() {}

  /** The endpoint was detached: it drains in each service that uses the group and lets it. */
  static void begin(String neg, EndpointAddress address, Instant detachedAt, RoutingRows rows) {
    rows.all(RowKind.BACKEND_SERVICE)
        .forEach(
            (key, content) -> {
              BackendService service = (BackendService) content;
              int seconds = service.getConnectionDraining().getDrainingTimeoutSec();
              if (seconds > 0
                  && service.getBackendsList().stream().anyMatch(b -> b.getGroup().equals(neg))) {
                rows.put(
                    RowKey.draining(key.text(), neg, address),
                    timestamp(detachedAt.plus(Duration.ofSeconds(seconds))));
              }
            });
  }

  /** The endpoint was attached again. */
  static void over(String neg, EndpointAddress address, RoutingRows rows) {
    Map<RowKey, Message> draining = rows.all(RowKind.DRAINING);
    if (draining.isEmpty()) {
      return;
    }
    for (RowKey service : rows.all(RowKind.BACKEND_SERVICE).keySet()) {
      RowKey key = RowKey.draining(service.text(), neg, address);
      if (draining.containsKey(key)) {
        rows.remove(key);
      }
    }
  }

  /** Ends what has drained long enough, as a revision of its own. */
  static void expire(Handle tx, Instant now) {
    RoutingRows rows = new RoutingRows(tx);
    Map.copyOf(rows.all(RowKind.DRAINING))
        .forEach(
            (key, content) -> {
              Timestamp until = (Timestamp) content;
              if (!Instant.ofEpochSecond(until.getSeconds(), until.getNanos()).isAfter(now)) {
                rows.remove(key);
              }
            });
    rows.write("drained", "proxy-config-service", now);
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
