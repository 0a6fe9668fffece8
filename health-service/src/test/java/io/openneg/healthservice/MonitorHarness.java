package io.openneg.healthservice;

import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.probe.ConnectionUse;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.probe.TlsClients;
import io.openneg.healthservice.target.TargetProjection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/** The service without Kafka and Quarkus: events are put straight into its tables. */
final class MonitorHarness implements AutoCloseable {
  private static final EventStore STORE = new EventStore("health.events.v1");

  private final Jdbi jdbi;
  private final Prober prober =
      new Prober(Clock.systemUTC(), new TlsClients(null), ConnectionUse.NEW);
  private final HealthMonitor monitor;
  private volatile HealthMonitor.Role role;

  private MonitorHarness(Jdbi jdbi, HealthMonitor.Role role) {
    this.jdbi = jdbi;
    this.role = role;
    this.monitor = HealthServiceWiring.monitor(jdbi, STORE, () -> {}, prober);
    monitor.start(() -> this.role);
  }

  static MonitorHarness start(Jdbi jdbi) {
    return start(jdbi, HealthMonitor.Role.PROBING);
  }

  static MonitorHarness start(Jdbi jdbi, HealthMonitor.Role role) {
    return new MonitorHarness(jdbi, role);
  }

  void become(HealthMonitor.Role role) {
    this.role = role;
  }

  void apply(RecordedEvent... events) {
    apply(jdbi, List.of(events));
    monitor.targetsChanged();
  }

  void apply(List<RecordedEvent> events) {
    apply(jdbi, events);
    monitor.targetsChanged();
  }

  static void apply(Jdbi jdbi, List<RecordedEvent> events) {
    jdbi.useTransaction(tx -> new TargetProjection().apply(tx, events));
  }

  HealthMonitor.Status status() {
    return monitor.status();
  }

  /** Everything announced so far, oldest first. */
  static List<EndpointHealthEvent> announced(Jdbi jdbi) {
    EndpointHealthCodec codec = new EndpointHealthCodec();
    List<EndpointHealthEvent> events = new ArrayList<>();
    jdbi.useTransaction(
        tx ->
            STORE.readAll(
                tx,
                1_000,
                chunk -> chunk.forEach(event -> events.add(codec.decode(event.payload())))));
    return events;
  }

  @Override
  public void close() {
    monitor.close();
    prober.close();
  }
}
