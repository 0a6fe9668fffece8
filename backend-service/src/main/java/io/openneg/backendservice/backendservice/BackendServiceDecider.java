package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendAdded;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendRemoved;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServiceCreated;
import io.openneg.backend.v1.BackendServiceDeleted;
import io.openneg.backend.v1.BackendUpdated;
import io.openneg.backendservice.backendservice.BackendServiceCommand.AddBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Create;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Delete;
import io.openneg.backendservice.backendservice.BackendServiceCommand.RemoveBackend;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Update;
import io.openneg.backendservice.backendservice.BackendServiceCommand.UpdateBackend;
import io.openneg.backendservice.resource.Backends;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.catalogue.Catalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rules of a backend service. Pure. */
public final class BackendServiceDecider
    implements Decider<ResourceState<BackendService>, BackendServiceCommand, BackendEvent> {

  private final ScopeRules scopes;
  private final BackendServiceUpdates updates;

  /**
   * @param catalogue says which zones are in a region
   */
  public BackendServiceDecider(Catalogue catalogue) {
    scopes = new ScopeRules(catalogue);
    updates = new BackendServiceUpdates(scopes);
  }

  @Override
  public ResourceState<BackendService> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(
      ResourceState<BackendService> state, BackendServiceCommand command) {
    BackendService current = state.resource();
    if (command instanceof Create create) {
      return current == null
          ? create(create)
          : Decision.rejected(Refusals.alreadyExists(create.name()));
    }
    if (current == null) {
      return Decision.rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create _ -> throw new IllegalStateException("decided above");
      case Update update -> updates.decide(current, update);
      case AddBackend add -> add(current, add);
      case UpdateBackend update -> update(current, update.backend());
      case RemoveBackend remove ->
          Backends.has(current, remove.group())
              ? Decision.accepted(removed(remove.group()))
              : Decision.rejected(noBackend(current, remove.group()));
      case Delete delete ->
          Refusals.inUse(delete.name(), delete.facts().users())
              .map(Decision::<BackendEvent>rejected)
              .orElseGet(
                  () ->
                      Decision.accepted(
                          BackendEvent.newBuilder()
                              .setBackendServiceDeleted(BackendServiceDeleted.getDefaultInstance())
                              .build()));
    };
  }

  private Decision<BackendEvent> create(Create create) {
    BackendService wanted = create.wanted();
    Violations faults = new Violations();
    BackendRules.check(wanted, faults);
    scopes.service(create.name(), BackendRules.complete(wanted), faults);
    for (int i = 0; i < wanted.getBackendsCount(); i++) {
      scopes.group(
          create.name(),
          wanted.getBackends(i),
          "backend_service.backends[%d]".formatted(i),
          faults);
    }
    Optional<Rejection> refused = faults.rejection();
    for (String check : wanted.getHealthChecksList()) {
      refused =
          refused.or(
              () -> Refusals.missing(create.facts(), "backend_service.health_checks[0]", check));
    }
    for (int i = 0; i < wanted.getBackendsCount(); i++) {
      String field = "backend_service.backends[%d].group".formatted(i);
      String group = wanted.getBackends(i).getGroup();
      refused = refused.or(() -> unusable(create.negs(), field, group));
    }
    return refused
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () -> {
              List<BackendEvent> events = new ArrayList<>();
              BackendService service =
                  BackendRules.complete(wanted).toBuilder()
                      .setName(create.name())
                      .setId(create.id())
                      .setCreationTimestamp(create.now())
                      .build();
              events.add(
                  BackendEvent.newBuilder()
                      .setBackendServiceCreated(
                          BackendServiceCreated.newBuilder().setBackendService(service))
                      .build());
              wanted.getBackendsList().forEach(backend -> events.add(added(service, backend)));
              return Decision.accepted(events);
            });
  }

  private Decision<BackendEvent> add(BackendService current, AddBackend add) {
    Backend backend = add.backend();
    Violations faults = new Violations();
    BackendRules.check(current, backend, "backend", current.getBackendsCount() == 0, faults);
    scopes.group(add.name(), backend, "backend", faults);
    Optional<Rejection> refused = faults.rejection();
    if (refused.isEmpty() && Backends.has(current, backend.getGroup())) {
      refused =
          Optional.of(
              new Rejection(
                  Kind.ALREADY_EXISTS,
                  "BACKEND_ALREADY_EXISTS",
                  "'%s' is already a backend of '%s'"
                      .formatted(backend.getGroup(), current.getName()),
                  List.of(new Violation("backend.group", "must be in the service once"))));
    }
    if (refused.isEmpty() && current.getBackendsCount() >= BackendRules.MAX_BACKENDS) {
      refused =
          Optional.of(
              new Rejection(
                  Kind.RESOURCE_EXHAUSTED,
                  "BACKEND_LIMIT_EXCEEDED",
                  "'%s' has %d backends, the limit"
                      .formatted(current.getName(), BackendRules.MAX_BACKENDS)));
    }
    return refused
        .or(() -> unusable(add.negs(), "backend.group", backend.getGroup()))
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(() -> Decision.accepted(added(current, backend)));
  }

  private static Decision<BackendEvent> update(BackendService current, Backend backend) {
    if (!Backends.has(current, backend.getGroup())) {
      return Decision.rejected(noBackend(current, backend.getGroup()));
    }
    Violations faults = new Violations();
    BackendRules.check(current, backend, "backend", current.getBackendsCount() == 1, faults);
    return faults
        .rejection()
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                current.getBackendsList().contains(BackendRules.complete(current, backend))
                    ? Decision.accepted()
                    : Decision.accepted(updated(current, backend)));
  }

  static BackendEvent added(BackendService of, Backend backend) {
    return BackendEvent.newBuilder()
        .setBackendAdded(BackendAdded.newBuilder().setBackend(BackendRules.complete(of, backend)))
        .build();
  }

  static BackendEvent updated(BackendService of, Backend backend) {
    return BackendEvent.newBuilder()
        .setBackendUpdated(
            BackendUpdated.newBuilder().setBackend(BackendRules.complete(of, backend)))
        .build();
  }

  static BackendEvent removed(String group) {
    return BackendEvent.newBuilder()
        .setBackendRemoved(BackendRemoved.newBuilder().setGroup(group))
        .build();
  }

  static Optional<Rejection> unusable(GroupFacts negs, String field, String group) {
    if (negs.fenced().contains(group)) {
      return Optional.of(
          new Rejection(
              Kind.FAILED_PRECONDITION,
              "REFERENCE_BEING_DELETED",
              "Invalid value for field '%s': '%s' is being deleted.".formatted(field, group),
              List.of(new Violation(field, "names a group that is being deleted"))));
    }
    if (!negs.existing().contains(group)) {
      return Optional.of(
          new Rejection(
              Kind.FAILED_PRECONDITION,
              "REFERENCE_NOT_FOUND",
              "Invalid value for field '%s': '%s'. The referenced resource was not found."
                  .formatted(field, group),
              List.of(new Violation(field, "names a group that does not exist"))));
    }
    return Optional.empty();
  }

  static Rejection noBackend(BackendService current, String group) {
    return new Rejection(
        Kind.NOT_FOUND,
        "BACKEND_NOT_FOUND",
        "'%s' is not a backend of '%s'".formatted(group, current.getName()));
  }

  @Override
  public ResourceState<BackendService> evolve(
      ResourceState<BackendService> state, BackendEvent event) {
    BackendService current = state.resource();
    if (event.hasBackendServiceCreated() && current == null) {
      return new ResourceState<>(event.getBackendServiceCreated().getBackendService());
    }
    if (current != null) {
      if (event.hasBackendServiceUpdated()) {
        return new ResourceState<>(
            Backends.with(current, event.getBackendServiceUpdated().getBackendService()));
      }
      if (event.hasBackendAdded()
          && !Backends.has(current, event.getBackendAdded().getBackend().getGroup())) {
        return new ResourceState<>(Backends.plus(current, event.getBackendAdded().getBackend()));
      }
      if (event.hasBackendUpdated()) {
        return new ResourceState<>(
            Backends.replaced(current, event.getBackendUpdated().getBackend()));
      }
      if (event.hasBackendRemoved()) {
        return new ResourceState<>(Backends.minus(current, event.getBackendRemoved().getGroup()));
      }
      if (event.hasBackendServiceDeleted()) {
        return new ResourceState<>(null);
      }
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), current != null));
  }
}
