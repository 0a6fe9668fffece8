package io.openneg.negservice.inventory.instance;

import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.InstanceDeleted;
import io.openneg.neg.v1.NegEvent;
import io.openneg.negservice.inventory.instance.InstanceCommand.Create;
import io.openneg.negservice.inventory.instance.InstanceCommand.Delete;
import io.openneg.negservice.inventory.instance.InstanceCommand.Update;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.negservice.inventory.resource.ResourceState;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Optional;

/** The rules of an instance. Pure. */
public final class InstanceDecider
    implements Decider<ResourceState<Instance>, InstanceCommand, NegEvent> {

  @Override
  public ResourceState<Instance> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<NegEvent> decide(ResourceState<Instance> state, InstanceCommand command) {
    Instance current = state.resource();
    try {
      if (command instanceof Create create) {
        return current == null
            ? Decision.accepted(created(create))
            : Decision.rejected(Refusals.alreadyExists(create.name()));
      }
      if (current == null) {
        return Decision.rejected(Refusals.notFound(command.name()));
      }
      return switch (command) {
        case Create _ -> throw new IllegalStateException("decided above");
        case Update update -> update(current, update);
        case Delete delete ->
            inUse(delete.name(), delete.uses(), delete.force())
                .<Decision<NegEvent>>map(Decision::rejected)
                .orElseGet(
                    () ->
                        Decision.accepted(
                            NegEvent.newBuilder()
                                .setInstanceDeleted(InstanceDeleted.getDefaultInstance())
                                .build()));
      };
    } catch (RejectedException e) {
      return Decision.rejected(e.rejection());
    }
  }

  private static NegEvent created(Create create) {
    check(create.wanted());
    NegEvent.Builder event = NegEvent.newBuilder();
    event
        .getInstanceCreatedBuilder()
        .setInstance(
            InterfaceRules.complete(create.wanted(), Optional.empty(), create.surroundings())
                .toBuilder()
                .clearFingerprint()
                .clearChangeToken()
                .setName(create.name())
                .setId(create.id())
                .setCreationTimestamp(create.now()));
    return event.build();
  }

  private static Decision<NegEvent> update(Instance current, Update update) {
    String sent = update.wanted().getFingerprint();
    if (!sent.isEmpty() && !Fingerprint.matches(sent, Fingerprint.of(current))) {
      return Decision.rejected(Refusals.changedMeanwhile("instance.fingerprint"));
    }
    Instance after = after(update);
    Optional<Rejection> inUse =
        inUse(update.name(), update.uses().displacedBy(current, after), update.force());
    if (inUse.isPresent()) {
      return Decision.rejected(inUse.get());
    }
    if (after.equals(current)) {
      return Decision.accepted();
    }
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getInstanceUpdatedBuilder().setInstance(after);
    return Decision.accepted(event.build());
  }

  private static Instance after(Update update) {
    check(update.wanted());
    Instance current = update.current().orElseThrow(() -> notFound(update.name()));
    return InterfaceRules.complete(update.wanted(), update.current(), update.surroundings())
        .toBuilder()
        .clearFingerprint()
        .clearChangeToken()
        .setName(current.getName())
        .setId(current.getId())
        .setCreationTimestamp(current.getCreationTimestamp())
        .build();
  }

  private static RejectedException notFound(String name) {
    return new RejectedException(Refusals.notFound(name));
  }

  private static void check(Instance wanted) {
    Violations violations = new Violations();
    Contents.checkDescription(wanted.getDescription(), "instance.description", violations);
    Contents.checkLabels(wanted.getLabelsMap(), "instance.labels", violations);
    violations.orThrow();
  }

  private static Optional<Rejection> inUse(String name, InstanceUses uses, boolean force) {
    List<String> users = uses.users();
    return users.isEmpty() || force ? Optional.empty() : Optional.of(Refusals.inUse(name, users));
  }

  /** What a forced command takes with it; nothing when it is refused anyway, or not forced. */
  static InstanceUses displaced(InstanceCommand command) {
    InstanceUses none = new InstanceUses(List.of(), List.of());
    return switch (command) {
      case Create _ -> none;
      case Delete delete -> delete.force() ? delete.uses() : none;
      case Update update -> {
        try {
          Instance current = update.current().orElseThrow(() -> notFound(update.name()));
          yield update.force() ? update.uses().displacedBy(current, after(update)) : none;
        } catch (RejectedException _) {
          yield none;
        }
      }
    };
  }

  @Override
  public ResourceState<Instance> evolve(ResourceState<Instance> state, NegEvent event) {
    boolean exists = state.resource() != null;
    if (event.hasInstanceCreated() && !exists) {
      return new ResourceState<>(event.getInstanceCreated().getInstance());
    }
    if (event.hasInstanceUpdated() && exists) {
      return new ResourceState<>(event.getInstanceUpdated().getInstance());
    }
    if (event.hasInstanceDeleted() && exists) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), exists));
  }
}
