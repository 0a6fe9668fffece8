package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far the client of a stream is; valid until the stream goes on.
 *
 * @param snapshot what it is to have; null: nothing yet
 * @param aggregated whether the stream is for all types
 */
record StreamReport(
    SetSubscription clusters,
    ByNameSubscription endpoints,
    SetSubscription listeners,
    ByNameSubscription routes,
    ByNameSubscription secrets,
    @Nullable XdsSnapshot snapshot,
    Audience audience,
    boolean aggregated) {

  private List<Subscription> subscriptions() {
    return List.of(clusters, endpoints, listeners, routes, secrets);
  }

  /**
   * What keeps the client from having all of the newest snapshot; empty: nothing. What it has
   * refused does not count, see {@link #refusals}.
   */
  List<String> awaited() {
    XdsSnapshot current = snapshot;
    if (current == null) {
      return List.of("there is no routing table to serve yet");
    }
    List<String> awaited = new ArrayList<>();
    for (Subscription subscription : subscriptions()) {
      if (!subscription.settled(current, audience)) {
        String type = subscription.type().shortName();
        awaited.add(
            subscription.unacknowledged() == null
                ? type + ": not sent yet"
                : type + ": sent, not acknowledged");
      }
    }
    if (aggregated) {
      awaited.addAll(unasked());
    }
    return awaited;
  }

  /** Whether no answer is on its way to the client. */
  boolean isQuiet() {
    return subscriptions().stream().allMatch(one -> one.unacknowledged() == null);
  }

  /** What a client learns of by one type it then asks for by name of the next one. */
  private List<String> unasked() {
    List<String> unasked = new ArrayList<>();
    if (!clusters.begun() && !listeners.begun()) {
      unasked.add("it has asked for neither clusters nor listeners");
    }
    if (!endpoints.names().containsAll(clusters.held().byName().keySet())) {
      unasked.add("it has not asked for the endpoints of all its clusters");
    }
    if (listeners.held().byName().values().stream()
        .flatMap(listener -> listener.refs().stream())
        .anyMatch(ref -> !routes.names().contains(ref) && clusters.held().get(ref) == null)) {
      unasked.add("it has not asked for the routes of all its listeners");
    }
    return unasked;
  }

  /** What the client has refused and is not sent again, by type. */
  Map<XdsType, List<Subscription.Parked>> refusals() {
    Map<XdsType, List<Subscription.Parked>> refusals = new EnumMap<>(XdsType.class);
    for (Subscription subscription : subscriptions()) {
      if (!subscription.refusals().isEmpty()) {
        refusals.put(subscription.type(), List.copyOf(subscription.refusals()));
      }
    }
    return refusals;
  }

  /** What the client has, in order of types and names; nothing before the first snapshot. */
  List<ResourceState> resources() {
    @Nullable XdsSnapshot current = snapshot;
    List<ResourceState> resources = new ArrayList<>();
    if (current != null) {
      subscriptions().stream()
          .filter(Subscription::begun)
          .forEach(one -> resources.addAll(one.resources(current, audience)));
    }
    return resources;
  }

  /** The types the client asked for. */
  List<ProxyStatus.Type> types() {
    return subscriptions().stream().filter(Subscription::begun).map(Subscription::status).toList();
  }
}
