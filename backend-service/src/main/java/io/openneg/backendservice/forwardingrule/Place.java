package io.openneg.backendservice.forwardingrule;

import io.openneg.eventlog.Rejection;
import java.util.Optional;

/**
 * Where a forwarding rule listens.
 *
 * @param ip its IP address
 * @param address name of the address resource that reserves it; empty: none does
 * @param owned whether the IP address is the rule's alone, as one of a pool is
 * @param refusal why it cannot listen there
 */
public record Place(String ip, String address, boolean owned, Optional<Rejection> refusal) {

  static Place refused(Rejection refusal) {
    return new Place("", "", false, Optional.of(refusal));
  }
}
