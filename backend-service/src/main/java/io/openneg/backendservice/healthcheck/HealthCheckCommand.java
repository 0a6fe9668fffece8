package io.openneg.backendservice.healthcheck;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backendservice.resource.Facts;

/** What may be asked of a health check. */
public sealed interface HealthCheckCommand {

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   */
  record Create(String name, long id, Timestamp now, HealthCheck wanted)
      implements HealthCheckCommand {}

  record Update(String name, HealthCheck wanted) implements HealthCheckCommand {}

  record Delete(String name, Facts facts) implements HealthCheckCommand {}
}
