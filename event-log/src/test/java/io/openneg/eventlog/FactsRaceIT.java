package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Facts of other streams, read before the append, may be wrong by the time of the commit. A plain
 * foreign key finds out.
 */
class FactsRaceIT {
  private TestDatabase database;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;
  private final AtomicInteger decisions = new AtomicInteger();

  /** The thing {@code use} refers to the resource; the thing {@code delete} deletes it. */
  private static final class References implements Projection {
    @Override
    public void apply(Handle tx, List<RecordedEvent> events) {
      for (RecordedEvent event : events) {
        switch (BasketTables.thing(event)) {
          case "use" ->
              tx.execute(
                  "INSERT INTO reference (user_name, used) VALUES (?, 'resource')", event.stream());
          case "delete" -> tx.execute("DELETE FROM resource WHERE name = 'resource'");
          default -> throw new IllegalStateException(event.id());
        }
      }
    }

    @Override
    public void clear(Handle tx) {
      tx.execute("DELETE FROM reference");
    }
  }

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    runner = database.runner(new EventStore("facts.events.v1"), new References(), () -> {});
    database.jdbi().useHandle(h -> h.execute("INSERT INTO resource VALUES ('resource')"));
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void aReferenceToWhatIsDeletedMeanwhileIsDecidedAgainOnFreshFacts() {
    Outcome<Basket> outcome =
        runner.run(
            "user",
            context(),
            tx -> {
              boolean exists = count(tx, "resource") == 1;
              meanwhile("DELETE FROM resource");
              return Basket.Put.one(exists ? "use" : "forbidden");
            });
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(decisions).hasValue(2);
    // The first try left nothing behind, neither in the log nor in what is remembered.
    assertThat(runner.current("user")).isEqualTo(new Outcome.Done<>(new Basket(0, null), 0));
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
  }

  @Test
  void aDeletionOfWhatIsReferredToMeanwhileIsDecidedAgainOnFreshFacts() {
    Outcome<Basket> outcome =
        runner.run(
            "resource",
            context(),
            tx -> {
              boolean used = count(tx, "reference") > 0;
              meanwhile("INSERT INTO reference VALUES ('somebody', 'resource')");
              return Basket.Put.one(used ? "forbidden" : "delete");
            });
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(decisions).hasValue(2);
    assertThat(database.one("SELECT count(*) FROM resource")).isOne();
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
  }

  /** Whoever writes without queueing: the primary key is the lock that counts. */
  @Test
  void anEventAppendedMeanwhileIsNotOverwritten() {
    EventStore store = new EventStore("facts.events.v1");
    var baskets = database.runner(store, () -> {});
    Outcome<Basket> outcome =
        baskets.run(
            "stream",
            context(),
            _ -> {
              if (decisions.incrementAndGet() == 1) {
                try (Handle other = database.jdbi().open()) {
                  var event = new NewEvent("openneg.test.ThingPut", new byte[] {'x'});
                  var append = new StreamAppend("stream", 0, List.of(event));
                  other.useTransaction(tx -> store.append(tx, List.of(append), context()));
                }
              }
              return Basket.Put.one("mine");
            });
    assertThat(outcome).isEqualTo(new Outcome.Done<>(new Basket(2, "mine"), 2));
    assertThat(decisions).hasValue(2);
  }

  @Test
  void aDecisionThatIgnoresTheFactsFailsInsteadOfGoingOnForEver() {
    database.jdbi().useHandle(h -> h.execute("DELETE FROM resource"));
    Function<Handle, Basket.Put> ignorant =
        _ -> {
          decisions.incrementAndGet();
          return Basket.Put.one("use");
        };
    assertThatThrownBy(() -> runner.run("user", context(), ignorant))
        .isInstanceOf(JdbiException.class)
        .matches(SqlErrors::isConflict);
    assertThat(decisions).hasValueBetween(2, 100);
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
  }

  /** Another transaction commits this, once, between the facts and the append. */
  private void meanwhile(String statement) {
    if (decisions.incrementAndGet() == 1) {
      try (Handle other = database.jdbi().open()) {
        other.execute(statement);
      }
    }
  }

  private static long count(Handle tx, String table) {
    return tx.createQuery("SELECT count(*) FROM " + table).mapTo(Long.class).one();
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
