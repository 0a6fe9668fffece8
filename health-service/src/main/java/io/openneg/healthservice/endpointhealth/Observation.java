package io.openneg.healthservice.endpointhealth;

import java.time.Duration;
import java.time.Instant;

/**
 * What one probe saw of its target.
 *
 * @param startedNanos {@link System#nanoTime} at its start. Observations are put in order by it and
 *     not by the wall clock, which may be set back: an hour's correction would make an hour of
 *     observations "late".
 * @param endedAt for people and events
 * @param latency from the start of the connection to the verdict
 * @param text what it saw, for people
 */
public record Observation(
    long startedNanos, Instant endedAt, Duration latency, ProbeReason reason, String text) {

  public boolean success() {
    return reason == ProbeReason.SUCCESS;
  }
}
