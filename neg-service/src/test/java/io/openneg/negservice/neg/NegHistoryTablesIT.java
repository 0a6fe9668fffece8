package io.openneg.negservice.neg;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Outcome;
import io.openneg.eventlog.Rebuild;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NegHistory.PastGroup;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** A group as of any version is what it was then, wherever the checkpoints lie. */
class NegHistoryTablesIT {
  private static final int CHECKPOINT_EVERY = 7;

  private final EventStore store = new EventStore("neg.events.v1");
  private final NegView view = new NegView(CHECKPOINT_EVERY);
  private final Jdbi jdbi = migrated(TestServers.freshDatabase());
  private final CommandRunner<NetworkEndpointGroup, NegCommand, NegEvent> runner =
      new CommandRunner<>(
          jdbi, store, new NegDecider(), new NegEventCodec(), view, () -> {}, 1_000);

  /** By version: the group's endpoints, or nothing when there was no group. */
  private final Map<Long, Optional<Map<EndpointAddress, Endpoint>>> remembered = new TreeMap<>();

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

  @Test
  void everyVersionIsReadAsItWas() {
    Random random = new Random(11);
    for (int life = 0; life < 3; life++) {
      run(Groups.createNeg());
      for (int step = 0; step < 60; step++) {
        run(command(random));
      }
      int refused =
          run(new StartDeletion(Groups.NAME)) instanceof Deleting(Live group)
              ? group.refusedDeletions()
              : 0;
      run(Groups.conclude(refused));
    }
    assertThat(remembered).hasSizeGreaterThan(100).containsValue(Optional.empty());
    assertThat(count()).as("checkpoints").isGreaterThan(20);
    assertAllAsRemembered();

    Rebuild.inline(jdbi, store, view);
    assertAllAsRemembered();

    // Without any, as in a log that is older than they are.
    jdbi.useHandle(NegCheckpoints::clear);
    assertAllAsRemembered();
  }

  private NetworkEndpointGroup run(NegCommand command) {
    Outcome.Done<NetworkEndpointGroup> done =
        runner
            .run(
                Groups.NAME,
                CommandContext.internal(Groups.NOW, "test", "test"),
                tx ->
                    command instanceof SetEndpoints(var name, var endpoints, var lab, _, _, var bad)
                        ? new SetEndpoints(name, endpoints, lab, Groups.INTERFACES, members(), bad)
                        : command)
            .orThrow();
    boolean exists = !(done.state() instanceof NetworkEndpointGroup.Absent);
    remembered.put(done.version(), exists ? Optional.of(members()) : Optional.empty());
    return done.state();
  }

  private static NegCommand command(Random random) {
    List<EndpointRequest> endpoints = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      endpoints.add(
          new EndpointRequest(
              "vm-" + random.nextInt(3),
              "10.0.0." + random.nextInt(12),
              OptionalInt.empty(),
              random.nextBoolean() ? Map.of() : Map.of("n", "\"" + random.nextInt(3) + "\" ✓")));
    }
    return switch (random.nextInt(5)) {
      case 0, 1 ->
          new AttachEndpoints(
              Groups.NAME, endpoints, false, Groups.INTERFACES, BadEndpoint.IS_LEFT_OUT);
      case 2, 3 -> new DetachEndpoints(Groups.NAME, endpoints, BadEndpoint.IS_LEFT_OUT);
      default ->
          new SetEndpoints(
              Groups.NAME, endpoints, false, Groups.INTERFACES, Map.of(), BadEndpoint.IS_LEFT_OUT);
    };
  }

  private Map<EndpointAddress, Endpoint> members() {
    return jdbi.withHandle(h -> view.endpoints(h, Groups.NAME, Optional.empty(), 100)).stream()
        .collect(Collectors.toMap(Endpoint::address, Function.identity()));
  }

  private void assertAllAsRemembered() {
    NegHistory history = new NegHistory(store, view);
    remembered.forEach(
        (version, expected) -> {
          Optional<PastGroup> past = jdbi.withHandle(h -> history.at(h, Groups.NAME, version));
          assertThat(past.<Map<EndpointAddress, Endpoint>>map(PastGroup::endpoints))
              .as("version %d", version)
              .isEqualTo(expected);
          past.ifPresent(
              group ->
                  assertThat(group.definition())
                      .isEqualTo(
                          Groups.definition(EndpointType.GCE_VM_IP_PORT, OptionalInt.of(8080))));
        });
  }

  private int count() {
    return jdbi.withHandle(
        h -> h.createQuery("SELECT count(*) FROM neg_checkpoint").mapTo(Integer.class).one());
  }
}
