package io.openneg.proxyconfigservice;

import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that proxies are told what they ask for. */
@Readiness
@ApplicationScoped
class ServingReadiness implements HealthCheck {
  private final RoutingPublisher publisher;

  @Inject
  ServingReadiness(RoutingPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("routing table").status(publisher.isServing()).build();
  }
}
