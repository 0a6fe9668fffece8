package io.openneg.negservice.inventory.network;

import com.google.protobuf.Timestamp;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.List;
import java.util.Set;

/** What may be asked of a network and its subnetworks, with every fact the answer needs. */
public sealed interface NetworkCommand {

  /** The full name of the network. */
  String name();

  /**
   * A subnetwork that auto mode brings.
   *
   * @param name full name
   * @param id for the subnetwork
   */
  record Automatic(String name, long id, Ipv4Range range) {}

  /**
   * @param wanted as the client sent it; name, id and time are the command's
   * @param automatic for auto mode: one for each region
   * @param taken which of their names subnetworks of other networks have
   * @param lab whether loopback ranges are accepted, too
   */
  record Create(
      String name,
      long id,
      Timestamp now,
      Network wanted,
      List<Automatic> automatic,
      Set<String> taken,
      boolean lab)
      implements NetworkCommand {}

  /** Creates the network that every project has, unless there ever was one of that name. */
  record EnsureDefault(Create create) implements NetworkCommand {
    @Override
    public String name() {
      return create.name();
    }
  }

  /** Adds those automatic subnetworks of an auto-mode network that are missing; no others. */
  record CompleteAutomatic(String name, Timestamp now, List<Automatic> automatic, Set<String> taken)
      implements NetworkCommand {}

  record SwitchToCustomMode(String name) implements NetworkCommand {}

  /**
   * @param users full names of what else is in the network
   */
  record Delete(String name, List<String> users) implements NetworkCommand {}

  /**
   * @param subnetwork its full name
   * @param taken whether a subnetwork of another network has the name
   * @param lab whether loopback ranges are accepted, too
   */
  record CreateSubnetwork(
      String name,
      String subnetwork,
      long id,
      Timestamp now,
      Subnetwork wanted,
      boolean taken,
      boolean lab)
      implements NetworkCommand {}

  /**
   * @param wanted as the client sent it
   * @param usedRanges names of the secondary ranges that instances have addresses of
   */
  record UpdateSubnetwork(
      String name, String subnetwork, Subnetwork wanted, Set<String> usedRanges, boolean lab)
      implements NetworkCommand {}

  /**
   * @param range as the client sent it
   */
  record Expand(String name, String subnetwork, String range, boolean lab)
      implements NetworkCommand {}

  /**
   * @param users full names of what is in the subnetwork
   */
  record DeleteSubnetwork(String name, String subnetwork, List<String> users)
      implements NetworkCommand {}
}
