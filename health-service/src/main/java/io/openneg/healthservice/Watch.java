package io.openneg.healthservice;

import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.endpointhealth.Streak;
import io.openneg.healthservice.probe.Probing;
import io.openneg.healthservice.target.HealthCheck;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.Targets.Memberships;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the monitor knows of a target while it is probed with one definition of its check. Confined
 * to the monitor's thread.
 */
final class Watch {
  private static final int SILENT_INTERVALS = 3;

  final Target target;
  final HealthCheck check;
  Memberships memberships;

  /** The verdict that the log has. Any thread may read it. */
  volatile HealthState announced;

  private @Nullable Probing probing;
  private Streak streak = Streak.NONE;
  private long heardNanos = System.nanoTime();

  Watch(Target target, HealthCheck check, Memberships memberships, HealthState announced) {
    this.target = target;
    this.check = check;
    this.memberships = memberships;
    this.announced = announced;
  }

  void probedBy(Probing started) {
    probing = started;
  }

  void stop() {
    if (probing != null) {
      probing.stop();
    }
  }

  void observe(Observation observation) {
    heardNanos = System.nanoTime();
    streak = streak.with(observation);
  }

  /**
   * Whether an observation speaks against the verdict, so that something may be due. Any thread may
   * ask.
   */
  boolean isNews(Observation observation) {
    return announced != (observation.success() ? HealthState.HEALTHY : HealthState.UNHEALTHY);
  }

  /** Whether a probe that started after a moment has ended. */
  boolean isObservedSince(long nanos) {
    return streak.last() != null && streak.last().startedNanos() - nanos > 0;
  }

  /** Whether the newest probe failed. */
  boolean isFailing() {
    return streak.last() != null && !streak.last().success();
  }

  /** When the newest probe started; the smallest number without one. */
  long lastStartedNanos() {
    return streak.last() == null ? Long.MIN_VALUE : streak.last().startedNanos();
  }

  /** Starts counting anew if the newest probes failed: their failure was not the target's. */
  void forgetFailures() {
    if (isFailing()) {
      streak = Streak.NONE;
    }
  }

  /** The change of verdict that is due, announced or not. */
  Optional<Streak.Transition> transition() {
    return streak.transition(announced, check.thresholds());
  }

  void announce(HealthState state) {
    announced = state;
    if (probing != null && state != HealthState.UNKNOWN) {
      probing.settle();
    }
  }

  /** Whether nothing was observed for so long that something must be wrong with the probing. */
  boolean isSilent(long nowNanos) {
    Duration patience = check.interval().multipliedBy(SILENT_INTERVALS).plus(check.timeout());
    return nowNanos - heardNanos > patience.toNanos();
  }
}
