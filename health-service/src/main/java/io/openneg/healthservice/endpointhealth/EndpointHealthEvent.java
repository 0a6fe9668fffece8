package io.openneg.healthservice.endpointhealth;

import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.time.Instant;

/** What happened to a target. Only transitions are events. */
public sealed interface EndpointHealthEvent {
  Target target();

  /**
   * The verdict changed.
   *
   * @param probeText what the probe that brought it about saw
   * @param observedAt when that probe ended
   * @param consecutive probes in a row that agree with the new state
   */
  record HealthChanged(
      Target target,
      HealthState oldState,
      HealthState newState,
      ProbeReason reason,
      String probeText,
      Instant observedAt,
      Duration latency,
      int consecutive)
      implements EndpointHealthEvent {}

  /** It is probed no more and its verdict is forgotten. */
  record ProbingStopped(Target target) implements EndpointHealthEvent {}
}
