package io.openneg.negservice.neg;

import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the instances that a command names have in the network of its group.
 *
 * @param byInstance by the instances' short names: those that exist in the zone of the group, and
 *     their interface in its network, of which an instance has one at the most
 */
public record Interfaces(Map<String, Optional<Interface>> byInstance) {

  /** For commands that name no instance. */
  public static final Interfaces NONE = new Interfaces(Map.of());

  /**
   * @param subnetwork full name
   * @param primary the interface's own address
   * @param ranges all of its addresses: the primary one and its aliases
   */
  public record Interface(String subnetwork, Ipv4Address primary, List<Ipv4Range> ranges) {

    /** The range that has the address; empty: it is not one of the interface's. */
    Optional<Ipv4Range> rangeOf(Ipv4Address address) {
      for (Ipv4Range range : ranges) {
        if (range.contains(address)) {
          return Optional.of(range);
        }
      }
      return Optional.empty();
    }
  }
}
