package io.openneg.backendservice.address;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import java.util.Optional;

/** Why an IP address cannot be had; of addresses and forwarding rules. Pure. */
public final class AddressRefusals {
  private AddressRefusals() {}

  public static Rejection inUse(String ip, String holder) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "ADDRESS_IN_USE",
        "%s is in use by '%s'; an address resource can be shared by rules of its scope"
            .formatted(ip, holder),
        List.of(new Violation(holder, "has " + ip)));
  }

  /**
   * @param pooled whether there is a pool
   * @param free its lowest free address
   */
  public static Optional<Rejection> noneFree(boolean pooled, Optional<String> free, String field) {
    if (!pooled) {
      return Optional.of(
          new Rejection(
              Kind.FAILED_PRECONDITION,
              "ADDRESS_POOL_MISSING",
              "Invalid value for field '%s': it must be given, since OPENNEG_ADDRESS_POOLS has no"
                      .formatted(field)
                  + " pool for the scope and type.",
              List.of(new Violation(field, "must be given where there is no pool"))));
    }
    return free.isPresent()
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Kind.RESOURCE_EXHAUSTED,
                "ADDRESS_POOL_EXHAUSTED",
                "The pool for the scope and type has no free address.",
                List.of(new Violation(field, "cannot be chosen: no address is free"))));
  }
}
