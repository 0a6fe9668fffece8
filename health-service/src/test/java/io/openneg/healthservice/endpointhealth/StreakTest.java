package io.openneg.healthservice.endpointhealth;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.healthservice.endpointhealth.Streak.Transition;
import io.openneg.healthservice.target.Thresholds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreakTest {
  private static final Thresholds THREE_UP_TWO_DOWN = new Thresholds(3, 2);

  private static Observation observation(long startedNanos, boolean success) {
    return new Observation(
        startedNanos,
        Instant.EPOCH.plusNanos(startedNanos),
        Duration.ofMillis(1),
        success ? ProbeReason.SUCCESS : ProbeReason.TIMEOUT,
        "");
  }

  /** Judges a line such as "+-++" from a state; gives the state after each observation. */
  private static String judge(HealthState from, Thresholds thresholds, String line) {
    StringBuilder states = new StringBuilder();
    HealthState state = from;
    Streak streak = Streak.NONE;
    for (int i = 0; i < line.length(); i++) {
      streak = streak.with(observation(i, line.charAt(i) == '+'));
      state = streak.transition(state, thresholds).map(Transition::newState).orElse(state);
      states.append(state.name().charAt(1));
    }
    return states.toString();
  }

  @Test
  void aFirstVerdictNeedsItsThresholdToo() {
    assertThat(judge(HealthState.UNKNOWN, THREE_UP_TWO_DOWN, "+++")).isEqualTo("NNE");
    assertThat(judge(HealthState.UNKNOWN, THREE_UP_TWO_DOWN, "--")).isEqualTo("NN");
    assertThat(judge(HealthState.UNKNOWN, THREE_UP_TWO_DOWN, "++-+++")).isEqualTo("NNNNNE");
  }

  @Test
  void flappingBelowTheThresholdsChangesNothing() {
    assertThat(judge(HealthState.HEALTHY, THREE_UP_TWO_DOWN, "-+-+-+-+")).isEqualTo("EEEEEEEE");
    assertThat(judge(HealthState.UNHEALTHY, THREE_UP_TWO_DOWN, "++-++-++-")).isEqualTo("NNNNNNNNN");
  }

  @Test
  void aTransitionTellsTheProbeThatBroughtItAbout() {
    Observation second = observation(20, false);
    Streak streak = Streak.NONE.with(observation(10, false)).with(second);

    assertThat(streak.transition(HealthState.HEALTHY, THREE_UP_TWO_DOWN))
        .contains(new Transition(HealthState.UNHEALTHY, second, 2));
    assertThat(streak.transition(HealthState.UNHEALTHY, THREE_UP_TWO_DOWN)).isEmpty();
  }

  @Test
  void aTransitionStaysDueUntilItIsAnnounced() {
    Streak streak = Streak.NONE.with(observation(10, false)).with(observation(20, false));
    Observation third = observation(30, false);

    assertThat(streak.with(third).transition(HealthState.HEALTHY, THREE_UP_TWO_DOWN))
        .contains(new Transition(HealthState.UNHEALTHY, third, 3));
  }

  @Test
  void timeMayWrapAround() {
    Streak streak =
        Streak.NONE.with(observation(Long.MAX_VALUE, true)).with(observation(Long.MIN_VALUE, true));

    assertThat(streak.length()).isEqualTo(2);
  }

  @Test
  void lateObservationsChangeNothingWhateverTheirOrder() {
    // Against a model that keeps everything and counts anew at each step.
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Thresholds thresholds = new Thresholds(1 + random.nextInt(5), 1 + random.nextInt(5));
      HealthState state = List.of(HealthState.values()).get(random.nextInt(3));
      HealthState expected = state;
      Streak streak = Streak.NONE;
      List<Observation> kept = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        Observation next = observation(random.nextInt(1 + 20 * i), random.nextInt(3) > 0);
        streak = streak.with(next);
        Optional<Transition> transition = streak.transition(state, thresholds);
        state = transition.map(Transition::newState).orElse(state);

        if (kept.stream().allMatch(o -> o.startedNanos() < next.startedNanos())) {
          kept.add(next);
        }
        expected = naive(expected, kept, thresholds);
        assertThat(state).as("seed %d, step %d", seed, i).isEqualTo(expected);
      }
    }
  }

  private static HealthState naive(
      HealthState state, List<Observation> observations, Thresholds thresholds) {
    if (endsWith(observations, true, thresholds.healthy())) {
      return HealthState.HEALTHY;
    }
    return endsWith(observations, false, thresholds.unhealthy()) ? HealthState.UNHEALTHY : state;
  }

  private static boolean endsWith(List<Observation> observations, boolean success, int times) {
    int size = observations.size();
    return size >= times
        && observations.subList(size - times, size).stream().allMatch(o -> o.success() == success);
  }
}
