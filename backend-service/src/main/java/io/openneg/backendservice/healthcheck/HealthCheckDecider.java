package io.openneg.backendservice.healthcheck;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HealthCheckCreated;
import io.openneg.backend.v1.HealthCheckDeleted;
import io.openneg.backend.v1.HealthCheckUpdated;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Create;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Delete;
import io.openneg.backendservice.healthcheck.HealthCheckCommand.Update;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.serviceruntime.api.Violations;

/** The rules of a health check. Pure. */
public final class HealthCheckDecider
    implements Decider<ResourceState<HealthCheck>, HealthCheckCommand, BackendEvent> {

  @Override
  public ResourceState<HealthCheck> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(
      ResourceState<HealthCheck> state, HealthCheckCommand command) {
    HealthCheck current = state.resource();
    return switch (command) {
      case Create create -> {
        if (current != null) {
          yield Decision.rejected(Refusals.alreadyExists(create.name()));
        }
        yield valid(create.wanted(), () -> created(create));
      }
      case Update update -> {
        if (current == null) {
          yield Decision.rejected(Refusals.notFound(update.name()));
        }
        yield valid(update.wanted(), () -> updated(current, update));
      }
      case Delete delete -> {
        if (current == null) {
          yield Decision.rejected(Refusals.notFound(delete.name()));
        }
        yield Refusals.inUse(delete.name(), delete.facts().users())
            .map(Decision::<BackendEvent>rejected)
            .orElseGet(
                () ->
                    Decision.accepted(
                        BackendEvent.newBuilder()
                            .setHealthCheckDeleted(HealthCheckDeleted.getDefaultInstance())
                            .build()));
      }
    };
  }

  private static Decision<BackendEvent> valid(
      HealthCheck wanted, java.util.function.Supplier<Decision<BackendEvent>> decision) {
    Violations faults = new Violations();
    HealthCheckRules.check(wanted, faults);
    return faults.rejection().map(Decision::<BackendEvent>rejected).orElseGet(decision);
  }

  private static Decision<BackendEvent> created(Create create) {
    HealthCheck check =
        HealthCheckRules.complete(create.wanted()).toBuilder()
            .setName(create.name())
            .setId(create.id())
            .setCreationTimestamp(create.now())
            .build();
    return Decision.accepted(
        BackendEvent.newBuilder()
            .setHealthCheckCreated(HealthCheckCreated.newBuilder().setHealthCheck(check))
            .build());
  }

  private static Decision<BackendEvent> updated(HealthCheck current, Update update) {
    HealthCheck check =
        HealthCheckRules.complete(update.wanted()).toBuilder()
            .setName(current.getName())
            .setId(current.getId())
            .setCreationTimestamp(current.getCreationTimestamp())
            .build();
    return check.equals(current)
        ? Decision.accepted()
        : Decision.accepted(
            BackendEvent.newBuilder()
                .setHealthCheckUpdated(HealthCheckUpdated.newBuilder().setHealthCheck(check))
                .build());
  }

  @Override
  public ResourceState<HealthCheck> evolve(ResourceState<HealthCheck> state, BackendEvent event) {
    boolean exists = state.resource() != null;
    if (event.hasHealthCheckCreated() && !exists) {
      return new ResourceState<>(event.getHealthCheckCreated().getHealthCheck());
    }
    if (event.hasHealthCheckUpdated() && exists) {
      return new ResourceState<>(event.getHealthCheckUpdated().getHealthCheck());
    }
    if (event.hasHealthCheckDeleted() && exists) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), exists));
  }
}
