package io.openneg.backendservice.address;

import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.NetworkTier;
import io.openneg.backendservice.resource.References;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;

/** What an address may say (seed, compute v1). Pure. */
public final class AddressRules {
  private AddressRules() {}

  /** With every default filled in but for the IP address. */
  public static Address complete(String name, Address wanted) {
    Address.Builder address =
        wanted.toBuilder().clearChangeToken().clearStatus().clearUsers().setName(name);
    if (wanted.getAddressType() == Address.Type.TYPE_UNSPECIFIED) {
      address.setAddressType(Address.Type.EXTERNAL);
    }
    if (wanted.getNetworkTier() == NetworkTier.NETWORK_TIER_UNSPECIFIED) {
      address.setNetworkTier(tier(name, address.getAddressType()));
    }
    return address.build();
  }

  /** Seed: Standard Tier has regional external forwarding rules, Premium Tier global ones. */
  private static NetworkTier tier(String name, Address.Type type) {
    return type == Address.Type.EXTERNAL && !References.region(name).isEmpty()
        ? NetworkTier.STANDARD
        : NetworkTier.PREMIUM;
  }

  /**
   * @param complete see {@link #complete}
   */
  static void check(String name, Address complete, Violations faults) {
    boolean global = References.region(name).isEmpty();
    Address.Type type = complete.getAddressType();
    if (faults.check(
        type != Address.Type.UNRECOGNIZED && !(global && type == Address.Type.INTERNAL),
        "address.address_type",
        "must be EXTERNAL, or in a region INTERNAL")) {
      NetworkTier tier = tier(name, type);
      faults.check(
          complete.getNetworkTier() == tier,
          "address.network_tier",
          "must be %s: regional external addresses are STANDARD, all others PREMIUM"
              .formatted(tier));
    }
    if (complete.getAddress().isEmpty()) {
      return;
    }
    Optional<Ipv4Address> ip = Ipv4Address.parse(complete.getAddress());
    if (faults.check(
        ip.isPresent() && ip.get().bits() != 0,
        "address.address",
        "must be the IPv4 address of one host")) {
      faults.check(
          type != Address.Type.INTERNAL || ip.get().isPrivate(),
          "address.address",
          "must be private (RFC 1918) when it is INTERNAL");
    }
  }
}
