package io.openneg.negservice.neg;

import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is settled when a group is created and holds until it is deleted.
 *
 * @param name the full resource name
 * @param id unsigned; never given to another group
 * @param network full resource name
 * @param defaultPort the port of every endpoint that has none of its own; empty: each needs one
 * @param networkId empty in a group from before networks were known, which takes no more endpoints
 *     with instances
 * @param subnetwork full resource name; empty when the group's endpoints have no instances
 */
public record NegDefinition(
    String name,
    long id,
    Instant createdAt,
    String description,
    EndpointType type,
    String network,
    OptionalInt defaultPort,
    Map<String, String> annotations,
    OptionalLong networkId,
    String subnetwork) {
  public NegDefinition {
    annotations = Annotations.ordered(annotations);
  }
}
