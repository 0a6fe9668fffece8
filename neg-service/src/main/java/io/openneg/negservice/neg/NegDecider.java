package io.openneg.negservice.neg;

import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Absent;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.function.Function;

/**
 * The rules of a group. The stream of a name goes on when its group is deleted and another one is
 * created. Thread-safe.
 */
public final class NegDecider implements Decider<NetworkEndpointGroup, NegCommand, NegEvent> {
  private static final int WEIGHT_OF_GROUP = 100;

  @Override
  public NetworkEndpointGroup initial() {
    return new Absent();
  }

  @Override
  public Decision<NegEvent> decide(NetworkEndpointGroup state, NegCommand command) {
    return switch (command) {
      case CreateNeg create -> create(state, create);
      case AttachEndpoints attach ->
          change(state, attach, group -> EndpointRules.attach(group, attach));
      case DetachEndpoints detach ->
          change(state, detach, group -> EndpointRules.detach(group, detach));
      case SetEndpoints set -> change(state, set, group -> EndpointRules.set(group, set));
      case StartDeletion start -> startDeletion(state, start);
      case ConcludeDeletion conclude -> concludeDeletion(state, conclude);
    };
  }

  private static Decision<NegEvent> create(NetworkEndpointGroup state, CreateNeg command) {
    return switch (state) {
      case Absent _ -> CreationRules.create(command);
      case Live _ ->
          Decision.rejected(
              Kind.ALREADY_EXISTS,
              "ALREADY_EXISTS",
              "The group '%s' already exists.".formatted(command.name()));
      case Deleting _ ->
          Decision.rejected(
              Kind.ALREADY_EXISTS,
              "ALREADY_EXISTS",
              "The group '%s' still exists; its deletion is under way.".formatted(command.name()));
    };
  }

  private static Decision<NegEvent> change(
      NetworkEndpointGroup state, NegCommand command, Function<Live, Decision<NegEvent>> rules) {
    return switch (state) {
      case Absent _ -> notFound(command);
      case Live group -> rules.apply(group);
      case Deleting _ ->
          Decision.rejected(
              Kind.FAILED_PRECONDITION,
              "DELETION_IN_PROGRESS",
              "The group '%s' is being deleted; its endpoints do not change any more."
                  .formatted(command.name()));
    };
  }

  private static Decision<NegEvent> startDeletion(NetworkEndpointGroup state, StartDeletion start) {
    return switch (state) {
      case Absent _ -> notFound(start);
      case Live _ -> Decision.accepted(new NegDeletionStarted());
      case Deleting _ -> Decision.accepted();
    };
  }

  private static Decision<NegEvent> concludeDeletion(
      NetworkEndpointGroup state, ConcludeDeletion conclude) {
    return switch (state) {
      case Deleting(Live group)
          when group.definition().id() == conclude.id()
              && group.refusedDeletions() == conclude.refusedBefore() ->
          conclude.users().isEmpty()
              ? Decision.accepted(new NegDeleted())
              : Decision.accepted(new NegDeletionRefused(conclude.users()));
      // Somebody else was first.
      case Absent _, Live _, Deleting _ -> Decision.accepted();
    };
  }

  private static Decision<NegEvent> notFound(NegCommand command) {
    return Decision.rejected(
        Kind.NOT_FOUND, "NOT_FOUND", "The group '%s' was not found.".formatted(command.name()));
  }

  @Override
  public NetworkEndpointGroup evolve(NetworkEndpointGroup state, NegEvent event) {
    return switch (event) {
      case NegCreated(NegDefinition definition) when state instanceof Absent ->
          Live.created(definition);
      case EndpointAttached(Endpoint endpoint)
          when state instanceof Live group && !group.endpoints().contains(endpoint.address()) ->
          group.with(endpoint.address());
      case EndpointUpdated(Endpoint endpoint)
          when state instanceof Live group && group.endpoints().contains(endpoint.address()) ->
          group;
      case EndpointDetached(EndpointAddress address)
          when state instanceof Live group && group.endpoints().contains(address) ->
          group.without(address);
      case NegDeletionStarted _ when state instanceof Live group -> new Deleting(group);
      case NegDeletionRefused _ when state instanceof Deleting(Live group) ->
          group.afterRefusedDeletion();
      case NegDeleted _ when state instanceof Deleting -> new Absent();
      case NegCreated _,
          EndpointAttached _,
          EndpointUpdated _,
          EndpointDetached _,
          NegDeletionStarted _,
          NegDeletionRefused _,
          NegDeleted _ ->
          throw new IllegalStateException("%s cannot follow %s".formatted(event, brief(state)));
    };
  }

  /** In endpoints; a group itself is worth some dozens of them. */
  @Override
  public int weight(NetworkEndpointGroup state) {
    return switch (state) {
      case Absent _ -> WEIGHT_OF_GROUP;
      case Live group -> WEIGHT_OF_GROUP + group.endpoints().size();
      case Deleting(Live group) -> WEIGHT_OF_GROUP + group.endpoints().size();
    };
  }

  /** Without its endpoints, which may be thousands. */
  private static String brief(NetworkEndpointGroup state) {
    return switch (state) {
      case Absent _ -> "the absence of the group";
      case Live group ->
          "%s with %d endpoints".formatted(group.definition(), group.endpoints().size());
      case Deleting(Live group) -> "the start of the deletion of " + group.definition();
    };
  }
}
