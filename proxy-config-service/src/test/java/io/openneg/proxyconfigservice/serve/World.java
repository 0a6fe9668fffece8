package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.Fixtures;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;

/** A routing table that changes, and its snapshots one after the other. */
final class World {
  private RoutingTable table;
  private XdsSnapshot snapshot;

  World(RowChange... rows) {
    table = Fixtures.table(rows);
    snapshot = Translator.translate(table, Fixtures.KEYS);
  }

  XdsSnapshot snapshot() {
    return snapshot;
  }

  XdsSnapshot change(RowChange... changes) {
    RoutingTableDelta delta = Fixtures.delta(table, changes);
    table = table.apply(delta);
    snapshot = Translator.translate(snapshot, table, delta, Fixtures.KEYS);
    return snapshot;
  }
}
