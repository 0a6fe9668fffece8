package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

  @Test
  void fromCommandToProjection() throws Exception {
    Semaphore committed = new Semaphore(0);
    try (TestTopic topic = TestTopic.fresh();
        TestDatabase reader = TestDatabase.fresh();
        OutboxRelay relay =
            new OutboxRelay(database.sessions("relay"), topic.store(), topic.kafka(), "/test");
        KafkaProjector projector =
            new KafkaProjector(
                reader.sessions("projector"),
                "baskets",
                Set.of(topic.name()),
                topic.kafka(),
                new BasketTables(),
                committed::release)) {
      relay.start();
      projector.start();
      var runner = database.runner(topic.store(), relay::wake);
      Instant begin = Instant.now();
      runner.run("path", Basket.Put.many("thing-", MANY), context());
      await().until(() -> reader.one("SELECT count(*) FROM basket_thing") >= MANY);
      print("10,000 events from command to projection, with start-up", begin);

      List<Duration> times = new ArrayList<>();
      for (int i = 1; i <= 300; i++) {
        committed.drainPermits();
        Instant sent = Instant.now();
        runner.run("path", Basket.Put.one("single"), context());
        long version = (long) MANY + i;
        while (reader.one("SELECT size FROM basket WHERE stream = 'path'") < version) {
          assertThat(committed.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
        }
        times.add(Duration.between(sent, Instant.now()));
      }
      Collections.sort(times);
      System.out.printf(
          "one event from command to projection: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms%n",
          times.get(150).toNanos() / 1e6,
          times.get(270).toNanos() / 1e6,
          times.get(297).toNanos() / 1e6);
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
