package io.openneg.serviceruntime.eventlog;

import io.openneg.eventlog.KafkaProjector;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready means caught up: what the topics held at the start is in the tables. */
@Readiness
@ApplicationScoped
class EventLogReadiness implements HealthCheck {
  private final EventLogRuntime runtime;

  @Inject
  EventLogReadiness(EventLogRuntime runtime) {
    this.runtime = runtime;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder answer = HealthCheckResponse.named("projections");
    boolean ready = true;
    for (KafkaProjector projector : runtime.projectors()) {
      KafkaProjector.State state = projector.state();
      answer.withData(projector.name(), state.name());
      ready &= state == KafkaProjector.State.LIVE || state == KafkaProjector.State.STANDBY;
    }
    return answer.status(ready).build();
  }
}
