package io.openneg.proxyconfigservice.routing;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.detached;
import static io.openneg.proxyconfigservice.Fixtures.draining;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.health;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.next;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.table;
import static io.openneg.proxyconfigservice.Fixtures.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.RandomRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RoutingTableTest {

  @Test
  void rowsOfEveryKindCanBeReadBack() {
    Instant until = Instant.ofEpochSecond(1_000);
    RoutingTable table =
        table(
            attached(neg("n"), address(1)),
            draining(service("s"), neg("n"), address(2), until),
            health(check("c"), address(1), HealthState.HEALTHY));

    assertThat(table.endpoints(neg("n"))).containsOnlyKeys(address(1));
    assertThat(table.draining(service("s"), neg("n"))).containsEntry(address(2), until);
    assertThat(table.health(check("c")))
        .containsEntry(address(1), verdict(check("c"), address(1), HealthState.HEALTHY));
    assertThat(table.endpoints(neg("unknown"))).isEmpty();
  }

  @Test
  void aTableDoesNotChangeWithItsSuccessors() {
    RoutingTable before = table(attached(neg("n"), address(1)));
    RoutingTable after = next(before, detached(neg("n"), address(1)));

    assertThat(before.endpoints(neg("n"))).hasSize(1);
    assertThat(after.endpoints(neg("n"))).isEmpty();
  }

  @Test
  void theIndexesFollowTheBackendServices() {
    RoutingTable table =
        table(service(httpService(service("s"), neg("a"), neg("b")).addHealthChecks(check("c"))));
    assertThat(table.servicesOfNeg(neg("a"))).containsExactly(service("s"));

    RoutingTable moved = next(table, service(httpService(service("s"), neg("b"))));
    assertThat(moved.servicesOfNeg(neg("a"))).isEmpty();
    assertThat(moved.servicesOfNeg(neg("b"))).containsExactly(service("s"));
    assertThat(moved.servicesOfHealthCheck(check("c"))).isEmpty();

    RoutingTable without = next(moved, gone(RowKind.BACKEND_SERVICE, service("s")));
    assertThat(without.servicesOfNeg(neg("b"))).isEmpty();
  }

  @Test
  void anOlderDeltaCannotOverwriteANewerTable() {
    RoutingTable table = table(attached(neg("n"), address(1)));
    RoutingTable newer = next(table, attached(neg("n"), address(2)));
    RoutingTableDelta late = new RoutingTableDelta(1, 2, List.of(detached(neg("n"), address(1))));

    assertThatThrownBy(() -> newer.apply(late)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anySplitIntoBatchesReachesTheSameTable() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      List<RowChange> changes = new RandomRows(seed).changes(300).toList();

      RoutingTable oneByOne = RoutingTable.empty();
      for (RowChange change : changes) {
        oneByOne = oneByOne.apply(delta(oneByOne, 1, List.of(change)));
      }
      RoutingTable inBatches = RoutingTable.empty();
      int from = 0;
      while (from < changes.size()) {
        int to = Math.min(changes.size(), from + 1 + random.nextInt(60));
        List<RowChange> batch = lastOfEachKey(changes.subList(from, to));
        inBatches = inBatches.apply(delta(inBatches, to - from, batch));
        from = to;
      }

      assertThat(inBatches).as("seed %d", seed).isEqualTo(oneByOne);
    }
  }

  private static RoutingTableDelta delta(
      RoutingTable table, int revisions, List<RowChange> changes) {
    return new RoutingTableDelta(table.revision(), table.revision() + revisions, changes);
  }

  private static List<RowChange> lastOfEachKey(List<RowChange> changes) {
    Map<RowKey, RowChange> last = new LinkedHashMap<>();
    changes.forEach(change -> last.put(change.key(), change));
    return new ArrayList<>(last.values());
  }
}
