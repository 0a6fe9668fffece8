package io.openneg.edgeproxy.admin;

import io.openneg.edgeproxy.config.Health;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.upstream.UpstreamCluster;
import io.openneg.edgeproxy.upstream.Upstreams;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Waits for an endpoint to be in a state, and notices it the moment it is in effect. Thread-safe.
 */
public final class EndpointWatch {

  private final Upstreams upstreams;
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

  /**
   * A state of an endpoint. It may have several places (NEGs, clusters); the best one counts, for
   * that is what decides whether it gets requests.
   */
  public enum State {
    /** In one place at least, healthy. */
    HEALTHY,
    /** Nowhere healthy or draining, and in one place at least, unhealthy. */
    UNHEALTHY,
    /** Nowhere healthy, and in one place at least, draining. */
    DRAINING,
    /** In no place. */
    ABSENT;

    /** Its name in lower case. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The state with that label, or null. */
    static @Nullable State of(String label) {
      for (State state : values()) {
        if (state.label().equals(label)) {
          return state;
        }
      }
      return null;
    }
  }

  private record Waiter(
      IpPort endpoint, State state, @Nullable String cluster, CompletableFuture<Instant> met) {}

  public EndpointWatch(Upstreams upstreams) {
    this.upstreams = upstreams;
  }

  /**
   * Waits.
   *
   * @param cluster name of the only cluster that counts, or null for all
   * @return completes with the time when the condition was seen to hold; whoever loses interest
   *     cancels it
   */
  CompletableFuture<Instant> await(IpPort endpoint, State state, @Nullable String cluster) {
    Waiter waiter = new Waiter(endpoint, state, cluster, new CompletableFuture<>());
    waiters.add(waiter);
    var _ = waiter.met().whenComplete((_, _) -> waiters.remove(waiter));
    // After it was added: a change in between is seen by one of the two.
    check(waiter);
    return waiter.met();
  }

  /** To be called when another configuration has come into effect. */
  public void onApplied() {
    waiters.forEach(this::check);
  }

  private void check(Waiter waiter) {
    if (state(waiter.endpoint(), waiter.cluster()) == waiter.state()) {
      waiter.met().complete(Instant.now());
    }
  }

  /** The state of an endpoint now. */
  State state(IpPort endpoint, @Nullable String cluster) {
    Set<Health> seen = EnumSet.noneOf(Health.class);
    for (UpstreamCluster candidate : upstreams.all()) {
      if (cluster == null || candidate.config().name().equals(cluster)) {
        seen.addAll(candidate.health(endpoint));
      }
    }
    if (seen.contains(Health.HEALTHY)) {
      return State.HEALTHY;
    }
    if (seen.contains(Health.DRAINING)) {
      return State.DRAINING;
    }
    return seen.isEmpty() ? State.ABSENT : State.UNHEALTHY;
  }
}
