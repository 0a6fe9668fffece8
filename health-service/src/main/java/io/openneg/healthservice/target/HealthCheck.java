package io.openneg.healthservice.target;

import java.time.Duration;

/**
 * A health check as far as probing goes: complete, and without what only people read.
 *
 * @param name full resource name
 * @param id another one when a check was deleted and created again under its name
 * @param interval between the starts of two probes of a target
 * @param timeout of one probe, connecting and reading together; at most the interval, so probes of
 *     a target never overlap
 */
public record HealthCheck(
    String name,
    long id,
    Duration interval,
    Duration timeout,
    Thresholds thresholds,
    ProbeRecipe recipe) {

  public HealthCheck {
    if (!timeout.isPositive() || timeout.compareTo(interval) > 0) {
      throw new IllegalArgumentException(
          "timeout_sec must be 1..check_interval_sec (%d), is %d"
              .formatted(interval.toSeconds(), timeout.toSeconds()));
    }
  }

  /** The port to probe of an endpoint. */
  public int port(int endpointPort) {
    Integer fixed = recipe.fixedPort();
    return fixed == null ? endpointPort : fixed;
  }
}
