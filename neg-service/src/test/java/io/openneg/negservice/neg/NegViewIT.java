package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.attach;
import static io.openneg.negservice.neg.Groups.conclude;
import static io.openneg.negservice.neg.Groups.detach;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The tables follow from the events alone. */
class NegViewIT {
  private static final EventStore STORE = new EventStore("neg.events.v1");
  private static final Jdbi JDBI = migrated(TestServers.freshDatabase());

  private static Jdbi migrated(Database database) {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog", "db/migration")
        .load()
        .migrate();
    Jdbi jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
    jdbi.useTransaction(GroupsInventory::create);
    return jdbi;
  }

  /** Every kind of event; groups and endpoints that come, go and come again. */
  @BeforeAll
  static void live() {
    CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner =
        new CommandRunner<>(
            JDBI, STORE, new NegDecider(), new NegEventCodec(), new NegView(), () -> {}, 10);
    var rack =
        new EndpointRequest(
            "vm-2", "10.0.3.1", OptionalInt.of(1), Map.of("rack", "\"7\" \\ ✓", "a", ""));
    for (NegCommand command :
        List.of(
            Groups.createNeg(),
            attach("10.0.0.1", "10.0.0.2", "10.0.0.3"),
            detach("10.0.0.2"),
            new StartDeletion(Groups.NAME),
            conclude(0, "projects/shop/global/backendServices/web"),
            attach("10.0.0.2", "10.0.0.4"),
            new StartDeletion(Groups.NAME),
            conclude(1),
            Groups.createNeg(),
            attach("10.0.0.1", "10.0.0.5", "10.0.0.6"),
            detach("10.0.0.5"),
            attach("10.0.0.5:81"),
            detach("10.0.0.6", "10.0.0.5:81"),
            attach(rack, Groups.at("10.0.0.6")),
            new StartDeletion(Groups.NAME))) {
      runner
          .run(Groups.NAME, command, CommandContext.internal(Groups.NOW, "test", "live"))
          .orThrow();
    }
  }

  @Test
  void theTablesAreWhatTheEventsSay() {
    assertThat(JDBI.withHandle(NegViewIT::rows))
        .containsExactly(
            "(" + Groups.NAME + ",10.0.0.1,8080,vm-1,{}," + onInstance("vm-1"),
            "(" + Groups.NAME + ",10.0.0.6,8080,vm-1,{}," + onInstance("vm-1"),
            "("
                + Groups.NAME
                + ",10.0.3.1,1,vm-2,\"{\"\"a\"\": \"\"\"\","
                + " \"\"rack\"\": \"\"\\\\\"\"7\\\\\"\" \\\\\\\\ ✓\"\"}\","
                + onInstance("vm-2"),
            "("
                + Groups.NAME
                + ",shop,4711,\"2026-11-23 08:00:00.123456+00\",\"\",GCE_VM_IP_PORT,"
                + "projects/shop/global/networks/default,8080,{},3,22,t,17,"
                + Groups.SUBNETWORK
                + ")");
  }

  private static String onInstance(String id) {
    return "projects/shop/zones/eu-west1-b/instances/%s,%s,0.0.0.0/0)"
        .formatted(id, Groups.NETWORK);
  }

  @Test
  void theTablesRebuiltAreTheTablesAsTheyWere() {
    List<String> before = JDBI.withHandle(NegViewIT::rows);
    Rebuild.inline(JDBI, STORE, new NegView());
    assertThat(JDBI.withHandle(NegViewIT::rows)).isEqualTo(before);
  }

  @Test
  void howTheLogIsCutIntoBatchesChangesNothing() {
    List<String> before = JDBI.withHandle(NegViewIT::rows);
    List<RecordedEvent> log = new ArrayList<>();
    JDBI.useTransaction(tx -> STORE.readAll(tx, 1_000, log::addAll));
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      int bound = 1 + round % log.size();
      JDBI.useTransaction(
          tx -> {
            NegView view = new NegView();
            view.clear(tx);
            for (int from = 0; from < log.size(); ) {
              int to = Math.min(log.size(), from + 1 + random.nextInt(bound));
              view.apply(tx, log.subList(from, to));
              from = to;
            }
            assertThat(rows(tx)).as("batches of up to %d", bound).isEqualTo(before);
          });
    }
  }

  private static List<String> rows(Handle handle) {
    List<String> rows = new ArrayList<>();
    for (String table : List.of("neg_endpoint", "neg")) {
      rows.addAll(
          handle
              .createQuery("SELECT t::text FROM " + table + " t ORDER BY t::text")
              .mapTo(String.class)
              .list());
    }
    return rows;
  }
}
