package io.openneg.negservice.inventory.resource;

import com.google.protobuf.Message;
import io.openneg.eventlog.Projection;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.SqlArrays;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.Subnetwork;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * The tables of the inventory. Their references and exclusions are the last word on races between
 * commands, see {@code docs/adr/0008}. Thread-safe.
 */
public final class InventoryView implements Projection {
  private final InventoryEventCodec codec = new InventoryEventCodec();

  @Override
  public void apply(Handle tx, List<RecordedEvent> events) {
    Map<String, Long> endpointsOf = new HashMap<>();
    for (RecordedEvent recorded : events) {
      NegEvent event = codec.decode(recorded.payload());
      apply(tx, recorded.stream(), recorded.version(), event);
      if (event.hasEndpointAttached() || event.hasEndpointDetached()) {
        endpointsOf.put(recorded.stream(), recorded.version());
      }
    }
    // Once a group, not once an endpoint, of which a command may have thousands.
    endpointsOf.forEach(
        (group, version) ->
            tx.createUpdate(
                    """
                    UPDATE instance_group SET version = greatest(version, :version)
                    WHERE name = :group
                    """)
                .bind("group", group)
                .bind("version", version)
                .execute());
  }

  private static void apply(Handle tx, String name, long version, NegEvent event) {
    switch (event.getEventCase()) {
      case NETWORK_CREATED -> {
        Network network = event.getNetworkCreated().getNetwork();
        tx.createUpdate(
                "INSERT INTO network (name, id, content, version) VALUES (:name, :id, :content, 0)")
            .bind("name", name)
            .bind("id", network.getId())
            .bind("content", network.toByteArray())
            .execute();
        put(tx, "network", name, network, version);
      }
      case NETWORK_SWITCHED_TO_CUSTOM_MODE -> {
        put(
            tx,
            "network",
            name,
            network(tx, name).toBuilder().setAutoCreateSubnetworks(false).build(),
            version);
        for (ResourceTable.Row<Subnetwork> row : subnetworks(tx, name)) {
          Subnetwork subnetwork = row.content().toBuilder().setAutomatic(false).build();
          putSubnetwork(tx, name, subnetwork, version);
        }
      }
      case NETWORK_DELETED -> delete(tx, "network", name);
      case SUBNETWORK_CREATED ->
          insertSubnetwork(tx, name, event.getSubnetworkCreated().getSubnetwork(), version);
      case SUBNETWORK_UPDATED ->
          putSubnetwork(tx, name, event.getSubnetworkUpdated().getSubnetwork(), version);
      case SUBNETWORK_DELETED -> {
        String subnetwork = event.getSubnetworkDeleted().getName();
        delete(tx, "subnetwork", subnetwork);
        TreeSet<String> rest = new TreeSet<>(network(tx, name).getSubnetworksList());
        rest.remove(subnetwork);
        putNames(tx, name, rest, version);
      }
      case INSTANCE_CREATED ->
          InstanceTables.put(tx, event.getInstanceCreated().getInstance(), version);
      case INSTANCE_UPDATED ->
          InstanceTables.put(tx, event.getInstanceUpdated().getInstance(), version);
      case INSTANCE_DELETED -> delete(tx, "instance", name);
      case INSTANCE_GROUP_CREATED -> {
        InstanceGroup group = event.getInstanceGroupCreated().getInstanceGroup();
        tx.createUpdate(
                "INSERT INTO instance_group (name, content, version) VALUES (:name, :content, 0)")
            .bind("name", name)
            .bind("content", group.toByteArray())
            .execute();
        put(tx, "instance_group", name, group, version);
      }
      case INSTANCES_ADDED -> {
        var added = event.getInstancesAdded();
        tx.createUpdate(
                """
                INSERT INTO instance_group_member (instance_group, instance, network)
                SELECT :group, instance, :network FROM unnest(:instances) AS i (instance)
                """)
            .bind("group", name)
            .bind("network", added.getNetwork())
            .bindBySqlType(
                "instances", SqlArrays.of(tx, "text", added.getInstancesList()), Types.ARRAY)
            .execute();
        InstanceGroup before = group(tx, name);
        put(
            tx,
            "instance_group",
            name,
            before.toBuilder()
                .setNetwork(added.getNetwork())
                .setSize(before.getSize() + added.getInstancesCount())
                .build(),
            version);
      }
      case INSTANCES_REMOVED -> {
        var removed = event.getInstancesRemoved().getInstancesList();
        tx.createUpdate(
                """
                DELETE FROM instance_group_member
                WHERE instance_group = :group AND instance = ANY(:instances)
                """)
            .bind("group", name)
            .bindBySqlType("instances", SqlArrays.of(tx, "text", removed), Types.ARRAY)
            .execute();
        InstanceGroup before = group(tx, name);
        int size = before.getSize() - removed.size();
        InstanceGroup.Builder after = before.toBuilder().setSize(size);
        put(
            tx,
            "instance_group",
            name,
            size == 0 ? after.clearNetwork().build() : after.build(),
            version);
      }
      case NAMED_PORTS_SET ->
          put(
              tx,
              "instance_group",
              name,
              group(tx, name).toBuilder()
                  .clearNamedPorts()
                  .addAllNamedPorts(event.getNamedPortsSet().getNamedPortsList())
                  .build(),
              version);
      case INSTANCE_GROUP_DELETED -> delete(tx, "instance_group", name);
      case ENDPOINT_ATTACHED, ENDPOINT_DETACHED -> {
        // They follow from members and ports.
      }
      case INSTANCE_GROUP_DELETION_STARTED -> setDeleting(tx, name, true, version);
      case INSTANCE_GROUP_DELETION_REFUSED -> setDeleting(tx, name, false, version);
      case NEG_CREATED, ENDPOINT_UPDATED, NEG_DELETION_STARTED, NEG_DELETION_REFUSED, NEG_DELETED ->
          throw new IllegalArgumentException(event.getEventCase() + " is of a group");
      case EVENT_NOT_SET -> throw new IllegalArgumentException("a NegEvent of no known kind");
    }
  }

