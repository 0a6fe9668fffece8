package io.openneg.negservice.neg;

import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.Network;
import io.openneg.negservice.inventory.network.Networks;
import io.openneg.negservice.inventory.resource.FactLocks;
import io.openneg.negservice.inventory.resource.ResourceTable;
import io.openneg.negservice.neg.Interfaces.Interface;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What commands on groups must know of the inventory, read in their transaction. */
final class InventoryQueries {
  private InventoryQueries() {}

  static NegNetwork network(Handle tx, String region, String network, String subnetwork) {
    FactLocks.shared(tx, List.of(network));
    Optional<Network> found =
        ResourceTable.NETWORKS.get(tx, network).map(ResourceTable.Row::content);
    Optional<String> automatic =
        tx.createQuery(
                """
                SELECT name FROM subnetwork
                WHERE network = :network AND region = :region AND automatic
                """)
            .bind("network", network)
            .bind("region", region)
            .mapTo(String.class)
            .findOne();
    return new NegNetwork(
        region,
        network,
        found.map(n -> OptionalLong.of(n.getId())).orElse(OptionalLong.empty()),
        found.isPresent() && !Networks.takesEndpoints(found.get()),
        automatic,
        ResourceTable.SUBNETWORKS.get(tx, subnetwork).map(row -> row.content().getNetwork()));
  }

  /** By one query, however many endpoints and instances there are. */
  static Interfaces interfaces(Handle tx, String neg, List<EndpointRequest> endpoints) {
    List<String> instances =
        endpoints.stream()
            .map(EndpointRequest::instance)
            .filter(EndpointRules::isInstance)
            .distinct()
            .toList();
    if (instances.isEmpty()) {
      return Interfaces.NONE;
    }
    Map<String, Found> found = new HashMap<>();
    tx.createQuery(
            """
            SELECT i.id, r.subnetwork, r.range::text AS range, r.is_primary
            FROM neg n
            CROSS JOIN unnest(:instances) AS i (id)
            JOIN instance x ON x.name = :zone || '/instances/' || i.id
            LEFT JOIN instance_range r ON r.instance = x.name
              AND r.network = n.network AND r.network_id = n.network_id
            WHERE n.name = :neg
            """)
        .bindBySqlType("instances", SqlArrays.of(tx, "text", instances), Types.ARRAY)
        .bind("zone", neg.substring(0, neg.indexOf("/networkEndpointGroups/")))
        .bind("neg", neg)
        .map(
            (row, _) -> {
              Found instance = found.computeIfAbsent(row.getString("id"), _ -> new Found());
              instance.add(
                  row.getString("subnetwork"),
                  row.getString("range"),
                  row.getBoolean("is_primary"));
              return true;
            })
        .list();
    Map<String, Optional<Interface>> interfaces = new HashMap<>();
    found.forEach((id, instance) -> interfaces.put(id, instance.complete()));
    return new Interfaces(interfaces);
  }

  /** An interface while its rows come in. */
  private static final class Found {
    private final List<Ipv4Range> ranges = new ArrayList<>();
    private @Nullable String subnetwork;
    private @Nullable Ipv4Address primary;

    private void add(@Nullable String ofSubnetwork, @Nullable String range, boolean isPrimary) {
      if (range == null) {
        return;
      }
      Ipv4Range known = Ipv4Range.parse(range).orElseThrow();
      ranges.add(known);
      subnetwork = ofSubnetwork;
      if (isPrimary) {
        primary = known.first();
      }
    }

    private Optional<Interface> complete() {
      return subnetwork == null || primary == null
          ? Optional.empty()
          : Optional.of(new Interface(subnetwork, primary, List.copyOf(ranges)));
    }
  }
}
