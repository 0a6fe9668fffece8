package io.openneg.backendservice.apply;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backendservice.backendservice.BackendRules;
import io.openneg.backendservice.backendservice.BackendServiceCommand;
import io.openneg.backendservice.backendservice.KnownNegs;
import io.openneg.backendservice.resource.Backends;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.Rehearsal;
import io.openneg.eventlog.RejectedException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/** Backend services in a configuration. Their backends can change; nothing else can yet. */
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
                KnownNegs.facts(tx, groups(wanted))));
  }

  @Override
  public void update(
      Rehearsal rehearsal, String name, BackendService current, BackendService wanted) {
    Immutable.check(
        called(), current.toBuilder().clearBackends().build(), BackendRules.complete(wanted));
    for (Backend backend : current.getBackendsList()) {
      if (!Backends.has(wanted, backend.getGroup())) {
        resources.rehearse(
            rehearsal,
            name,
            _ -> new BackendServiceCommand.RemoveBackend(name, backend.getGroup()));
      }
    }
    // Those that take traffic first: one that takes none cannot be alone.
    for (int i : inOrderOfUse(wanted)) {
      Backend backend = wanted.getBackends(i);
      Located.at(
          "backend",
          "%s.backends[%d]".formatted(called(), i),
          () -> put(rehearsal, name, current, backend));
    }
  }

  private static List<Integer> inOrderOfUse(BackendService wanted) {
    return IntStream.range(0, wanted.getBackendsCount())
        .boxed()
        .sorted(
            Comparator.comparing(
                i ->
                    wanted.getBackends(i).hasCapacityScaler()
                        && wanted.getBackends(i).getCapacityScaler() == 0))
        .toList();
  }

  /**
   * @throws RejectedException when it is refused
   */
  private void put(Rehearsal rehearsal, String name, BackendService current, Backend backend) {
    resources.rehearse(rehearsal, name, tx -> putting(tx, name, current, backend));
  }

  private static BackendServiceCommand putting(
      Handle tx, String name, BackendService current, Backend backend) {
    return Backends.has(current, backend.getGroup())
        ? new BackendServiceCommand.UpdateBackend(name, backend)
        : new BackendServiceCommand.AddBackend(
            name, backend, KnownNegs.facts(tx, List.of(backend.getGroup())));
  }

  @Override
  public long delete(Rehearsal rehearsal, String name) {
    return resources.rehearse(
        rehearsal,
        name,
        tx -> new BackendServiceCommand.Delete(name, resources.facts(tx, name, List.of())));
  }
}
