package io.openneg.healthservice;

import io.openneg.eventlog.CommandRunner;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.ChangeHealth;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.StopProbing;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.Targets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the targets watched and turns what is observed of them into announced verdicts. One thread
 * owns all that is known of the targets, so nothing here can race: it takes every observation that
 * is there, judges them, and announces what flipped together; while that commits, the next ones
 * gather. A transition that could not be announced is tried again as long as it is due, so an
 * outage of the database costs time and no truth.
 */
final class HealthMonitor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration MIN_BACKOFF = Duration.ofMillis(100);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);
  private static final long CHECKUP_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final WatchList watches;
  private final Announcer announcer;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final AtomicBoolean targetsChanged = new AtomicBoolean();
  private final Thread thread =
      Thread.ofPlatform().name("health-monitor").daemon().unstarted(this::loop);
  // Watches with a transition that is due.
  private final Set<Watch> due = new LinkedHashSet<>();
  private Supplier<Role> role = () -> Role.STARTING;
  private Duration backoff = MIN_BACKOFF;
  private long nextCheckup = System.nanoTime();
  private volatile Status status = new Status(Role.STARTING, 0, 0);
  private volatile boolean closed;

  /** What this replica is to do. */
  enum Role {
    /** The tables may be incomplete: what is absent from them is unknown, not gone. */
    STARTING,
    /** Another replica probes. */
    STANDBY,
    PROBING
  }

  /**
   * What the monitor does.
   *
   * @param targets number of targets probed
   * @param silent how many of them were not observed for several intervals
   */
  record Status(Role role, int targets, int silent) {}

  private sealed interface Signal {
    record Wake() implements Signal {}

    record Observed(Watch watch, Observation observation) implements Signal {}
  }

  HealthMonitor(
      Jdbi jdbi,
      CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner,
      Prober prober) {
    this.watches =
        new WatchList(
            jdbi,
            new Targets(jdbi),
            new EndpointHealthView(),
            prober,
            (watch, observation) -> signals.add(new Signal.Observed(watch, observation)));
    this.announcer = new Announcer(runner);
  }

  /**
   * Starts its thread.
   *
   * @param role what to do, asked again and again; must not block
   */
  void start(Supplier<Role> role) {
    this.role = role;
    thread.start();
  }

  /** Says that the tables of targets changed. Thread-safe, never blocks. */
  void targetsChanged() {
    if (!targetsChanged.getAndSet(true)) {
      signals.add(new Signal.Wake());
    }
  }

  /** Thread-safe. */
  Status status() {
    // Dead by an Error, it must not look like good health.
    return thread.isAlive() ? status : new Status(Role.STARTING, 0, 0);
  }

  private void loop() {
    while (!closed) {
      try {
        List<Signal> taken = take();
        step(taken);
        backoff = MIN_BACKOFF;
      } catch (InterruptedException _) {
        // Only close() interrupts, and it has set closed.
      } catch (RuntimeException e) {
        LOG.warn("trying again in {} ms: {}", backoff.toMillis(), e.toString());
        LOG.debug("failed", e);
        rest();
      }
    }
    watches.clear();
  }

  private List<Signal> take() throws InterruptedException {
    List<Signal> taken = new ArrayList<>();
    Signal first = signals.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
    if (first != null) {
      taken.add(first);
      signals.drainTo(taken);
    }
    return taken;
  }

  private void rest() {
    try {
      Thread.sleep(backoff);
    } catch (InterruptedException _) {
      // As above.
    }
    backoff =
        backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0 ? backoff.multipliedBy(2) : MAX_BACKOFF;
  }

  private void step(List<Signal> taken) {
    Role now = role.get();
    if (now != Role.PROBING) {
      if (watches.isLoaded()) {
        LOG.info("probing ends: this replica is {}", now);
        watches.clear();
        due.clear();
      }
      status = new Status(now, 0, 0);
      return;
    }
    for (Signal signal : taken) {
      switch (signal) {
        case Signal.Observed(Watch watch, Observation observation) -> judge(watch, observation);
        case Signal.Wake _ -> {}
      }
    }
    refresh();
    due.removeIf(watch -> !watches.holds(watch));
    announce();
    checkUp();
  }

  private void judge(Watch watch, Observation observation) {
    if (watches.holds(watch)) {
      watch.observe(observation);
      if (watch.transition().isPresent()) {
        due.add(watch);
      } else {
        due.remove(watch);
      }
    }
  }

  private void refresh() {
    boolean loaded = watches.isLoaded();
    if (targetsChanged.getAndSet(false) || !loaded) {
      try {
        watches.refresh();
      } catch (RuntimeException e) {
        targetsChanged.set(true);
        throw e;
      }
      if (!loaded) {
        LOG.info("probing {} targets", watches.watches().size());
      }
      updateStatus(status.silent());
    }
  }

  private void announce() {
    if (!watches.dropped().isEmpty()) {
      announcer.announce(
          watches.dropped().stream().map(StopProbing::new).toList(),
          (stop, _) -> watches.dropped().remove(stop.target()));
    }
    if (!due.isEmpty()) {
      announceDue();
    }
  }

  private void announceDue() {
    List<ChangeHealth> changes =
        due.stream()
            .flatMap(
                watch -> watch.transition().map(t -> new ChangeHealth(watch.target, t)).stream())
            .toList();
    Map<HealthState, List<Target>> flips = new EnumMap<>(HealthState.class);
    try {
      announcer.announce(
          changes,
          (change, state) -> {
            Watch watch = watches.get(change.target());
            watch.announce(state);
            due.remove(watch);
            flips.computeIfAbsent(state, _ -> new ArrayList<>()).add(change.target());
          });
    } finally {
      flips.forEach(
          (state, flipped) ->
              LOG.info(
                  "{}: {}{}",
                  state,
                  flipped.getFirst().stream(),
                  flipped.size() == 1 ? "" : " and " + (flipped.size() - 1) + " more"));
    }
  }

  /** No data raises an alarm of its own: it would look like good health otherwise. */
  private void checkUp() {
    long now = System.nanoTime();
    if (now - nextCheckup < 0) {
      return;
    }
    nextCheckup = now + CHECKUP_NANOS;
    List<Watch> silent = watches.watches().stream().filter(watch -> watch.isSilent(now)).toList();
    if (!silent.isEmpty()) {
      LOG.warn(
          "{} of {} targets were not observed for several intervals, such as {}",
          silent.size(),
          watches.watches().size(),
          silent.getFirst().target.stream());
    }
    updateStatus(silent.size());
  }

  private void updateStatus(int silent) {
    status = new Status(Role.PROBING, watches.watches().size(), silent);
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
