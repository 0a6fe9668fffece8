package io.openneg.healthservice;

import static java.util.Objects.requireNonNull;

import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.shard.Shards;
import io.openneg.healthservice.target.HealthCheck;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.Targets;
import io.openneg.healthservice.target.Targets.Endpoint;
import io.openneg.healthservice.target.Targets.Look;
import io.openneg.healthservice.target.Targets.Memberships;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets that this replica probes, kept equal to what the tables want of its shards. Confined
 * to the monitor's thread.
 */
final class WatchList {
  private static final Logger LOG = LoggerFactory.getLogger(WatchList.class);

  private final Jdbi jdbi;
  private final Targets targets;
  private final EndpointHealthView verdicts;
  private final Prober prober;
  private final BiConsumer<Watch, Observation> sink;

  private final Map<Target, Watch> watches = new HashMap<>();
  private final Map<Endpoint, Set<Target>> byEndpoint = new HashMap<>();
  // Their verdicts are to be forgotten; kept until that is announced.
  private final Set<Target> dropped = new LinkedHashSet<>();
  private final Set<Integer> shards = new HashSet<>();
  private Map<String, HealthCheck> checks = Map.of();

  /**
   * @param sink takes observations, on the prober's threads; must not block
   */
  WatchList(
      Jdbi jdbi,
      Targets targets,
      EndpointHealthView verdicts,
      Prober prober,
      BiConsumer<Watch, Observation> sink) {
    this.jdbi = jdbi;
    this.targets = targets;
    this.verdicts = verdicts;
    this.prober = prober;
    this.sink = sink;
  }

  /** The shards whose targets are probed. */
  Set<Integer> shards() {
    return Set.copyOf(shards);
  }

  /** Starts and stops probing as the tables want it, where they changed. */
  void refresh() {
    Look look = targets.changed().orElse(null);
    if (look == null) {
      LOG.warn("too far behind the changes of the targets: looking at all of them again");
      Set<Integer> before = shards();
      clear();
      take(before);
      return;
    }
    try {
      adopt(look.checks());
      follow(look, Map.of());
    } catch (RuntimeException e) {
      // The marks are taken and half-followed: only a full look sets that right.
      clear();
      throw e;
    }
  }

  /** Probes the targets of more shards; their verdicts so far are those announced. */
  void take(Set<Integer> gained) {
    Map<Target, HealthState> announced = new HashMap<>(jdbi.withHandle(verdicts::verdicts));
    announced.keySet().removeIf(target -> !gained.contains(Shards.of(target.stream())));
    Look look = targets.all();
    Set<Endpoint> scope = new HashSet<>(look.scope());
    scope.addAll(byEndpoint.keySet());
    shards.addAll(gained);
    try {
      adopt(look.checks());
      follow(new Look(scope, look.wanted(), look.checks()), announced);
    } catch (RuntimeException e) {
      clear();
      throw e;
    }
    // Whatever was dropped while nobody looked, or just before a crash.
    announced.keySet().stream().filter(t -> !watches.containsKey(t)).forEach(dropped::add);
  }

  /** Stops probing the targets of shards, without a word to anyone: others go on with them. */
  void release(Set<Integer> lost) {
    for (Watch watch : List.copyOf(watches.values())) {
      if (lost.contains(Shards.of(watch.target.stream()))) {
        stop(watch);
      }
    }
    dropped.removeIf(target -> lost.contains(Shards.of(target.stream())));
    shards.removeAll(lost);
  }

  /** Stops all probing and forgets everything, without a word to anyone. */
  void clear() {
    watches.values().forEach(Watch::stop);
    watches.clear();
    byEndpoint.clear();
    dropped.clear();
    shards.clear();
    checks = Map.of();
  }

  /** Forgets what no replica needs any more. */
  void tidy() {
    targets.forgetOldMarks();
  }

  /** Probes with changed definitions from now on. */
  private void adopt(Map<String, HealthCheck> current) {
    Map<String, HealthCheck> before = checks;
    checks = current;
    if (current.equals(before)) {
      return;
    }
    for (Watch watch : List.copyOf(watches.values())) {
      HealthCheck now = current.get(watch.check.name());
      if (now == null || now.equals(before.get(watch.check.name()))) {
        // One that is gone took its targets along, and they are marked as changed.
        continue;
      }
      stop(watch);
      if (now.id() == watch.check.id()) {
        start(watch.target, watch.memberships, watch.announced);
      } else {
        dropped.add(watch.target);
        start(watch.target, watch.memberships, HealthState.UNKNOWN);
      }
    }
  }

  private void follow(Look look, Map<Target, HealthState> announced) {
    for (Endpoint endpoint : look.scope()) {
      for (Target target : Set.copyOf(byEndpoint.getOrDefault(endpoint, Set.of()))) {
        if (!look.wanted().containsKey(target)) {
          stop(get(target));
          dropped.add(target);
        }
      }
    }
    look.wanted()
        .forEach(
            (target, memberships) -> {
              if (!shards.contains(Shards.of(target.stream()))) {
                return;
              }
              @Nullable Watch watch = watches.get(target);
              if (watch == null) {
                start(target, memberships, announced.getOrDefault(target, HealthState.UNKNOWN));
              } else if (memberships.renewedSince(watch.memberships)) {
                stop(watch);
                dropped.add(target);
                start(target, memberships, HealthState.UNKNOWN);
              } else {
                watch.memberships = memberships;
              }
            });
  }

  private void start(Target target, Memberships memberships, HealthState announced) {
    HealthCheck check = requireNonNull(checks.get(target.healthCheck()));
    Watch watch = new Watch(target, check, memberships, announced);
    watches.put(target, watch);
    byEndpoint.computeIfAbsent(endpoint(target), _ -> new HashSet<>()).add(target);
    watch.probedBy(
        prober.start(
            target,
            check,
            announced != HealthState.UNKNOWN,
            observation -> sink.accept(watch, observation)));
  }

  private void stop(Watch watch) {
    watch.stop();
    watches.remove(watch.target);
    byEndpoint.computeIfPresent(
        endpoint(watch.target),
        (_, targets) -> {
          targets.remove(watch.target);
          return targets.isEmpty() ? null : targets;
        });
  }

  private static Endpoint endpoint(Target target) {
    return new Endpoint(target.ip(), target.port());
  }

  /** Whether a watch is still the one of its target; what others observed does not count. */
  boolean holds(Watch watch) {
    return watches.get(watch.target) == watch;
  }

  /** The watch of a target that is watched. */
  Watch get(Target target) {
    return requireNonNull(watches.get(target));
  }

  Collection<Watch> watches() {
    return watches.values();
  }

  /** Targets whose verdict is to be forgotten, oldest first. */
  Set<Target> dropped() {
    return dropped;
  }
}
