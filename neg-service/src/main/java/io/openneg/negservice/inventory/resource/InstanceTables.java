package io.openneg.negservice.inventory.resource;

import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.NetworkInterface;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** An instance and its addresses as rows. */
final class InstanceTables {
  private InstanceTables() {}

  private record RangeRow(
      String network, String subnetwork, String rangeName, String range, boolean primary) {}

  /** Ranges that stay keep their rows, which endpoints refer to. */
  static void put(Handle tx, Instance instance, long version) {
    String name = instance.getName();
    tx.createUpdate(
            """
            INSERT INTO instance (name, network, content, version)
            VALUES (:name, :network, :content, :version)
            ON CONFLICT (name) DO UPDATE SET
              network = excluded.network, content = excluded.content, version = excluded.version
            """)
        .bind("name", name)
        .bind("network", instance.getNetworkInterfaces(0).getNetwork())
        .bind("content", instance.toByteArray())
        .bind("version", version)
        .execute();
    List<RangeRow> rows = rows(instance);
    tx.createUpdate(
            """
            DELETE FROM instance_range r
            WHERE r.instance = :name AND NOT EXISTS (
              SELECT FROM unnest(:networks, :ranges) AS n (network, range)
              WHERE n.network = r.network AND n.range::cidr = r.range)
            """)
        .bind("name", name)
        .bindBySqlType("networks", SqlArrays.of(tx, "text", rows, RangeRow::network), Types.ARRAY)
        .bindBySqlType("ranges", SqlArrays.of(tx, "text", rows, RangeRow::range), Types.ARRAY)
        .execute();
    // Without its network the id is null, which is a conflict: the network went meanwhile.
    tx.createUpdate(
            """
            INSERT INTO instance_range
              (instance, network, network_id, subnetwork, range_name, range, is_primary)
            SELECT :name, n.network, COALESCE(w.id, -1), n.subnetwork, n.range_name,
              n.range::cidr, n.is_primary
            FROM unnest(:networks, :subnetworks, :names, :ranges, :primaries)
              AS n (network, subnetwork, range_name, range, is_primary)
            LEFT JOIN network w ON w.name = n.network
            ON CONFLICT (instance, network, range) DO UPDATE SET
              subnetwork = excluded.subnetwork, range_name = excluded.range_name,
              is_primary = excluded.is_primary
            """)
        .bind("name", name)
        .bindBySqlType("networks", SqlArrays.of(tx, "text", rows, RangeRow::network), Types.ARRAY)
        .bindBySqlType(
            "subnetworks", SqlArrays.of(tx, "text", rows, RangeRow::subnetwork), Types.ARRAY)
        .bindBySqlType("names", SqlArrays.of(tx, "text", rows, RangeRow::rangeName), Types.ARRAY)
        .bindBySqlType("ranges", SqlArrays.of(tx, "text", rows, RangeRow::range), Types.ARRAY)
        .bindBySqlType("primaries", SqlArrays.of(tx, "bool", rows, RangeRow::primary), Types.ARRAY)
        .execute();
  }

  private static List<RangeRow> rows(Instance instance) {
    List<RangeRow> rows = new ArrayList<>();
    for (NetworkInterface nic : instance.getNetworkInterfacesList()) {
      rows.add(
          new RangeRow(
              nic.getNetwork(), nic.getSubnetwork(), "", nic.getNetworkIp() + "/32", true));
      for (AliasIpRange alias : nic.getAliasIpRangesList()) {
        rows.add(
            new RangeRow(
                nic.getNetwork(),
                nic.getSubnetwork(),
                alias.getSubnetworkRangeName(),
                alias.getIpCidrRange(),
                false));
      }
    }
    return rows;
  }
}
