package io.openneg.healthservice;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.openneg.healthservice.endpointhealth.HealthState;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What is counted of targets and their verdicts. Thread-safe. */
final class MonitorMeters {
  private final MeterRegistry registry;
  private final Map<HealthState, Counter> flips = new EnumMap<>(HealthState.class);

  MonitorMeters(MeterRegistry registry) {
    this.registry = registry;
    for (HealthState state : HealthState.values()) {
      flips.put(
          state,
          Counter.builder("openneg.health.flips")
              .description("Changes of verdict announced, by the new one")
              .tag("state", state.name())
              .register(registry));
    }
  }

  /** Shows what a monitor does from now on. */
  void show(HealthMonitor monitor) {
    gauge("targets", "Targets probed by this replica", monitor, MonitorStatus::targets);
    gauge(
        "targets.silent",
        "Targets not observed for several intervals",
        monitor,
        MonitorStatus::silent);
    gauge("shards", "Shards of targets owned by this replica", monitor, MonitorStatus::shards);
    gauge(
        "prober.suspect",
        "1 while nearly all targets fail and the prober is rather at fault, and verdicts are held",
        monitor,
        status -> status.suspect() ? 1 : 0);
  }

  private void gauge(
      String name, String description, HealthMonitor monitor, ToDoubleFunction<MonitorStatus> of) {
    Gauge.builder("openneg.health." + name, monitor, it -> of.applyAsDouble(it.status()))
        .description(description)
        .register(registry);
  }

  void flipped(HealthState state, int targets) {
    Objects.requireNonNull(flips.get(state)).increment(targets);
  }
}
