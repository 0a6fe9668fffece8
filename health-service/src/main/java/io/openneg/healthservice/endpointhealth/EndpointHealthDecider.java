package io.openneg.healthservice.endpointhealth;

import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.ChangeHealth;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.StopProbing;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;

/**
 * The rules of a target's stream. Commands say what holds, not what to do: one that holds already
 * has no event, so a repeat after a lost answer, or from a second prober, announces nothing twice.
 */
public final class EndpointHealthDecider
    implements Decider<HealthState, EndpointHealthCommand, EndpointHealthEvent> {

  @Override
  public HealthState initial() {
    return HealthState.UNKNOWN;
  }

  @Override
  public Decision<EndpointHealthEvent> decide(HealthState state, EndpointHealthCommand command) {
    return switch (command) {
      case ChangeHealth(var target, var transition) -> {
        if (transition.newState() == state) {
          yield Decision.accepted();
        }
        Observation observation = transition.observation();
        yield Decision.accepted(
            new HealthChanged(
                target,
                state,
                transition.newState(),
                observation.reason(),
                observation.text(),
                observation.endedAt(),
                observation.latency(),
                transition.consecutive()));
      }
      case StopProbing(var target) ->
          state == HealthState.UNKNOWN
              ? Decision.accepted()
              : Decision.accepted(new ProbingStopped(target));
    };
  }

  @Override
  public HealthState evolve(HealthState state, EndpointHealthEvent event) {
    return switch (event) {
      case HealthChanged changed -> {
        if (changed.oldState() != state
            || changed.newState() == state
            || changed.newState() == HealthState.UNKNOWN) {
          throw new IllegalStateException(
              "%s: a change from %s to %s cannot follow %s"
                  .formatted(
                      changed.target().stream(), changed.oldState(), changed.newState(), state));
        }
        yield changed.newState();
      }
      case ProbingStopped stopped -> {
        if (state == HealthState.UNKNOWN) {
          throw new IllegalStateException(
              stopped.target().stream() + ": probing stopped without a verdict to forget");
        }
        yield HealthState.UNKNOWN;
      }
    };
  }
}
