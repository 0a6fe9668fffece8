package io.openneg.backendservice.forwardingrule;

import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.ForwardingRuleCreated;
import io.openneg.backend.v1.ForwardingRuleDeleted;
import io.openneg.backend.v1.TargetSet;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Create;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.Delete;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommand.SetTarget;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Mismatches;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
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
    return ForwardingRuleRules.check(create.name(), wanted)
        .or(() -> unfit(wanted, wanted.getTarget(), "forwarding_rule.target", create.facts()))
        .or(() -> create.place().refusal())
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(
            () ->
                Decision.accepted(
                    BackendEvent.newBuilder()
                        .setForwardingRuleCreated(
                            ForwardingRuleCreated.newBuilder()
                                .setForwardingRule(
                                    wanted.toBuilder()
                                        .setId(create.id())
                                        .setCreationTimestamp(create.now())
                                        .setIpAddress(create.place().ip())
                                        .setAddress(create.place().address())
                                        .setIpAddressOwned(create.place().owned())))
                        .build()));
  }

  /** Why a rule cannot lead to a target. */
  private static Optional<Rejection> unfit(
      ForwardingRule rule, String target, String field, Facts facts) {
    return Refusals.missing(facts, field, target)
        .or(
            () ->
                Mismatches.scheme(
                    new Facts(facts.existing(), List.of(), facts.services(), List.of(rule)),
                    field));
  }

  private static Decision<BackendEvent> retarget(ForwardingRule current, SetTarget set) {
    Violations faults = new Violations();
    ForwardingRuleRules.target(
        current.getName(), current.getLoadBalancingScheme(), set.target(), "target", faults);
    return faults
        .rejection()
        .or(() -> unfit(current, set.target(), "target", set.facts()))
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
