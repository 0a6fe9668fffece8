package io.openneg.healthservice;

import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand;
import io.openneg.healthservice.endpointhealth.EndpointHealthDecider;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.probe.ConnectionUse;
import io.openneg.healthservice.probe.Prober;
import io.openneg.healthservice.probe.TlsClients;
import io.openneg.healthservice.target.TargetProjection;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;

/** Puts the service together. The replica that projects is the one that probes. */
@Startup
@ApplicationScoped
class HealthServiceWiring {
  private static final String TOPIC = "health.events.v1";
  private static final long CACHED_STREAMS = 100_000;

  private final Prober prober;
  private final HealthMonitor monitor;

  @Inject
  HealthServiceWiring(
      EventLogRuntime runtime,
      @ConfigProperty(name = "openneg.probe.connections") ConnectionUse connections,
      @ConfigProperty(name = "openneg.probe.ca-file") Optional<Path> authorities) {
    prober = new Prober(Clock.systemUTC(), new TlsClients(authorities.orElse(null)), connections);
    EventStore store = new EventStore(TOPIC);
    OutboxRelay relay = runtime.startRelay(store, "/health-service");
    monitor = monitor(runtime.jdbi(), store, relay::wake, prober);
    KafkaProjector projector =
        runtime.startProjector(
            "targets", TargetProjection.TOPICS, new TargetProjection(), monitor::targetsChanged);
    monitor.start(() -> role(projector.state()));
  }

  static HealthMonitor monitor(Jdbi jdbi, EventStore store, Runnable afterCommit, Prober prober) {
    CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner =
        new CommandRunner<>(
            jdbi,
            store,
            new EndpointHealthDecider(),
            new EndpointHealthCodec(),
            new EndpointHealthView(),
            afterCommit,
            CACHED_STREAMS);
    return new HealthMonitor(jdbi, runner, prober);
  }

  static HealthMonitor.Role role(KafkaProjector.State state) {
    return switch (state) {
      case CONNECTING, CATCHING_UP -> HealthMonitor.Role.STARTING;
      case STANDBY -> HealthMonitor.Role.STANDBY;
      case LIVE -> HealthMonitor.Role.PROBING;
    };
  }

  HealthMonitor.Status status() {
    return monitor.status();
  }

  @PreDestroy
  void close() {
    monitor.close();
    prober.close();
  }
}
