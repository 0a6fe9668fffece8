package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.XdsResource;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The xDS protocol on one ADS stream, without I/O: requests and snapshots go in, and {@link #next}
 * says what to send. How both are written is a {@link WireForm}. Not thread-safe.
 *
 * <p>Make before break. To a client that has all clusters, routes are sent only when it has
 * acknowledged the clusters they point to and their endpoints; clusters that are gone are told so
 * last, when it has acknowledged the listeners and routes that no longer need them. (A client that
 * names its clusters, as gRPC does, learns of new ones from the routes and orders this by itself;
 * for it only the second half holds.) Each of these waits is bounded, so that a silent client, or
 * one that refuses, is not left behind for ever.
 *
 * <p>Names that do not exist. Listeners and clusters: they are not in the set. Endpoints and
 * routes: the client is told, but not before it has the clusters or listeners as they are now: a
 * resource that is being removed is still in use.
 *
 * @param <Q> requests
 * @param <A> answers
 */
final class XdsStream<Q, A> {
  /** How long {@link #next} may be left uncalled when it had nothing to send, at the most. */
  static final long NEVER = Long.MAX_VALUE;

  private final Audience audience;
  private final WireForm<Q, A> form;
  private final Set<XdsType> served;
  private final SetSubscription clusters;
  private final ByNameSubscription endpoints;
  private final SetSubscription listeners;
  private final ByNameSubscription routes;

  // One that is no more is told of by the listener that no longer names it.
  private final ByNameSubscription secrets = new ByNameSubscription(XdsType.SECRETS, false);
  private final long boundNanos;
  private final BoundedWait clustersForListeners;
  private final BoundedWait clustersForRoutes;
  private final BoundedWait routesForRemoval;
  private final BoundedWait clustersForMissing;
  private final BoundedWait listenersForMissing;
  private @Nullable XdsSnapshot snapshot;
  private long nonces;
  private long wakeAt = NEVER;

  /**
   * @param served the types that can be asked for: all, or one
   * @param bound how long the client may take to acknowledge before things go on without it
   */
  XdsStream(WireForm<Q, A> form, Set<XdsType> served, Audience audience, Duration bound) {
    this.form = form;
    this.served = Set.copyOf(served);
    this.clusters = form.set(XdsType.CLUSTER);
    this.endpoints = form.byName(XdsType.ENDPOINTS);
    this.listeners = form.set(XdsType.LISTENER);
    this.routes = form.byName(XdsType.ROUTES);
    this.audience = audience;
    this.boundNanos = bound.toNanos();
    this.clustersForListeners = new BoundedWait(boundNanos);
    this.clustersForRoutes = new BoundedWait(boundNanos);
    this.routesForRemoval = new BoundedWait(boundNanos);
    this.clustersForMissing = new BoundedWait(boundNanos);
    this.listenersForMissing = new BoundedWait(boundNanos);
  }

  /** What makes a request one that must not be made on this stream, for people; empty: nothing. */
  Optional<String> mistakeIn(Q request) {
    if (!isAggregated() && !typeOf(request).map(served::contains).orElse(false)) {
      return Optional.of(
          "type_url '%s' is not served here, only '%s'; the Aggregated Discovery Service has all"
              .formatted(form.typeUrl(request), served.iterator().next().typeUrl()));
    }
    return Optional.empty();
  }

  /** A service for one type need not be told which. */
  private Optional<XdsType> typeOf(Q request) {
    String url = form.typeUrl(request);
    return url.isEmpty() && !isAggregated()
        ? Optional.of(served.iterator().next())
        : XdsType.ofUrl(url);
  }

  private boolean isAggregated() {
    return served.size() > 1;
  }

  /** A request of the client. One for a type that nobody knows is ignored. */
  void receive(Q request) {
    Optional<XdsType> type = typeOf(request);
    if (type.isPresent()) {
      Subscription subscription = subscription(type.get());
      form.read(request, subscription);
      if (snapshot != null) {
        subscription.resume(snapshot, audience);
      }
    }
  }

  /** What the client is to be told from now on; before the first snapshot it is told nothing. */
  void publish(XdsSnapshot next) {
    boolean known = snapshot != null && next.sequence() == snapshot.sequence() + 1;
    for (ByNameSubscription subscription : List.of(endpoints, routes, secrets)) {
      subscription.noteChanges(
          known ? next.changed().getOrDefault(subscription.type(), Set.of()) : null);
    }
    if (snapshot != null) {
      retainRemovedClusters(next, known);
    }
    snapshot = next;
    subscriptions().forEach(subscription -> subscription.resume(next, audience));
  }

  /** Clusters that the client has been told of and that are no more. */
  private void retainRemovedClusters(XdsSnapshot next, boolean changesKnown) {
    SortedMap<String, XdsResource> told = clusters.sent().byName();
    Set<String> candidates =
        changesKnown ? next.changed().getOrDefault(XdsType.CLUSTER, Set.of()) : told.keySet();
    Map<String, XdsResource> gone = new HashMap<>();
    for (String name : candidates) {
      @Nullable XdsResource before = told.get(name);
      if (before != null && next.clusters().get(name) == null) {
        gone.put(name, before);
      }
    }
    clusters.retain(gone);
    clusters.retainNoLonger(
        clusters.retained().stream()
            .filter(name -> next.clusters().get(name) != null)
            .collect(Collectors.toSet()));
  }

  /**
   * The next answer, which counts as sent; null: nothing to send now.
   *
   * @param now as of {@link System#nanoTime}
   */
  @Nullable A next(long now) {
    wakeAt = NEVER;
    @Nullable XdsSnapshot current = snapshot;
    if (current == null) {
      return null;
    }
    @Nullable Answer answer = nextClusters(current, now);
    if (answer == null) {
      answer = nextEndpoints(current, now);
    }
    if (answer == null) {
      answer = nextListeners(current, now);
    }
    if (answer == null) {
      answer = nextRoutes(current, now);
    }
    if (answer == null) {
      answer = nextSecrets(current, now);
    }
    return answer == null ? null : form.write(answer);
  }

  /**
   * When {@link #next} may have something to send without a request or a snapshot before, as of
   * {@link System#nanoTime}; {@link #NEVER} when it will not.
   */
  long wakeAt() {
    return wakeAt;
  }

  private @Nullable Answer nextClusters(XdsSnapshot current, long now) {
    if (clusters.retains() && mayRemoveClusters(current, now)) {
      clusters.release();
    }
    ResourceSet target = clusters.target(current, audience);
    if (!clusters.needsAnswer(target) || !mayAnswer(clusters, now)) {
      return null;
    }
    // A cluster that has changed warms again, for which Envoy wants its endpoints again.
    endpoints.needAgain(
        target.differencesTo(clusters.sent()).stream()
            .filter(name -> target.get(name) != null)
            .toList());
    return send(clusters, target, current, now);
  }

  private @Nullable Answer nextEndpoints(XdsSnapshot current, long now) {
    if (!endpoints.hasCandidates() || !mayAnswer(endpoints, now)) {
      return null;
    }
    return send(endpoints, () -> dueEndpoints(current, now), current, now);
  }

  private Answer.Content dueEndpoints(XdsSnapshot current, long now) {
    // As long as a cluster is kept for the client's routes, so are its endpoints.
    Predicate<String> unused = name -> !clusters.retains(name);
    boolean missingMayGo =
        endpoints.missing(current, audience).noneMatch(unused)
            || !blocks(clustersForMissing, clusters.settled(current, audience), now);
    Answer.Content due =
        endpoints.due(current, audience, _ -> true, name -> missingMayGo && unused.test(name));
    if (missingMayGo) {
      clustersForMissing.over();
    }
    return due;
  }

  private @Nullable Answer nextListeners(XdsSnapshot current, long now) {
    listeners.release();
    ResourceSet target = listeners.target(current, audience);
    if (!listeners.needsAnswer(target) || !mayAnswer(listeners, now)) {
      return null;
    }
    boolean ready =
        target.differencesTo(listeners.held()).stream()
            .map(target::get)
            .flatMap(listener -> listener == null ? Stream.of() : listener.refs().stream())
            .allMatch(ref -> clustersReady(ref, current));
    if (blocks(clustersForListeners, ready, now)) {
      return null;
    }
    clustersForListeners.over();
    return send(listeners, target, current, now);
  }

  /** Of what a listener points to: a route configuration, or without one a cluster. */
  private boolean clustersReady(String ref, XdsSnapshot current) {
    @Nullable XdsResource route = current.routes().get(ref);
    return route == null
        ? !clusters.wildcard() || current.clusters().get(ref) == null || clusterReady(ref)
        : clustersReady(route, current);
  }

  private @Nullable Answer nextSecrets(XdsSnapshot current, long now) {
    if (!secrets.hasCandidates() || !mayAnswer(secrets, now)) {
      return null;
    }
    return send(secrets, () -> dueSecrets(current), current, now);
  }

  /** There is no word for a secret that does not exist: whoever asks for it waits until it does. */
  private Answer.Content dueSecrets(XdsSnapshot current) {
    Answer.Content due = secrets.due(current, audience, _ -> true, _ -> true);
    secrets.answered(new Answer.Content(List.of(), due.removed()));
    return new Answer.Content(due.resources(), List.of());
  }

  private @Nullable Answer nextRoutes(XdsSnapshot current, long now) {
    if (!routes.hasCandidates() || !mayAnswer(routes, now)) {
      return null;
    }
    return send(routes, () -> dueRoutes(current, now), current, now);
  }

  private Answer.Content dueRoutes(XdsSnapshot current, long now) {
    boolean missingMayGo =
        routes.missing(current, audience).findAny().isEmpty()
            || !blocks(listenersForMissing, listeners.settled(current, audience), now);
    Answer.Content due = routes.due(current, audience, _ -> true, _ -> missingMayGo);
    boolean allReady = due.resources().stream().allMatch(route -> clustersReady(route, current));
    if (blocks(clustersForRoutes, allReady, now)) {
      due =
          routes.due(current, audience, route -> clustersReady(route, current), _ -> missingMayGo);
    } else {
      clustersForRoutes.over();
    }
    if (missingMayGo) {
      listenersForMissing.over();
    }
    return due;
  }

  /**
   * Whether the client is known to have the clusters of these routes, with their endpoints, and is
   * not about to lose them by an answer under way.
   */
  private boolean clustersReady(XdsResource route, XdsSnapshot current) {
    return !clusters.wildcard()
        || route.refs().stream()
            .filter(name -> current.clusters().get(name) != null)
            .allMatch(this::clusterReady);
  }

  private boolean clusterReady(String name) {
    return clusters.held().get(name) != null
        && clusters.sent().get(name) != null
        && endpoints.holds(name);
  }

  /** Whether the client no longer routes to what is not in the snapshot, or was waited for. */
  private boolean mayRemoveClusters(XdsSnapshot current, long now) {
    boolean toBeSent =
        (listeners.begun() && listeners.needsAnswer(listeners.target(current, audience)))
            || routes.names().stream()
                .map(current.routes()::get)
                .anyMatch(route -> route != null && !routes.isSent(route));
    // As long as it is not the client who is waited for, its time has not begun.
    boolean wait = toBeSent || blocks(routesForRemoval, listenersAndRoutesSettled(current), now);
    if (toBeSent || !wait) {
      routesForRemoval.over();
    }
    return !wait;
  }

  private boolean listenersAndRoutesSettled(XdsSnapshot current) {
    if (!listeners.settled(current, audience)
        || (clusters.hasGoneMeanwhile() && isAggregated() && !listeners.begun())) {
      return false;
    }
    Stream<String> needed =
        listeners.begun()
            ? listeners.target(current, audience).byName().values().stream()
                .flatMap(listener -> listener.refs().stream())
            : routes.names().stream();
    return needed
        .map(current.routes()::get)
        .allMatch(route -> route == null || routes.settled(route));
  }

  /** One answer of a type at a time, but a client that never acknowledges gets the next as well. */
  private boolean mayAnswer(Subscription subscription, long now) {
    if (!subscription.begun()) {
      return false;
    }
    @Nullable Answer pending = subscription.unacknowledged();
    if (pending == null) {
      return true;
    }
    long end = pending.sentAt() + boundNanos;
    if (now - end < 0) {
      wakeAt = Math.min(wakeAt, end);
      return false;
    }
    return true;
  }

  private boolean blocks(BoundedWait wait, boolean done, long now) {
    boolean blocks = wait.blocks(done, now);
    if (blocks) {
      wakeAt = Math.min(wakeAt, wait.end());
    }
    return blocks;
  }

  private Answer send(
      SetSubscription subscription, ResourceSet target, XdsSnapshot current, long now) {
    subscription.overtake();
    return subscription.send(subscription.answer(target), target, current.revision(), nonce(), now);
  }

  private @Nullable Answer send(
      ByNameSubscription subscription,
      Supplier<Answer.Content> looked,
      XdsSnapshot current,
      long now) {
    Answer.Content due = looked.get();
    if (due.isEmpty()) {
      return null;
    }
    if (subscription.unacknowledged() != null) {
      subscription.overtake();
      due = looked.get();
    }
    subscription.answered(due);
    return subscription.send(due, due.added(subscription.held()), current.revision(), nonce(), now);
  }

  private String nonce() {
    nonces++;
    return Long.toString(nonces);
  }

  private Subscription subscription(XdsType type) {
    return switch (type) {
      case CLUSTER -> clusters;
      case ENDPOINTS -> endpoints;
      case LISTENER -> listeners;
      case ROUTES -> routes;
      case SECRETS -> secrets;
    };
  }

  private List<Subscription> subscriptions() {
    return List.of(clusters, endpoints, listeners, routes, secrets);
  }

  /** How far the client is. To be asked when {@link #next} has nothing to send. */
  StreamReport report() {
    return new StreamReport(
        clusters, endpoints, listeners, routes, secrets, snapshot, audience, isAggregated());
  }
}