  private static void setDeleting(Handle tx, String name, boolean deleting, long version) {
    tx.createUpdate("UPDATE instance_group SET deleting = :deleting WHERE name = :name")
        .bind("name", name)
        .bind("deleting", deleting)
        .execute();
    put(tx, "instance_group", name, group(tx, name), version);
  }

  /** Names of the instance groups whose deletion is recorded and not decided. */
  public static List<String> deletingInstanceGroups(Handle handle) {
    return handle
        .createQuery("SELECT name FROM instance_group WHERE deleting ORDER BY name")
        .mapTo(String.class)
        .list();
  }

  private static Network network(Handle tx, String name) {
    return ResourceTable.NETWORKS.get(tx, name).orElseThrow().content();
  }

  private static InstanceGroup group(Handle tx, String name) {
    return ResourceTable.INSTANCE_GROUPS.get(tx, name).orElseThrow().content();
  }

  private static List<ResourceTable.Row<Subnetwork>> subnetworks(Handle tx, String network) {
    return network(tx, network).getSubnetworksList().stream()
        .map(name -> ResourceTable.SUBNETWORKS.get(tx, name).orElseThrow())
        .toList();
  }

  /** A name that a subnetwork of another network has is a conflict. */
  private static void insertSubnetwork(
      Handle tx, String network, Subnetwork subnetwork, long version) {
    tx.createUpdate(
            """
            INSERT INTO subnetwork (name, network, region, automatic, content, version)
            VALUES (:name, :network, split_part(:name, '/', 4), false, '', 0)
            """)
        .bind("name", subnetwork.getName())
        .bind("network", network)
        .execute();
    TreeSet<String> all = new TreeSet<>(network(tx, network).getSubnetworksList());
    all.add(subnetwork.getName());
    putNames(tx, network, all, version);
    putSubnetwork(tx, network, subnetwork, version);
  }

  private static void putSubnetwork(
      Handle tx, String network, Subnetwork subnetwork, long version) {
    String name = subnetwork.getName();
    tx.createUpdate(
            """
            UPDATE subnetwork SET automatic = :automatic, content = :content, version = :version
            WHERE name = :name
            """)
        .bind("name", name)
        .bind("automatic", subnetwork.getAutomatic())
        .bind("content", subnetwork.toByteArray())
        .bind("version", version)
        .execute();
    List<String> names = new ArrayList<>(List.of(""));
    List<String> ranges = new ArrayList<>(List.of(subnetwork.getIpCidrRange()));
    subnetwork
        .getSecondaryIpRangesList()
        .forEach(
            secondary -> {
              names.add(secondary.getRangeName());
              ranges.add(secondary.getIpCidrRange());
            });
    tx.createUpdate(
            "DELETE FROM subnetwork_range WHERE subnetwork = :name AND range_name <> ALL(:names)")
        .bind("name", name)
        .bindBySqlType("names", SqlArrays.of(tx, "text", names), Types.ARRAY)
        .execute();
    tx.createUpdate(
            """
            INSERT INTO subnetwork_range (subnetwork, range_name, range)
            SELECT :name, r.range_name, r.range::cidr
            FROM unnest(:names, :ranges) AS r (range_name, range)
            ON CONFLICT (subnetwork, range_name) DO UPDATE SET range = excluded.range
            """)
        .bind("name", name)
        .bindBySqlType("names", SqlArrays.of(tx, "text", names), Types.ARRAY)
        .bindBySqlType("ranges", SqlArrays.of(tx, "text", ranges), Types.ARRAY)
        .execute();
    put(tx, "network", network, network(tx, network), version);
  }

  private static void putNames(Handle tx, String network, SortedSet<String> names, long version) {
    Network content =
        network(tx, network).toBuilder().clearSubnetworks().addAllSubnetworks(names).build();
    put(tx, "network", network, content, version);
  }

  private static void put(Handle tx, String table, String name, Message content, long version) {
    tx.createUpdate(
            "UPDATE " + table + " SET content = :content, version = :version WHERE name = :name")
        .bind("name", name)
        .bind("content", content.toByteArray())
        .bind("version", version)
        .execute();
  }

  private static void delete(Handle tx, String table, String name) {
    tx.createUpdate("DELETE FROM " + table + " WHERE name = :name").bind("name", name).execute();
  }

  /** With what refers to it, so before the groups are cleared nothing may be checked. */
  @Override
  public void clear(Handle tx) {
    tx.execute("SET CONSTRAINTS ALL DEFERRED");
    for (String table :
        List.of(
            "instance_group_member",
            "instance_group",
            "instance_range",
            "instance",
            "subnetwork_range",
            "subnetwork",
            "network")) {
      tx.execute("DELETE FROM " + table);
    }
  }
}
