package io.openneg.healthservice.endpointhealth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.Decision;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.ChangeHealth;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.StopProbing;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.endpointhealth.Streak.Transition;
import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EndpointHealthDeciderTest {
  private static final Target TARGET =
      new Target("projects/p/global/healthChecks/hc", "10.0.0.1", 8080);
  private static final Observation REFUSED =
      new Observation(
          7,
          Instant.parse("2026-11-01T00:00:00Z"),
          Duration.ofMillis(3),
          ProbeReason.CONNECTION_REFUSED,
          "connection refused by 10.0.0.1:8080");

  private final EndpointHealthDecider decider = new EndpointHealthDecider();

  private static HealthChanged change(HealthState from, HealthState to) {
    return new HealthChanged(
        TARGET,
        from,
        to,
        REFUSED.reason(),
        REFUSED.text(),
        REFUSED.endedAt(),
        REFUSED.latency(),
        2);
  }

  @Test
  void aChangeTellsOldAndNewStateAndWhatTheProbeSaw() {
    var command = new ChangeHealth(TARGET, new Transition(HealthState.UNHEALTHY, REFUSED, 2));

    assertThat(decider.decide(HealthState.HEALTHY, command))
        .isEqualTo(Decision.accepted(change(HealthState.HEALTHY, HealthState.UNHEALTHY)));
    assertThat(decider.decide(decider.initial(), command))
        .isEqualTo(Decision.accepted(change(HealthState.UNKNOWN, HealthState.UNHEALTHY)));
  }

  @Test
  void whatHoldsAlreadyIsNotAnnouncedAgain() {
    var command = new ChangeHealth(TARGET, new Transition(HealthState.UNHEALTHY, REFUSED, 2));

    assertThat(decider.decide(HealthState.UNHEALTHY, command)).isEqualTo(Decision.accepted());
    assertThat(decider.decide(HealthState.UNKNOWN, new StopProbing(TARGET)))
        .isEqualTo(Decision.accepted());
  }

  @Test
  void aStoppedTargetStartsUnknownAgain() {
    assertThat(decider.decide(HealthState.HEALTHY, new StopProbing(TARGET)))
        .isEqualTo(Decision.accepted(new ProbingStopped(TARGET)));
    assertThat(decider.evolve(HealthState.HEALTHY, new ProbingStopped(TARGET)))
        .isEqualTo(HealthState.UNKNOWN);
  }

  @Test
  void aCorruptStreamIsAFault() {
    assertThat(
            decider.evolve(HealthState.UNKNOWN, change(HealthState.UNKNOWN, HealthState.HEALTHY)))
        .isEqualTo(HealthState.HEALTHY);
    assertThatThrownBy(
            () ->
                decider.evolve(
                    HealthState.UNKNOWN, change(HealthState.HEALTHY, HealthState.UNHEALTHY)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(TARGET.stream());
    assertThatThrownBy(
            () ->
                decider.evolve(
                    HealthState.HEALTHY, change(HealthState.HEALTHY, HealthState.HEALTHY)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                decider.evolve(
                    HealthState.HEALTHY, change(HealthState.HEALTHY, HealthState.UNKNOWN)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> decider.evolve(HealthState.UNKNOWN, new ProbingStopped(TARGET)))
        .isInstanceOf(IllegalStateException.class);
  }
}
