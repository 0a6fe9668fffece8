package io.openneg.backendservice.forwardingrule;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.ForwardingRuleCreated;
import io.openneg.backend.v1.ForwardingRuleDeleted;
import io.openneg.backend.v1.TargetSet;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Create;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Delete;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.SetTarget;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Optional;

/** The rules of a forwarding rule. Pure. */
public final class ForwardingRuleDecider
    implements Decider<ResourceState<ForwardingRule>, ForwardingRuleCommand, BackendEvent> {

  @Override
  public ResourceState<ForwardingRule> initial() {
    return new ResourceState<>(null);
  }

  @Override
  public Decision<BackendEvent> decide(
      ResourceState<ForwardingRule> state, ForwardingRuleCommand command) {
    ForwardingRule current = state.resource();
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
      case SetTarget set -> retarget(current, set);
      case Delete _ ->
          Decision.accepted(
              BackendEvent.newBuilder()
                  .setForwardingRuleDeleted(ForwardingRuleDeleted.getDefaultInstance())
                  .build());
    };
  }

  private static Decision<BackendEvent> create(Create create) {
    ForwardingRule wanted = create.wanted();
    Optional<Rejection> refused =
        ForwardingRuleRules.check(wanted)
            .or(
                () ->
                    Refusals.missing(create.facts(), "forwarding_rule.target", wanted.getTarget()))
            .or(() -> create.taken().map(other -> taken(wanted, other)));
    return refused
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                Decision.accepted(
                    BackendEvent.newBuilder()
                        .setForwardingRuleCreated(
                            ForwardingRuleCreated.newBuilder()
                                .setForwardingRule(
                                    wanted.toBuilder()
                                        .setName(create.name())
                                        .setId(create.id())
                                        .setCreationTimestamp(create.now())))
                        .build()));
  }

  private static Rejection taken(ForwardingRule wanted, String other) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "ADDRESS_IN_USE",
        "%s, port %s is in use by '%s'"
            .formatted(wanted.getIpAddress(), wanted.getPortRange(), other),
        List.of(new Violation(other, "listens there; 0.0.0.0 is every address")));
  }

  private static Decision<BackendEvent> retarget(ForwardingRule current, SetTarget set) {
    Violations faults = new Violations();
    ForwardingRuleRules.target(set.target(), "target", faults);
    return faults
        .rejection()
        .or(() -> Refusals.missing(set.facts(), "target", set.target()))
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                set.target().equals(current.getTarget())
                    ? Decision.accepted()
                    : Decision.accepted(
                        BackendEvent.newBuilder()
                            .setTargetSet(TargetSet.newBuilder().setTarget(set.target()))
                            .build()));
  }

  @Override
  public ResourceState<ForwardingRule> evolve(
      ResourceState<ForwardingRule> state, BackendEvent event) {
    ForwardingRule current = state.resource();
    if (event.hasForwardingRuleCreated() && current == null) {
      return new ResourceState<>(event.getForwardingRuleCreated().getForwardingRule());
    }
    if (event.hasTargetSet() && current != null) {
      return new ResourceState<>(
          current.toBuilder().setTarget(event.getTargetSet().getTarget()).build());
    }
    if (event.hasForwardingRuleDeleted() && current != null) {
      return new ResourceState<>(null);
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), current != null));
  }
}
