package io.openneg.negservice.inventory.network;

import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.Subnetwork;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * What the stream of a network amounts to. Immutable.
 *
 * @param existed whether there ever was a network of this name
 * @param network as in events, without the names of its subnetworks; null: there is none now
 * @param subnetworks by name
 */
public record NetworkState(
    boolean existed, @Nullable Network network, TreePMap<String, Subnetwork> subnetworks) {

  /** Of which of the three kinds a network is (compute v1). */
  public enum Mode {
    AUTO,
    CUSTOM,
    LEGACY
  }

  public static Mode mode(Network network) {
    if (!network.getIpv4Range().isEmpty()) {
      return Mode.LEGACY;
    }
    return network.getAutoCreateSubnetworks() ? Mode.AUTO : Mode.CUSTOM;
  }
}
