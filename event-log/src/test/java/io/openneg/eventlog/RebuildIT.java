package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Any projection can be dropped and made anew, and is what it was. */
class RebuildIT {
  private final Random random = new Random(42);
  private TestDatabase source;
  private TestDatabase reader;
  private TestTopic topic;

  @BeforeEach
  void start() {
    source = TestDatabase.fresh();
    reader = TestDatabase.fresh();
    topic = TestTopic.fresh();
  }

  @AfterEach
  void stop() {
    topic.close();
    reader.close();
    source.close();
  }

  @Test
  void aRebuiltProjectionEqualsTheLiveOneInlineAndBehindKafka() {
    try (OutboxRelay relay =
        new OutboxRelay(source.sessions("relay"), topic.store(), topic.kafka(), "/test")) {
      relay.start();
      var runner = source.runner(topic.store(), relay::wake);
      KafkaProjector projector = projector();
      projector.start();
      for (int i = 0; i < 300; i++) {
        Basket.Put command = Basket.Put.many("thing-" + i + "-", random.nextInt(20));
        runner.run("stream-" + random.nextInt(15), command, context());
      }
      List<String> live = source.dump();
      assertThat(live).hasSizeGreaterThan(1_000);
      await().untilAsserted(() -> assertThat(reader.dump()).isEqualTo(live));
      projector.close();

      source.jdbi().useHandle(h -> h.execute("UPDATE basket SET size = 0, last = 'corrupt'"));
      source.jdbi().useHandle(h -> h.execute("DELETE FROM basket_thing WHERE version % 7 = 0"));
      Rebuild.inline(source.jdbi(), topic.store(), new BasketTables());
      assertThat(source.dump()).isEqualTo(live);

      reader.jdbi().useHandle(h -> h.execute("UPDATE basket SET size = 0, last = 'corrupt'"));
      reader.jdbi().useTransaction(projector::reset);
      assertThat(reader.dump()).isEmpty();
      try (KafkaProjector again = projector()) {
        again.start();
        await().untilAsserted(() -> assertThat(reader.dump()).isEqualTo(live));
      }
    }
  }

  /** Neither applied twice, by the command and by the replay, nor by none of them. */
  @Test
  void aRebuildAmongCommandsMissesAndRepeatsNone() throws Exception {
    var runner = source.runner(topic.store(), () -> {});
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> writers =
          List.of("a", "b", "c", "d").stream()
              .map(
                  stream ->
                      threads.submit(
                          () -> {
                            for (int i = 0; i < 100; i++) {
                              runner.run(stream, Basket.Put.one("thing-" + i), context());
                            }
                          }))
              .toList();
      for (int i = 0; i < 5; i++) {
        Rebuild.inline(source.jdbi(), topic.store(), new BasketTables());
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
    assertThat(source.one("SELECT count(*) FROM basket_thing")).isEqualTo(400);
    assertThat(source.one("SELECT sum(size) FROM basket")).isEqualTo(400);
    List<String> live = source.dump();
    Rebuild.inline(source.jdbi(), topic.store(), new BasketTables());
    assertThat(source.dump()).isEqualTo(live);
  }

  private KafkaProjector projector() {
    return new KafkaProjector(
        reader.sessions("projector"),
        "baskets",
        Set.of(topic.name()),
        topic.kafka(),
        new BasketTables(),
        () -> {});
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
