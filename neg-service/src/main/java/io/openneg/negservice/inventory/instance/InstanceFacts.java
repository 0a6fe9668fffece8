package io.openneg.negservice.inventory.instance;

import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.negservice.inventory.instance.Surroundings.Taken;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.inventory.resource.FactLocks;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.neg.EndpointAddress;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatements;

/** Reads, in a command's transaction, what it must know. */
final class InstanceFacts {
  private InstanceFacts() {}

  static Surroundings surroundings(
      Handle tx, String name, String project, String region, Instance wanted) {
    FactLocks.shared(tx, networksOf(tx, project, wanted));
    Map<String, Subnetwork> subnetworks = new HashMap<>();
    Map<String, Network> networks = new HashMap<>();
    for (NetworkInterface nic : wanted.getNetworkInterfacesList()) {
      if (!nic.getSubnetwork().isEmpty()) {
        ResourceTable.SUBNETWORKS
            .get(tx, nic.getSubnetwork())
            .ifPresent(row -> subnetworks.put(row.name(), row.content()));
        continue;
      }
      String network = nic.getNetwork().isEmpty() ? Networks.defaultOf(project) : nic.getNetwork();
      ResourceTable.NETWORKS
          .get(tx, network)
          .ifPresent(row -> networks.put(row.name(), row.content()));
      automatic(tx, network, region)
          .ifPresent(subnetwork -> subnetworks.put(subnetwork.getName(), subnetwork));
    }
    FactLocks.exclusive(tx, subnetworks.keySet());
    return new Surroundings(
        project, region, networks, subnetworks, taken(tx, name, wanted, subnetworks.keySet()));
  }

  private static List<String> networksOf(Handle tx, String project, Instance wanted) {
    List<String> networks = new ArrayList<>();
    for (NetworkInterface nic : wanted.getNetworkInterfacesList()) {
      if (nic.getSubnetwork().isEmpty()) {
        networks.add(nic.getNetwork().isEmpty() ? Networks.defaultOf(project) : nic.getNetwork());
      } else {
        ResourceTable.SUBNETWORKS
            .get(tx, nic.getSubnetwork())
            .ifPresent(row -> networks.add(row.content().getNetwork()));
      }
    }
    return networks;
  }

  private static Optional<Subnetwork> automatic(Handle tx, String network, String region) {
    return tx.createQuery(
            """
            SELECT name FROM subnetwork
            WHERE network = :network AND region = :region AND automatic
            """)
        .bind("network", network)
        .bind("region", region)
        .mapTo(String.class)
        .findOne()
        .flatMap(name -> ResourceTable.SUBNETWORKS.get(tx, name))
        .map(ResourceTable.Row::content);
  }

  private static List<Taken> taken(
      Handle tx, String name, Instance wanted, Collection<String> subnetworks) {
    List<String> said = new ArrayList<>();
    boolean choosing = false;
    for (NetworkInterface nic : wanted.getNetworkInterfacesList()) {
      choosing |= nic.getNetworkIp().isEmpty();
      said.add(nic.getNetworkIp());
      for (AliasIpRange alias : nic.getAliasIpRangesList()) {
        choosing |= alias.getIpCidrRange().startsWith("/");
        said.add(alias.getIpCidrRange());
      }
    }
    List<String> ranges =
        said.stream()
            .flatMap(
                text ->
                    Stream.concat(
                        Ipv4Range.parse(text).stream(),
                        Ipv4Address.parse(text).map(Ipv4Range::of).stream()))
            .map(Ipv4Range::toString)
            .toList();
    // Everything there is costs more with every instance, so it is only looked at to choose.
    return tx.createQuery(
            "SELECT network, range::text AS range, instance FROM instance_range r"
                + " WHERE subnetwork = ANY(:subnetworks) AND instance <> :name"
                + (choosing
                    ? ""
                    : " AND EXISTS (SELECT FROM unnest(:ranges) AS s (range)"
                        + " WHERE s.range::cidr && r.range)"))
        .bindBySqlType("subnetworks", SqlArrays.of(tx, "text", subnetworks), Types.ARRAY)
        .bind("name", name)
        .configure(SqlStatements.class, config -> config.setUnusedBindingAllowed(true))
        .bindBySqlType("ranges", SqlArrays.of(tx, "text", ranges), Types.ARRAY)
        .map(
            (row, _) ->
                new Taken(
                    row.getString("network"),
                    Ipv4Range.parse(row.getString("range")).orElseThrow(),
                    row.getString("instance")))
        .list();
  }

  static InstanceUses uses(Handle tx, String name) {
    List<InstanceUses.Endpoint> endpoints =
        tx.createQuery(
                """
                SELECT neg, host(ip) AS ip, port, network, range::text AS range
                FROM neg_endpoint WHERE instance_name = :name ORDER BY neg, neg_endpoint.ip, port
                """)
            .bind("name", name)
            .map(
                (row, _) ->
                    new InstanceUses.Endpoint(
                        row.getString("neg"),
                        new EndpointAddress(
                            Ipv4Address.parse(row.getString("ip")).orElseThrow(),
                            row.getInt("port")),
                        row.getString("network"),
                        Ipv4Range.parse(row.getString("range")).orElseThrow()))
            .list();
    List<InstanceUses.Membership> memberships =
        tx.createQuery(
                """
                SELECT instance_group, network FROM instance_group_member
                WHERE instance = :name ORDER BY instance_group
                """)
            .bind("name", name)
            .map(
                (row, _) ->
                    new InstanceUses.Membership(
                        row.getString("instance_group"), row.getString("network")))
            .list();
    return new InstanceUses(endpoints, memberships);
  }
}
