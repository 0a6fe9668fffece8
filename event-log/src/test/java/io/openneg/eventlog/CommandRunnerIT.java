package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.Outcome.Done;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a command leaves behind, and what it does not. */
class CommandRunnerIT {
  private final AtomicInteger wakes = new AtomicInteger();
  private final Recording view = new Recording();
  private TestDatabase database;
  private EventStore store;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;

  /** Remembers what was applied live, and may fail after it. */
  private static final class Recording implements Projection {
    private final BasketTables tables = new BasketTables();
    private final List<RecordedEvent> applied = new ArrayList<>();
    private boolean fails;

    @Override
    public void apply(Handle tx, List<RecordedEvent> events) {
      tables.apply(tx, events);
      applied.addAll(events);
      if (fails) {
        throw new IllegalStateException("the view is broken");
      }
    }

    @Override
    public void clear(Handle tx) {
      tables.clear(tx);
    }
  }

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    store = new EventStore("runner.events.v1");
    runner = database.runner(store, view, wakes::incrementAndGet);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void whatIsDoneIsReadAtOnceAndWakesTheRelay() {
    assertThat(run(Basket.Put.many("x", 3))).isEqualTo(new Done<>(new Basket(3, "x3"), 3));
    assertThat(database.versions("stream")).containsExactly(1L, 2L, 3L);
    assertThat(wakes).hasValue(1);
  }

  @Test
  void whatIsRefusedOrHasNoEffectLeavesNoTrace() {
    assertThat(run(Basket.Put.one("forbidden"))).isInstanceOf(Outcome.Refused.class);
    assertThat(run(new Basket.Put(List.of()))).isEqualTo(new Done<>(new Basket(0, null), 0));
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
    assertThat(wakes).hasValue(0);
  }

  @Test
  void inABatchARefusedCommandDoesNotHoldUpTheOthers() {
    Map<String, Basket.Put> commands = new LinkedHashMap<>();
    commands.put("z", Basket.Put.one("x"));
    commands.put("bad", Basket.Put.one("forbidden"));
    commands.put("large", Basket.Put.one("x".repeat(EventStore.MAX_PAYLOAD + 1)));
    commands.put("idle", new Basket.Put(List.of()));
    commands.put("a", Basket.Put.many("y", 2));
    Map<String, Outcome<Basket>> outcomes = runner.runAll(commands, context());

    assertThat(outcomes.keySet()).containsExactly("z", "bad", "large", "idle", "a");
    assertThat(outcomes.get("z")).isEqualTo(new Done<>(new Basket(1, "x"), 1));
    assertThat(outcomes.get("bad")).isInstanceOf(Outcome.Refused.class);
    assertThat(outcomes.get("large")).isInstanceOf(Outcome.Refused.class);
    assertThat(outcomes.get("idle")).isEqualTo(new Done<>(new Basket(0, null), 0));
    assertThat(outcomes.get("a")).isEqualTo(new Done<>(new Basket(2, "y2"), 2));
    assertThat(database.one("SELECT count(*) FROM event")).isEqualTo(3);
    assertThat(wakes).hasValue(1);
    assertThat(runner.runAll(Map.of(), context())).isEmpty();
  }

  /** Kafka would refuse it, and it would hold up all that were recorded after it. */
  @Test
  void anEventThatKafkaWouldNotTakeIsRefusedBeforeItIsRecorded() {
    Outcome<Basket> outcome = run(Basket.Put.one("x".repeat(EventStore.MAX_PAYLOAD + 1)));
    assertThatThrownBy(outcome::orThrow)
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("EVENT_TOO_LARGE")
        .hasMessageContaining("the limit is 1000000");
    assertThat(run(Basket.Put.one("x".repeat(EventStore.MAX_PAYLOAD)))).isInstanceOf(Done.class);
  }

  @Test
  void aViewThatFailsRecordsNothingAndIsNotRemembered() {
    run(Basket.Put.one("before"));
    view.fails = true;
    assertThatThrownBy(() -> run(Basket.Put.one("lost"))).hasMessage("the view is broken");
    view.fails = false;
    assertThat(run(Basket.Put.one("after"))).isEqualTo(new Done<>(new Basket(2, "after"), 2));
    assertThat(database.versions("stream")).containsExactly(1L, 2L);
  }

  /** The session dies with the commit: nobody knows whether it held. */
  @Test
  void aCommitWhoseOutcomeIsUnknownDoesNotPoisonTheCache() {
    run(Basket.Put.one("before"));
    database
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    """
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON append
                      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
                    """));
    assertThatThrownBy(() -> run(Basket.Put.one("unknown")))
        .isInstanceOf(JdbiException.class)
        .matches(SqlErrors::isTransient);
    database.jdbi().useHandle(h -> h.execute("DROP TRIGGER die ON append"));

    assertThat(run(Basket.Put.one("after"))).isEqualTo(new Done<>(new Basket(2, "after"), 2));
    assertThat(database.versions("stream")).containsExactly(1L, 2L);
  }

  /** What a failover or a restored backup took back was remembered here. */
  @Test
  void aCommitThatTheDatabaseLostDoesNotLeaveAGap() {
    run(Basket.Put.many("x", 3));
    database
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    "UPDATE append SET last_version = 2, types = trim_array(types, 1), payloads = trim_array(payloads, 1)"));
    assertThat(run(Basket.Put.one("y"))).isEqualTo(new Done<>(new Basket(3, "y"), 3));
    assertThat(database.one("SELECT max(version) FROM event")).isEqualTo(3);
  }

  @Test
  void aCommitThatTheDatabaseReplacedIsNotTakenForTheRememberedOne() {
    run(Basket.Put.many("x", 3));
    database.jdbi().useHandle(h -> h.execute("UPDATE append SET payloads[3] = 'another'"));
    assertThat(runner.current("stream")).isEqualTo(new Done<>(new Basket(3, "another"), 3));
    assertThat(runner.runAll(Map.of("stream", Basket.Put.one("y")), context()))
        .containsEntry("stream", new Done<>(new Basket(4, "y"), 4));
  }

  @Test
  void aCommandWithinAnotherTransactionIsRefused() {
    assertThatThrownBy(
            () -> database.jdbi().useTransaction(_ -> run(Basket.Put.one("not durable"))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a command needs a transaction of its own");
    // A connection alone is no transaction.
    Outcome<Basket> outcome = database.jdbi().withHandle(_ -> run(Basket.Put.one("fine")));
    assertThat(outcome).isInstanceOf(Done.class);
  }

  /** PostgreSQL keeps microseconds: a rebuild must see the very time that was applied live. */
  @Test
  void anEventIsAppliedLiveAsItIsReadBack() {
    Instant nanos = Instant.parse("2026-10-25T01:30:00.123456789Z");
    for (Instant now : List.of(Instant.parse("1893-03-31T23:59:59.9Z"), nanos)) {
      runner.run(
          "stream",
          Basket.Put.one("thing"),
          new CommandContext(
              now, "actor", new CommandContext.RequestKey("id" + now, new byte[1]), "cause"));
    }
    List<RecordedEvent> read = database.jdbi().withHandle(h -> store.read(h, "stream", 0));
    assertThat(read)
        .usingRecursiveFieldByFieldElementComparator()
        .containsExactlyElementsOf(view.applied);
    assertThat(read.getLast().occurredAt()).isEqualTo("2026-10-25T01:30:00.123456Z");
  }

  private Outcome<Basket> run(Basket.Put command) {
    return runner.run("stream", command, context());
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
