package io.openneg.negservice.neg;

import java.util.List;

/** What happened to a group; the names are those of {@code neg_events.proto}. */
public sealed interface NegEvent {

  record NegCreated(NegDefinition definition) implements NegEvent {}

  record EndpointAttached(Endpoint endpoint) implements NegEvent {}

  /** An attached endpoint has another instance or other annotations from now on. */
  record EndpointUpdated(Endpoint endpoint) implements NegEvent {}

  record EndpointDetached(EndpointAddress address) implements NegEvent {}

  /** From now on nothing about the group changes until its users' owner has been asked. */
  record NegDeletionStarted() implements NegEvent {}

  /**
   * @param users full resource names, never empty
   */
  record NegDeletionRefused(List<String> users) implements NegEvent {
    public NegDeletionRefused {
      users = List.copyOf(users);
    }
  }

  /** The group is gone, and every endpoint with it. */
  record NegDeleted() implements NegEvent {}
}
