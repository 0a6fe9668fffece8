package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backendservice.healthcheck.HealthCheckCommand;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;
import java.util.List;

/** Health checks in a configuration. */
record HealthChecksKind(Resources<HealthCheck, HealthCheckCommand> resources)
    implements Kind<HealthCheck> {

  @Override
  public String list() {
    return "health_checks";
  }

  @Override
  public String called() {
    return "health_check";
  }

  @Override
  public void create(Rehearsal rehearsal, String name, HealthCheck wanted, Timestamp now) {
    long id = Resources.newId();
    resources.rehearse(rehearsal, name, _ -> new HealthCheckCommand.Create(name, id, now, wanted));
  }

  @Override
  public void update(Rehearsal rehearsal, String name, HealthCheck current, HealthCheck wanted) {
    resources.rehearse(rehearsal, name, _ -> new HealthCheckCommand.Update(name, wanted));
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources.rehearse(
        rehearsal,
        name,
        tx -> new HealthCheckCommand.Delete(name, resources.facts(tx, name, List.of())));
  }
}
