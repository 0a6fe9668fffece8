package io.openneg.negservice.neg;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of the network and subnetwork that a group is to be in.
 *
 * @param region of the group's zone
 * @param network full name of the network
 * @param id of the network; empty: there is none of that name
 * @param legacy whether it is one without subnetworks
 * @param automatic full name of its automatic subnetwork in the region, if it has one
 * @param networkOfSubnetwork full name of the network that the wanted subnetwork is in; empty:
 *     there is no such subnetwork, or none is wanted
 */
public record NegNetwork(
    String region,
    String network,
    OptionalLong id,
    boolean legacy,
    Optional<String> automatic,
    Optional<String> networkOfSubnetwork) {}
