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
import io.openneg.healthservice.probe.SelfCheck;
import io.openneg.healthservice.shard.FencedException;
import io.openneg.healthservice.shard.ShardOwnership;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.Targets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
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
  private static final long TIDYING_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Between looks at what changed without being told: notifications may be lost. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final WatchList watches;
  private final Announcer announcer;
  private final ShardOwnership ownership;
  private final SelfCheck selfCheck;
  private final FailureBrake brake;
  private final MonitorMeters meters;
  private final Queue<Observed> observed = new ConcurrentLinkedQueue<>();
  private final Semaphore wakes = new Semaphore(0);
  private final AtomicBoolean targetsChanged = new AtomicBoolean();
  private final Thread thread =
      Thread.ofPlatform().name("health-monitor").daemon().unstarted(this::loop);
  // Watches with a transition that is due.
  private final Set<Watch> due = new LinkedHashSet<>();
  private Supplier<Assignment> assignment = () -> Assignment.STARTING;
  private Runnable doubt = () -> {};
  // Shards that others have claimed although they are assigned here, and in which round.
  private final Map<Integer, Long> disputed = new HashMap<>();
  private Duration backoff = MIN_BACKOFF;
  private long nextCheckup = System.nanoTime();
  private long nextTidying = System.nanoTime() + TIDYING_NANOS;
  private long nextLook = System.nanoTime();
  private volatile MonitorStatus status = MonitorStatus.STARTING;
  private volatile boolean closed;

  private record Observed(Watch watch, Observation observation) {}

  /**
   * @param runner whose view is fenced by {@code ownership}
   * @param selfCheck addresses that are no targets; a prober that reaches none of them is at fault
   */
  HealthMonitor(
      Jdbi jdbi,
      CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner,
      ShardOwnership ownership,
      Prober prober,
      List<SelfCheck.Address> selfCheck,
      MonitorMeters meters) {
    this.ownership = ownership;
    this.selfCheck = new SelfCheck(selfCheck, wakes::release);
    this.brake = new FailureBrake(this.selfCheck);
    this.watches =
        new WatchList(jdbi, new Targets(jdbi), new EndpointHealthView(), prober, this::observe);
    this.announcer = new Announcer(runner);
    this.meters = meters;
    meters.show(this);
  }

  /**
   * Starts its thread.
   *
   * @param assignment what to do, asked again and again; must not block
   * @param doubt called when another replica has claimed what was assigned; must not block
   */
  void start(Supplier<Assignment> assignment, Runnable doubt) {
    this.assignment = assignment;
    this.doubt = doubt;
    selfCheck.start();
    thread.start();
  }

  /**
   * Takes an observation. What agrees with the verdict can wait for the next tick: to wake for each
   * of thousands a second would cost as much as to probe.
   */
  private void observe(Watch watch, Observation observation) {
    observed.add(new Observed(watch, observation));
    if (watch.isNews(observation)) {
      wakes.release();
    }
  }

  /** Says that the tables of targets changed. Thread-safe, never blocks. */
  void targetsChanged() {
    if (!targetsChanged.getAndSet(true)) {
      wakes.release();
    }
  }

  /** Says that there is something else to do. Thread-safe, never blocks. */
  void assignmentChanged() {
    wakes.release();
  }

  /** Thread-safe. */
  MonitorStatus status() {
    // Dead by an Error, it must not look like good health.
    return thread.isAlive() ? status : MonitorStatus.STARTING;
  }

  private void loop() {
    while (!closed) {
      try {
        List<Observed> taken = take();
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

  private List<Observed> take() throws InterruptedException {
    var _ = wakes.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS);
    wakes.drainPermits();
    List<Observed> taken = new ArrayList<>();
    for (Observed next = observed.poll(); next != null; next = observed.poll()) {
      taken.add(next);
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

  private void step(List<Observed> taken) {
    Assignment now = assignment.get();
    if (now.role() != Role.PROBING) {
      if (!watches.shards().isEmpty()) {
        LOG.info("probing ends: this replica is {}", now.role());
        watches.clear();
        due.clear();
        brake.reset();
      }
      status = new MonitorStatus(now.role(), 0, 0, 0, false);
      return;
    }
    move(now);
    taken.forEach(next -> judge(next.watch(), next.observation()));
    refresh();
    due.removeIf(watch -> !watches.holds(watch));
    if (brake.isReleased()) {
      // What was seen while the prober was at fault does not count.
      watches.watches().forEach(Watch::forgetFailures);
      due.removeIf(watch -> watch.transition().isEmpty());
    }
    try {
      announce();
    } catch (FencedException e) {
      // A pause, or the loss of Kafka, made this replica miss that it lost them. To claim them back
      // on an old assignment would set two replicas against each other.
      LOG.warn("given up: {}", e.getMessage());
      watches.release(e.lost());
      e.lost().forEach(shard -> disputed.put(shard, now.round()));
      doubt.run();
    }
    if (brake.isSuspect() != status.suspect()) {
      updateStatus(status.silent());
    }
    checkUp();
    tidy();
  }

  /** Leaves the shards that went to others, and takes those that came. */
  private void move(Assignment now) {
    disputed.values().removeIf(round -> round < now.round());
    Set<Integer> assigned = new HashSet<>(now.shards());
    assigned.removeAll(disputed.keySet());
    Set<Integer> lost = new HashSet<>(watches.shards());
    lost.removeAll(assigned);
    if (!lost.isEmpty()) {
      watches.release(lost);
    }
    Set<Integer> gained = new HashSet<>(assigned);
    gained.removeAll(watches.shards());
    if (!gained.isEmpty()) {
      ownership.claim(gained);
      watches.take(gained);
    }
    if (!lost.isEmpty() || !gained.isEmpty()) {
      LOG.info(
          "probing {} targets of the shards {}",
          watches.watches().size(),
          new TreeSet<>(watches.shards()));
      updateStatus(status.silent());
    }
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
    long now = System.nanoTime();
    if (targetsChanged.getAndSet(false) || now - nextLook >= 0) {
      try {
        watches.refresh();
      } catch (RuntimeException e) {
        targetsChanged.set(true);
        throw e;
      }
      nextLook = now + LOOK_NANOS;
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
    boolean held = brake.holds(due, watches.watches());
    List<ChangeHealth> changes =
        due.stream()
            .filter(watch -> !(held && watch.isFailing()))
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
          (state, flipped) -> {
            meters.flipped(state, flipped.size());
            LOG.info(
                "{}: {}{}",
                state,
                flipped.getFirst().stream(),
                flipped.size() == 1 ? "" : " and " + (flipped.size() - 1) + " more");
          });
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

  private void tidy() {
    if (System.nanoTime() - nextTidying >= 0) {
      nextTidying = System.nanoTime() + TIDYING_NANOS;
      watches.tidy();
    }
  }

  private void updateStatus(int silent) {
    status =
        new MonitorStatus(
            Role.PROBING,
            watches.shards().size(),
            watches.watches().size(),
            silent,
            brake.isSuspect());
  }

  @Override
  public void close() {
    closed = true;
    selfCheck.close();
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
