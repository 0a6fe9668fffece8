package io.openneg.negservice.inventory.instance;

import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.negservice.neg.EndpointAddress;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Who relies on an instance.
 *
 * @param endpoints on its addresses
 * @param memberships in instance groups
 */
public record InstanceUses(List<Endpoint> endpoints, List<Membership> memberships) {

  /**
   * @param neg full name of the group
   * @param network of the interface
   * @param range the interface's range that has the address
   */
  public record Endpoint(String neg, EndpointAddress address, String network, Ipv4Range range) {}

  /**
   * @param group full name
   * @param network of the group
   */
  public record Membership(String group, String network) {}

  private record Held(String network, String range) {}

  /** Those that an instance with other interfaces would leave without what they rely on. */
  InstanceUses displacedBy(Instance before, Instance after) {
    Set<Held> held = new HashSet<>();
    for (NetworkInterface nic : after.getNetworkInterfacesList()) {
      held.add(new Held(nic.getNetwork(), nic.getNetworkIp() + "/32"));
      for (AliasIpRange alias : nic.getAliasIpRangesList()) {
        held.add(new Held(nic.getNetwork(), alias.getIpCidrRange()));
      }
    }
    NetworkInterface was = before.getNetworkInterfaces(0);
    NetworkInterface first = after.getNetworkInterfaces(0);
    // Its groups serve at the address of its first interface.
    boolean stays =
        first.getNetwork().equals(was.getNetwork())
            && first.getNetworkIp().equals(was.getNetworkIp());
    return new InstanceUses(
        endpoints.stream()
            .filter(use -> !held.contains(new Held(use.network(), use.range().toString())))
            .toList(),
        stays ? List.of() : memberships);
  }

  /** Full names of the groups, each once, in order. */
  List<String> users() {
    return Stream.concat(
            endpoints.stream().map(Endpoint::neg), memberships.stream().map(Membership::group))
        .distinct()
        .sorted()
        .toList();
  }
}
