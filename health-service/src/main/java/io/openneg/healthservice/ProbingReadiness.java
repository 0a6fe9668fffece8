package io.openneg.healthservice;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means probing, or standing by while other replicas probe. */
@Readiness
@ApplicationScoped
class ProbingReadiness implements HealthCheck {
  private final HealthServiceWiring wiring;

  @Inject
  ProbingReadiness(HealthServiceWiring wiring) {
    this.wiring = wiring;
  }

  @Override
  public HealthCheckResponse call() {
    MonitorStatus status = wiring.status();
    return HealthCheckResponse.named("probing")
        .withData("role", status.role().name())
        .withData("shards", status.shards())
        .withData("targets", status.targets())
        .withData("silent", status.silent())
        .withData("suspect", status.suspect() ? "PROBER_SUSPECT" : "no")
        .status(status.role() != Role.STARTING)
        .build();
  }
}
