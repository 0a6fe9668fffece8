package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A batch of 10,000 is one transaction and a few statements, whichever way it is cut. */
class LargeAppendIT {
  private static final int MANY = 10_000;
  private static TestDatabase database;

  @BeforeAll
  static void start() {
    database = TestDatabase.fresh();
  }

  @AfterAll
  static void stop() {
    database.close();
  }

  @Test
  void tenThousandEventsToOneStream() {
    var runner = database.runner(new EventStore("large.events.v1"), () -> {});
    Instant begin = Instant.now();

    var done = runner.run("one", Basket.Put.many("thing-", MANY), context()).orThrow();

    print("append of 10,000 events to one stream", begin);
    assertThat(done).isEqualTo(new Outcome.Done<>(new Basket(MANY, "thing-10000"), MANY));
    assertThat(transactions("one")).isOne();
    assertThat(runner.current("one")).isEqualTo(done);
  }

  @Test
  void tenThousandStreamsInOneTransaction() {
    var runner = database.runner(new EventStore("large.events.v1"), () -> {});
    Map<String, Basket.Put> commands = new LinkedHashMap<>();
    for (int i = 0; i < MANY; i++) {
      commands.put("many-" + i, Basket.Put.one("thing"));
    }
    for (int round = 1; round <= 2; round++) {
      Instant begin = Instant.now();

      Map<String, Outcome<Basket>> outcomes = runner.runAll(commands, context());

      print("one event to each of 10,000 streams, round " + round, begin);
      assertThat(outcomes.keySet()).containsExactlyElementsOf(commands.keySet());
      assertThat(outcomes.values())
          .containsOnly(new Outcome.Done<>(new Basket(round, "thing"), round));
      assertThat(transactions("many-")).isEqualTo(round);
    }
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "large");
  }

  private static int transactions(String prefix) {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "SELECT count(DISTINCT txid) FROM event WHERE starts_with(stream, :prefix)")
                    .bind("prefix", prefix)
                    .mapTo(Integer.class)
                    .one());
  }

  private static void print(String what, Instant begin) {
    System.out.printf("%s: %d ms%n", what, Duration.between(begin, Instant.now()).toMillis());
  }
}
