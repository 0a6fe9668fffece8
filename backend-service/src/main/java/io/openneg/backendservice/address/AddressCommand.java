package io.openneg.backendservice.address;

import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Address;
import io.openneg.backendservice.resource.Facts;
import java.util.Optional;

/** What may be asked of an address. */
public sealed interface AddressCommand {
  String name();

  /**
   * @param wanted with every default filled in but for the IP address
   * @param inTheWay the resource that has, or listens on, the IP address that is wanted
   * @param pooled whether there is a pool for the scope and type
   * @param free the lowest free address of it
   */
  record Create(
      String name,
      long id,
      Timestamp now,
      Address wanted,
      Optional<String> inTheWay,
      boolean pooled,
      Optional<String> free)
      implements AddressCommand {}

  record Delete(String name, Facts facts) implements AddressCommand {}
}
