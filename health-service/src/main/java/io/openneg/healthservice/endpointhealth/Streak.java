package io.openneg.healthservice.endpointhealth;

import io.openneg.healthservice.target.Thresholds;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Probes in a row with the same end, and what follows from them. Pure.
 *
 * <p>It is not part of the event log: after a restart the verdict is the announced one and counting
 * starts anew, which can delay a verdict by a few probes and never makes a wrong one.
 *
 * @param length how many; 0 before the first
 * @param last the newest of them; null before the first
 */
public record Streak(int length, @Nullable Observation last) {
  public static final Streak NONE = new Streak(0, null);

  /**
   * A change of verdict that is due.
   *
   * @param observation the probe that brought it about
   * @param consecutive probes in a row that agree with the new state
   */
  public record Transition(HealthState newState, Observation observation, int consecutive) {}

  /** The streak after one more observation; one that is older than the newest changes nothing. */
  public Streak with(Observation observation) {
    if (last == null) {
      return new Streak(1, observation);
    }
    // A difference, because nanoTime may wrap around.
    if (observation.startedNanos() - last.startedNanos() <= 0) {
      return this;
    }
    return new Streak(observation.success() == last.success() ? length + 1 : 1, observation);
  }

  /**
   * Thresholds decide the first verdict as they decide every other: an endpoint without one gets no
   * traffic, so there is nothing to be gained by an early guess.
   */
  public Optional<Transition> transition(HealthState current, Thresholds thresholds) {
    if (last == null) {
      return Optional.empty();
    }
    HealthState seen = last.success() ? HealthState.HEALTHY : HealthState.UNHEALTHY;
    int needed = last.success() ? thresholds.healthy() : thresholds.unhealthy();
    return current == seen || length < needed
        ? Optional.empty()
        : Optional.of(new Transition(seen, last, length));
  }
}
