package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.Timestamp;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RowKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Detached endpoints that may finish what they have, for as long as each backend service's {@code
 * connectionDraining} says.
 *
 * <p>Which endpoints drain depends on what happened, not on the order in which it arrived: the
 * detaching and the backend services are events of different topics. So lately detached endpoints
 * are remembered, for a service that is heard of later. Pure; not thread-safe.
 */
final class Draining {
  /** The longest timeout there is (compute v1). */
  static final Duration LONGEST = Duration.ofHours(1);

  private final Map<Use, Duration> uses;
  private final Map<Detached, Instant> detached;
  private final Instant now;
  private final Set<Use> changedUses = new HashSet<>();
  private final Set<Detached> changedDetached = new HashSet<>();

  /** A backend service has a group as a backend. */
  record Use(String neg, String backendService) {}

  /** An endpoint is no longer in a group. */
  record Detached(String neg, EndpointAddress address) {}

  /**
   * @param uses with the draining timeouts, at least of the groups that events are about
   * @param detached since when, at least of those groups
   */
  Draining(Map<Use, Duration> uses, Map<Detached, Instant> detached, Instant now) {
    this.uses = new HashMap<>(uses);
    this.detached = new HashMap<>(detached);
    this.now = now;
  }

  void endpointDetached(String neg, EndpointAddress address, Instant at, RowChanges rows) {
    if (at.plus(LONGEST).isAfter(now)) {
      Detached key = new Detached(neg, address);
      detached.put(key, at);
      changedDetached.add(key);
      uses.forEach(
          (use, timeout) -> {
            if (use.neg().equals(neg)) {
              begin(use, address, at.plus(timeout), rows);
            }
          });
    }
  }

  void endpointAttached(String neg, EndpointAddress address, RowChanges rows) {
    Detached key = new Detached(neg, address);
    if (detached.remove(key) != null) {
      changedDetached.add(key);
      for (Use use : uses.keySet()) {
        if (use.neg().equals(neg)) {
          rows.remove(RowKey.draining(use.backendService(), neg, address));
        }
      }
    }
  }

  void backendAdded(String service, String neg, Duration timeout, RowChanges rows) {
    Use use = new Use(neg, service);
    uses.put(use, timeout);
    changedUses.add(use);
    detached.forEach(
        (key, at) -> {
          if (key.neg().equals(neg)) {
            begin(use, key.address(), at.plus(timeout), rows);
          }
        });
  }

  /** Counts from when an endpoint was detached, for those that drain already, too. */
  void timeoutChanged(String service, String neg, Duration timeout, RowChanges rows) {
    backendRemoved(service, neg, rows);
    backendAdded(service, neg, timeout, rows);
  }

  void backendRemoved(String service, String neg, RowChanges rows) {
    Use use = new Use(neg, service);
    uses.remove(use);
    changedUses.add(use);
    for (Detached key : detached.keySet()) {
      if (key.neg().equals(neg)) {
        rows.remove(RowKey.draining(service, neg, key.address()));
      }
    }
  }

  private void begin(Use use, EndpointAddress address, Instant until, RowChanges rows) {
    if (until.isAfter(now)) {
      rows.put(
          RowKey.draining(use.backendService(), use.neg(), address),
          Timestamp.newBuilder()
              .setSeconds(until.getEpochSecond())
              .setNanos(until.getNano())
              .build());
    }
  }

  /** Uses that came or went; null: it went. */
  List<Map.Entry<Use, @Nullable Duration>> changedUses() {
    return entries(changedUses, uses);
  }

  /** Endpoints that were detached or, null, attached again. */
  List<Map.Entry<Detached, @Nullable Instant>> changedDetached() {
    return entries(changedDetached, detached);
  }

  private static <K, V> List<Map.Entry<K, @Nullable V>> entries(Set<K> changed, Map<K, V> now) {
    Map<K, @Nullable V> entries = new HashMap<>();
    changed.forEach(key -> entries.put(key, now.get(key)));
    return List.copyOf(entries.entrySet());
  }
}
