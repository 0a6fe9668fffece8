package io.openneg.healthservice;

import io.micrometer.core.instrument.MeterRegistry;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.healthservice.api.HealthWatches;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand;
import io.openneg.healthservice.endpointhealth.EndpointHealthDecider;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.probe.ConnectionUse;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.probe.SelfCheck;
import io.openneg.healthservice.probe.TlsClients;
import io.openneg.healthservice.shard.ShardAssignment;
import io.openneg.healthservice.shard.ShardAssignment.Assigned;
import io.openneg.healthservice.shard.ShardOwnership;
import io.openneg.healthservice.target.TargetProjection;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;

/**
 * Puts the service together. One replica projects for all; each probes the shards that Kafka gives
 * it.
 */
@Startup
@ApplicationScoped
class HealthServiceWiring {
  private static final String TOPIC = "health.events.v1";
  private static final long CACHED_STREAMS = 100_000;

  private final Prober prober;
  private final HealthMonitor monitor;
  private final ShardAssignment assignment;

  @Inject
  HealthServiceWiring(
      EventLogRuntime runtime,
      HealthWatches watches,
      MeterRegistry registry,
      @ConfigProperty(name = "openneg.probe.connections") ConnectionUse connections,
      @ConfigProperty(name = "openneg.probe.ca-file") Optional<Path> authorities,
      @ConfigProperty(name = "openneg.probe.self-check") List<String> selfCheck) {
    prober =
        new Prober(
            Clock.systemUTC(), new TlsClients(authorities.orElse(null)), connections, registry);
    EventStore store = new EventStore(TOPIC);
    OutboxRelay relay = runtime.startRelay(store, "/health-service");
    monitor =
        monitor(
            runtime.jdbi(),
            store,
            () -> {
              relay.wake();
              watches.wake();
            },
            prober,
            selfCheck.stream().map(String::strip).map(SelfCheck.Address::parse).toList(),
            new MonitorMeters(registry));
    KafkaProjector projector =
        runtime.startProjector(
            "targets", TargetProjection.TOPICS, new TargetProjection(), monitor::targetsChanged);
    var _ = runtime.startListener(TargetProjection.CHANGED, monitor::targetsChanged);
    assignment = new ShardAssignment(TOPIC, runtime.kafka(), monitor::assignmentChanged);
    assignment.start();
    monitor.start(() -> assignment(projector.state(), assignment.assigned()), assignment::doubt);
  }

  static HealthMonitor monitor(
      Jdbi jdbi,
      EventStore store,
      Runnable afterCommit,
      Prober prober,
      List<SelfCheck.Address> selfCheck,
      MonitorMeters meters) {
    ShardOwnership ownership = new ShardOwnership(jdbi, UUID.randomUUID().toString());
    CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner =
        new CommandRunner<>(
            jdbi,
            store,
            new EndpointHealthDecider(),
            new EndpointHealthCodec(),
            ownership.fencing(new EndpointHealthView()),
            afterCommit,
            CACHED_STREAMS);
    return new HealthMonitor(jdbi, runner, ownership, prober, selfCheck, meters);
  }

  private static Assignment assignment(KafkaProjector.State state, Assigned assigned) {
    return switch (state) {
      case CONNECTING, CATCHING_UP -> Assignment.STARTING;
      case STANDBY, LIVE -> new Assignment(true, assigned.shards(), assigned.round());
    };
  }

  @Produces
  @Singleton
  Prober prober() {
    return prober;
  }

  MonitorStatus status() {
    return monitor.status();
  }

  @PreDestroy
  void close() {
    assignment.close();
    monitor.close();
    prober.close();
  }
}
