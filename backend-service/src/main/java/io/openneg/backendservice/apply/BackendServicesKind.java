package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backendservice.backendservice.BackendServiceCommand;
import io.openneg.backendservice.backendservice.KnownGroups;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;
import java.util.List;

/** Backend services in a configuration. */
record BackendServicesKind(Resources<BackendService, BackendServiceCommand> resources)
    implements Kind<BackendService> {

  @Override
  public String list() {
    return "backend_services";
  }

  @Override
  public String called() {
    return "backend_service";
  }

  @Override
  public List<String> groups(BackendService wanted) {
    return wanted.getBackendsList().stream().map(Backend::getGroup).toList();
  }

  @Override
  public void create(Rehearsal rehearsal, String name, BackendService wanted, Timestamp now) {
    long id = Resources.newId();
    resources.rehearse(
        rehearsal,
        name,
        tx ->
            new BackendServiceCommand.Create(
                name,
                id,
                now,
                wanted,
                resources.facts(tx, name, wanted.getHealthChecksList()),
                KnownGroups.facts(tx, groups(wanted))));
  }

  @Override
  public void update(
      Rehearsal rehearsal, String name, BackendService current, BackendService wanted) {
    resources.rehearse(
        rehearsal,
        name,
        tx ->
            new BackendServiceCommand.Update(
                name,
                wanted,
                List.of(),
                resources.connections(tx, name, wanted.getHealthChecksList()),
                KnownGroups.facts(tx, groups(wanted))));
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources.rehearse(
        rehearsal,
        name,
        tx -> new BackendServiceCommand.Delete(name, resources.facts(tx, name, List.of())));
  }
}
