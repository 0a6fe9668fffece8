package io.openneg.negservice.neg;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What may be asked of a group, with every fact the answer needs. */
public sealed interface NegCommand {

  /** The full resource name of the group. */
  String name();

  /**
   * @param project the one in the name
   * @param id for the group
   * @param subnetwork full resource name; empty: the automatic one
   * @param network what is known of the network, and which one it is
   * @param census how many groups the project has, and how many it may have
   */
  record CreateNeg(
      String name,
      String project,
      long id,
      Instant now,
      String description,
      EndpointType type,
      String subnetwork,
      NegNetwork network,
      OptionalInt defaultPort,
      Map<String, String> annotations,
      Census census)
      implements NegCommand {}

  /**
   * @param groups of the project, as counted while nobody else can add one
   * @param quota of the project
   */
  record Census(int groups, int quota) {}

  /** What a bad endpoint does to a command. */
  enum BadEndpoint {
    /** Refuses it. */
    REFUSES,
    /** Is left out. */
    IS_LEFT_OUT
  }

  /**
   * @param labAddresses whether loopback addresses are accepted, too
   * @param interfaces of the instances named
   */
  record AttachEndpoints(
      String name,
      List<EndpointRequest> endpoints,
      boolean labAddresses,
      Interfaces interfaces,
      BadEndpoint badEndpoint)
      implements NegCommand {}

  /**
   * @param endpoints only addresses and ports count
   */
  record DetachEndpoints(String name, List<EndpointRequest> endpoints, BadEndpoint badEndpoint)
      implements NegCommand {}

  /**
   * Declares all endpoints there are to be. With a bad one nothing changes, since what it was meant
   * to be is not known, even where it does not refuse the command.
   *
   * @param interfaces of the instances named
   * @param attached the endpoints of the group as they are, details included
   */
  record SetEndpoints(
      String name,
      List<EndpointRequest> endpoints,
      boolean labAddresses,
      Interfaces interfaces,
      Map<EndpointAddress, Endpoint> attached,
      BadEndpoint badEndpoint)
      implements NegCommand {}

  /** Joins the deletion that is under way, if one is. */
  record StartDeletion(String name) implements NegCommand {}

  /**
   * Settles the deletion it was asked for; has no effect on any other.
   *
   * @param id of the group
   * @param refusedBefore which of the group's deletions it is
   * @param users who uses the group; empty: nobody does, and nobody can any more
   */
  record ConcludeDeletion(String name, long id, int refusedBefore, List<String> users)
      implements NegCommand {}
}
