package io.openneg.negservice.inventory.instance;

import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.List;
import java.util.Map;

/**
 * What there is around an instance; read in the command's transaction.
 *
 * @param project of the instance
 * @param region of its zone
 * @param networks those it may be meant to be in, by name
 * @param subnetworks likewise, with the automatic ones of the region
 * @param taken addresses of other instances: all of the subnetworks it may be in, if an address is
 *     to be chosen; otherwise at least those that overlap with the wanted ones
 */
public record Surroundings(
    String project,
    String region,
    Map<String, Network> networks,
    Map<String, Subnetwork> subnetworks,
    List<Taken> taken) {

  /**
   * @param instance full name
   */
  public record Taken(String network, Ipv4Range range, String instance) {}
}
