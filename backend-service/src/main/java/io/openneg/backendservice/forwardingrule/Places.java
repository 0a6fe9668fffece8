package io.openneg.backendservice.forwardingrule;

import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_SELF_MANAGED;

import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backendservice.address.AddressPools;
import io.openneg.backendservice.address.AddressRefusals;
import io.openneg.backendservice.resource.HeldAddressTable;
import io.openneg.backendservice.resource.ListeningTable;
import io.openneg.backendservice.resource.References;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Finds where a forwarding rule is to listen. Thread-safe. */
public final class Places {
  private static final String FIELD = "forwarding_rule.ip_address";
  private static final String ANY = "0.0.0.0";

  private final ResourceView view;
  private final AddressPools pools;

  public Places(ResourceView view, AddressPools pools) {
    this.view = view;
    this.pools = pools;
  }

  /**
   * @param name of the rule
   * @param wanted well-formed, with every default filled in but for the IP address
   */
  Place find(Handle tx, String name, ForwardingRule wanted) {
    Place place = address(tx, name, wanted);
    if (place.refusal().isPresent()) {
      return place;
    }
    return ListeningTable.taken(tx, wanted.toBuilder().setIpAddress(place.ip()).build())
        .map(other -> Place.refused(taken(place.ip(), wanted.getPortRange(), other)))
        .orElse(place);
  }

  private Place address(Handle tx, String name, ForwardingRule wanted) {
    String given = wanted.getIpAddress();
    if (given.isEmpty()) {
      return chosen(tx, name, wanted);
    }
    if (given.contains("/")) {
      return reserved(tx, name, wanted, given);
    }
    if (given.equals(ANY)) {
      return new Place(ANY, "", false, Optional.empty());
    }
    HeldAddressTable.lock(tx, given);
    Optional<String> holder = HeldAddressTable.holder(tx, given);
    if (holder.isPresent()) {
      return holder.get().contains("/addresses/")
          ? reserved(tx, name, wanted, holder.get())
          : Place.refused(AddressRefusals.inUse(given, holder.get()));
    }
    boolean pooled = Ipv4Address.parse(given).filter(pools::contain).isPresent();
    return new Place(given, "", pooled, Optional.empty());
  }

  private Place chosen(Handle tx, String name, ForwardingRule wanted) {
    List<Ipv4Range> pool =
        wanted.getLoadBalancingScheme() == INTERNAL_SELF_MANAGED
            ? List.of()
            : pools.of(type(wanted), name);
    if (pool.isEmpty()) {
      return new Place(ANY, "", false, Optional.empty());
    }
    Optional<String> free = HeldAddressTable.lowestFree(tx, pool);
    return AddressRefusals.noneFree(true, free, FIELD)
        .map(Place::refused)
        .orElseGet(() -> new Place(free.orElseThrow(), "", true, Optional.empty()));
  }

  private Place reserved(Handle tx, String name, ForwardingRule wanted, String address) {
    Optional<Address> found =
        view.get(tx, address, Address.parser()).map(ResourceView.Row::resource);
    if (found.isEmpty()) {
      return Place.refused(Refusals.notThere(FIELD, address));
    }
    Address its = found.get();
    if (!References.scope(address).equals(References.scope(name))
        || its.getAddressType() != type(wanted)) {
      String rule =
          "must be of an address of the rule's project, scope and type (%s), is '%s' (%s)"
              .formatted(type(wanted), address, its.getAddressType());
      return Place.refused(
          new Rejection(
              Kind.INVALID_ARGUMENT,
              "INVALID_ARGUMENT",
              "Invalid value for field '%s': it %s.".formatted(FIELD, rule),
              List.of(new Violation(FIELD, rule))));
    }
    return new Place(its.getAddress(), address, false, Optional.empty());
  }

  private static Address.Type type(ForwardingRule rule) {
    return rule.getLoadBalancingScheme() == INTERNAL_MANAGED
        ? Address.Type.INTERNAL
        : Address.Type.EXTERNAL;
  }

  private static Rejection taken(String ip, String ports, String other) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "ADDRESS_IN_USE",
        "%s, port %s is in use by '%s'".formatted(ip, ports, other),
        List.of(new Violation(other, "listens there; 0.0.0.0 is every address")));
  }
}
