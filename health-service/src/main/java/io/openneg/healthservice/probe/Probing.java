package io.openneg.healthservice.probe;

import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.target.HealthCheck;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probes of one target, one after the other until stopped. {@link #settle} and {@link #stop}
 * may be called from any thread; all else runs on its event loop.
 */
public final class Probing {
  private static final Logger LOG = LoggerFactory.getLogger(Probing.class);

  /** Between the starts of a new target's first probes, so that it can serve early. */
  private static final long QUICK_GAP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** Share of its timeout that a probe may lose by our own pauses and still count as failed. */
  private static final int TOLERATED_PAUSE_DIVISOR = 5;

  private final Lane lane;
  private final Connector connector;
  private final HealthCheck check;
  private final ProbeSchedule schedule;
  private final Clock clock;
  private final ProbeMeters meters;
  private final Consumer<Observation> sink;
  private final Consumer<ProbeEnd.OwnFault> onOwnFault;

  private int quickProbesLeft;
  private long dueNanos;
  private TimingWheel.@Nullable Timer nextStart;
  private @Nullable ProbeAttempt attempt;
  private boolean stopped;

  Probing(
      Connector connector,
      HealthCheck check,
      ProbeSchedule schedule,
      Clock clock,
      ProbeMeters meters,
      Consumer<Observation> sink,
      Consumer<ProbeEnd.OwnFault> onOwnFault) {
    this.lane = connector.lane();
    this.connector = connector;
    this.check = check;
    this.schedule = schedule;
    this.clock = clock;
    this.meters = meters;
    this.sink = sink;
    this.onOwnFault = onOwnFault;
  }

  /** Probes at once and in quick succession, until settled or for long enough to be so. */
  void startQuickly(long delayNanos) {
    int quickProbes = check.thresholds().healthy() + check.thresholds().unhealthy();
    lane.loop()
        .execute(
            () -> {
              quickProbesLeft = quickProbes;
              startAt(System.nanoTime() + delayNanos);
            });
  }

  /** Probes from the next time that its schedule has. */
  void startOnSchedule() {
    lane.loop().execute(() -> startAt(schedule.firstAfter(System.nanoTime())));
  }

  /** There is a verdict: from now on the check's own interval is quick enough. */
  public void settle() {
    lane.loop().execute(() -> quickProbesLeft = 0);
  }

  /** Ends it; a probe under way is given up. Nothing is observed after it has taken effect. */
  public void stop() {
    lane.loop()
        .execute(
            () -> {
              stopped = true;
              if (nextStart != null) {
                nextStart.cancel();
              }
              if (attempt != null) {
                attempt.cancel();
              }
              connector.close();
            });
  }

  private void startAt(long nanos) {
    if (!stopped) {
      dueNanos = nanos;
      nextStart = lane.timers().schedule(dueNanos, this::probe);
    }
  }

  private void probe() {
    long started = System.nanoTime();
    meters.started(started - dueNanos);
    long lostBefore = lane.pauses().lostNanos(started);
    attempt =
        ProbeAttempt.start(
            connector, check.timeout(), Transcript.NONE, end -> ended(end, started, lostBefore));
  }

  private void ended(ProbeEnd end, long started, long lostBefore) {
    long now = System.nanoTime();
    attempt = null;
    meters.ended(end, now - started);
    switch (end) {
      case ProbeEnd.Seen seen -> {
        Observation observation =
            new Observation(
                started,
                clock.instant(),
                Duration.ofNanos(now - started),
                seen.reason(),
                seen.text());
        long paused = lane.pauses().lostNanos(now) - lostBefore;
        if (counts(observation, check.timeout(), paused)) {
          sink.accept(observation);
        } else {
          LOG.debug("{}: not counted, paused for {} ns: {}", connector.peer(), paused, observation);
        }
      }
      case ProbeEnd.OwnFault fault -> onOwnFault.accept(fault);
    }
    startAt(nextStart(started, now));
  }

  private long nextStart(long started, long now) {
    if (quickProbesLeft > 0) {
      quickProbesLeft--;
      return Math.max(now, started + QUICK_GAP_NANOS);
    }
    return schedule.next(started, now);
  }

  /**
   * Whether an observation says something about the target rather than about a pause of this very
   * process: a failure does unless much of its time was lost, a success unless it came after its
   * time.
   */
  static boolean counts(Observation observation, Duration timeout, long pausedNanos) {
    return observation.success()
        ? observation.latency().compareTo(timeout) <= 0
        : pausedNanos <= timeout.toNanos() / TOLERATED_PAUSE_DIVISOR;
  }
}
