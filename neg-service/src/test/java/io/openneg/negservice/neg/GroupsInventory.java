package io.openneg.negservice.neg;

import io.openneg.neg.v1.Network;
import org.jdbi.v3.core.Handle;

/** The inventory that {@link Groups} tells of, as rows: every address belongs to each instance. */
final class GroupsInventory {
  private GroupsInventory() {}

  static void create(Handle tx) {
    // Otherwise an address would belong to one instance only.
    tx.execute("ALTER TABLE instance_range DROP CONSTRAINT instance_range_one_owner");
    tx.execute(
        "INSERT INTO network VALUES (?, ?, ?, 1)",
        Groups.NETWORK,
        Groups.NETWORK_ID,
        Network.getDefaultInstance().toByteArray());
    tx.execute(
        "INSERT INTO subnetwork VALUES (?, ?, 'eu-west1', true, '', 1)",
        Groups.SUBNETWORK,
        Groups.NETWORK);
    tx.execute("INSERT INTO subnetwork_range VALUES (?, '', '10.0.0.0/8')", Groups.SUBNETWORK);
    String zone = Groups.NAME.substring(0, Groups.NAME.indexOf("/networkEndpointGroups/"));
    for (String id : Groups.INTERFACES.byInstance().keySet()) {
      String name = zone + "/instances/" + id;
      tx.execute("INSERT INTO instance VALUES (?, ?, '', 1)", name, Groups.NETWORK);
      tx.execute(
          "INSERT INTO instance_range VALUES (?, ?, ?, ?, '', CAST(? AS cidr), true)",
          name,
          Groups.NETWORK,
          Groups.NETWORK_ID,
          Groups.SUBNETWORK,
          Groups.EVERYTHING.toString());
    }
  }
}
