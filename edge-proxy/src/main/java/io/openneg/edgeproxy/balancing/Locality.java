package io.openneg.edgeproxy.balancing;

import java.util.List;

/**
 * The endpoints of one place, as the balancer sees them.
 *
 * @param id tells the locality from others, and the same one again after an update
 * @param priority 0 is the highest
 * @param weight share of the priority's traffic; 0: none, unless no locality has a weight
 * @param size number of endpoints, eligible or not
 * @param eligible those that may get new requests
 */
public record Locality<E>(String id, int priority, long weight, int size, List<E> eligible) {
  public Locality {
    eligible = List.copyOf(eligible);
    if (eligible.size() > size) {
      throw new IllegalArgumentException("more eligible endpoints than endpoints");
    }
  }
}
