package io.openneg.healthservice;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.probe.ConnectionUse;
import io.openneg.healthservice.probe.FakeBackend;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.probe.SelfCheck;
import io.openneg.healthservice.probe.TlsClients;
import io.openneg.healthservice.shard.Shards;
import io.openneg.healthservice.target.TargetProjection;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;

/** The service without Kafka and Quarkus: events are put straight into its tables. */
final class MonitorHarness implements AutoCloseable {
  static final Set<Integer> ALL_SHARDS =
      IntStream.range(0, Shards.COUNT).boxed().collect(Collectors.toSet());

  /** What a sound prober reaches. */
  private static final FakeBackend SOUND = FakeBackend.start(FakeBackend.silent());

  private static final EventStore STORE = new EventStore("health.events.v1");

  private final Jdbi jdbi;
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final Prober prober =
      new Prober(Clock.systemUTC(), new TlsClients(null), ConnectionUse.NEW, registry);
  private final HealthMonitor monitor;
  private final AtomicInteger doubts = new AtomicInteger();
  private volatile Assignment assignment;

  private MonitorHarness(Jdbi jdbi, Assignment assignment, int selfCheckPort) {
    this.jdbi = jdbi;
    this.assignment = assignment;
    this.monitor =
        HealthServiceWiring.monitor(
            jdbi,
            STORE,
            () -> {},
            prober,
            List.of(new SelfCheck.Address("127.0.0.1", selfCheckPort)),
            new MonitorMeters(registry));
    monitor.start(() -> this.assignment, doubts::incrementAndGet);
  }

  static MonitorHarness start(Jdbi jdbi) {
    return start(jdbi, Role.PROBING);
  }

  static MonitorHarness start(Jdbi jdbi, Role role) {
    return new MonitorHarness(jdbi, assignment(role), SOUND.port());
  }

  /** One of several replicas. */
  static MonitorHarness start(Jdbi jdbi, Set<Integer> shards) {
    return new MonitorHarness(jdbi, new Assignment(true, shards, 0), SOUND.port());
  }

  /** One that checks itself at a port of 127.0.0.1. */
  static MonitorHarness selfChecking(Jdbi jdbi, int port) {
    return new MonitorHarness(jdbi, assignment(Role.PROBING), port);
  }

  private static Assignment assignment(Role role) {
    return switch (role) {
      case STARTING -> Assignment.STARTING;
      case STANDBY -> new Assignment(true, Set.of(), 0);
      case PROBING -> new Assignment(true, ALL_SHARDS, 0);
    };
  }

  void become(Role role) {
    assignment = assignment(role);
    monitor.assignmentChanged();
  }

  /** Is assigned these and no others. */
  void own(Set<Integer> shards) {
    assignment = new Assignment(true, shards, 0);
    monitor.assignmentChanged();
  }

  /** Is told by Kafka that what it has is really its own. */
  void confirm() {
    assignment = new Assignment(true, assignment.shards(), assignment.round() + 1);
    monitor.assignmentChanged();
  }

  /** How often it asked Kafka whether what it has is its own. */
  int doubts() {
    return doubts.get();
  }

  /** As when a notification of another replica's commit comes. */
  void notice() {
    monitor.targetsChanged();
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

  /** A gauge of the monitor, by its name after {@code openneg.health.}. */
  double gauge(String name) {
    return registry.get("openneg.health." + name).gauge().value();
  }

  /** Changes of verdict counted so far. */
  double flips(HealthState state) {
    return registry.get("openneg.health.flips").tag("state", state.name()).counter().count();
  }

  MonitorStatus status() {
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
