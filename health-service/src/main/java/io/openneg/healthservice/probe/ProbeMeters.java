package io.openneg.healthservice.probe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What is counted of scheduled probes. Single probes that someone asks for do not count.
 * Thread-safe.
 */
final class ProbeMeters {
  /** Bounds of the histograms: a share of probes is known to be within one of these. */
  private static final Duration[] BOUNDS =
      Stream.of(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 5000.0)
          .map(ms -> Duration.ofNanos((long) (ms * 1_000_000)))
          .toArray(Duration[]::new);

  private final Timer startDelay;
  private final Timer latency;
  private final Map<ProbeReason, Counter> seen = new EnumMap<>(ProbeReason.class);
  private final Counter ownFaults;

  ProbeMeters(MeterRegistry registry) {
    startDelay =
        Timer.builder("openneg.health.probe.start.delay")
            .description("How much later than due a probe started")
            .serviceLevelObjectives(BOUNDS)
            .register(registry);
    latency =
        Timer.builder("openneg.health.probe.latency")
            .description("From the start of a probe to its verdict")
            .serviceLevelObjectives(BOUNDS)
            .register(registry);
    for (ProbeReason reason : ProbeReason.values()) {
      seen.put(reason, outcome(registry, reason.name()));
    }
    ownFaults = outcome(registry, "OWN_FAULT");
  }

  private static Counter outcome(MeterRegistry registry, String outcome) {
    return Counter.builder("openneg.health.probes")
        .description("Probes that ended, by what they saw; OWN_FAULT: nothing, by our own fault")
        .tag("outcome", outcome)
        .register(registry);
  }

  void started(long delayNanos) {
    startDelay.record(Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
  }

  void ended(ProbeEnd end, long latencyNanos) {
    latency.record(latencyNanos, TimeUnit.NANOSECONDS);
    switch (end) {
      case ProbeEnd.Seen s -> Objects.requireNonNull(seen.get(s.reason())).increment();
      case ProbeEnd.OwnFault _ -> ownFaults.increment();
    }
  }
}
