package io.openneg.backendservice.targetproxy;

import com.google.protobuf.Message;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backendservice.resource.Patch;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Create;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Delete;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Update;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;

/**
 * The rules of a kind of target proxy. Pure.
 *
 * @param <M> the kind, as published
 */
public final class TargetProxyDecider<M extends Message>
    implements Decider<ResourceState<M>, TargetProxyCommand<M>, BackendEvent> {
  private final TargetProxyKind<M> kind;

  public TargetProxyDecider(TargetProxyKind<M> kind) {
    this.kind = kind;
  }

  @Override
  public ResourceState<M> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(ResourceState<M> state, TargetProxyCommand<M> command) {
    M current = state.resource();
    if (command instanceof Create<M> create) {
      return current == null
          ? create(create)
          : Decision.rejected(Refusals.alreadyExists(create.name()));
    }
    if (current == null) {
      return Decision.rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create<M> _ -> throw new IllegalStateException("decided above");
      case Update<M> update -> update(current, update);
      case Delete<M> delete ->
          Refusals.inUse(delete.name(), delete.facts().users())
              .map(Decision::<BackendEvent>rejected)
              .orElseGet(() -> Decision.accepted(kind.deleted()));
    };
  }

  private Decision<BackendEvent> create(Create<M> create) {
    return TargetProxyRules.refusal(kind, create.name(), create.wanted(), create.facts())
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                Decision.accepted(
                    kind.created(
                        kind.recorded(
                            TargetProxyRules.complete(kind, create.wanted()),
                            create.name(),
                            create.id(),
                            create.now()))));
  }

  private Decision<BackendEvent> update(M current, Update<M> update) {
    String sent = (String) kind.get(update.wanted(), "fingerprint");
    if (!sent.isEmpty() && !Fingerprint.matches(sent, Fingerprint.of(current))) {
      return Decision.rejected(Refusals.changedMeanwhile(kind.field() + ".fingerprint"));
    }
    Violations faults = new Violations();
    M patched = Patch.apply(current, update.wanted(), update.fields(), faults);
    M wanted =
        kind.recorded(
            TargetProxyRules.complete(kind, patched),
            update.name(),
            kind.get(current, "id"),
            kind.creation(current));
    return faults
        .rejection()
        .or(() -> TargetProxyRules.refusal(kind, update.name(), wanted, update.facts()))
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                wanted.equals(current)
                    ? Decision.accepted()
                    : Decision.accepted(kind.updated(wanted)));
  }

  @Override
  public ResourceState<M> evolve(ResourceState<M> state, BackendEvent event) {
    M current = state.resource();
    Optional<M> next = kind.recordedBy(event, current == null);
    if (next.isPresent()) {
      return new ResourceState<>(next.get());
    }
    if (current != null && kind.isDeletion(event)) {
      return new ResourceState<>(null);
    }
    if (current != null && event.hasUrlMapSet()) {
      return new ResourceState<>(kind.with(current, "url_map", event.getUrlMapSet().getUrlMap()));
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), current != null));
  }
}
