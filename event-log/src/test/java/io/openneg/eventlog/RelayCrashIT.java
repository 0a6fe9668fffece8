package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A relay may die anywhere: what is recorded is published, in order within its stream. */
class RelayCrashIT {
  // Only what wakes the relay makes it publish.
  private static final Duration NEVER = Duration.ofHours(1);

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
  void aCrashBetweenSendAndCheckpointRepeatsEventsButLosesNone() {
    try (OutboxRelay relay = relay(source, "relay");
        KafkaProjector projector = projector()) {
      relay.start();
      projector.start();
      var runner = source.runner(topic.store(), relay::wake);
      runner.run("stream", Basket.Put.many("before-", 5), context());
      topic.eventsUntil(5);

      try (Handle lock = source.jdbi().open()) {
        lock.begin();
        lock.execute("LOCK TABLE outbox_checkpoint IN EXCLUSIVE MODE");
        runner.run("stream", Basket.Put.many("after-", 3), context());
        topic.eventsUntil(8);
        source.awaitBlocked("relay");
        assertThat(source.terminate("relay")).isPositive();
        lock.rollback();
      }

      List<RecordedEvent> published = topic.eventsUntil(11);
      assertThat(published)
          .extracting(RecordedEvent::version)
          .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 6L, 7L, 8L);
      awaitSameTables();
    }
  }

  @Test
  void relaysKilledAgainAndAgainLoseNothing() throws Exception {
    int writers = 4;
    int each = 100;
    try (OutboxRelay relay = relay(source, "relay");
        KafkaProjector projector = projector();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      relay.start();
      projector.start();
      var runner = source.runner(topic.store(), relay::wake);
      AtomicBoolean writing = new AtomicBoolean(true);
      Future<?> killer =
          threads.submit(
              () -> {
                while (writing.get()) {
                  await().until(() -> !writing.get() || source.terminate("relay") > 0);
                }
              });
      List<? extends Future<?>> done =
          IntStream.range(0, writers)
              .mapToObj(
                  writer ->
                      threads.submit(
                          () -> {
                            for (int i = 0; i < each; i++) {
                              runner.run("writer-" + writer, Basket.Put.many("x", 5), context());
                            }
                          }))
              .toList();
      for (Future<?> writer : done) {
        writer.get();
      }
      writing.set(false);
      killer.get();

      int all = writers * each * 5;
      List<RecordedEvent> published =
          topic.eventsUntil(
              events -> events.stream().map(RecordedEvent::id).distinct().count() == all);
      System.out.printf(
          "%d of %d events were published more than once%n", published.size() - all, all);
      // Leaving out repeats, every stream is in order.
      Map<String, Long> last = new HashMap<>();
      for (RecordedEvent event : published) {
        long before = last.getOrDefault(event.stream(), 0L);
        assertThat(event.version()).isLessThanOrEqualTo(before + 1);
        last.put(event.stream(), Math.max(before, event.version()));
      }
      awaitSameTables();
    }
  }

  @Test
  void oneOfTwoRelaysPublishesAndTheOtherTakesOverWhenTheSessionIsLost() {
    AtomicBoolean reachable = new AtomicBoolean(true);
    try (OutboxRelay first =
            new OutboxRelay(
                source.sessions("first", reachable), topic.store(), topic.kafka(), "/test", NEVER);
        OutboxRelay second = relay(source, "second")) {
      first.start();
      await().until(first::isActive);
      second.start();
      var runner = source.runner(topic.store(), second::wake);
      runner.run("stream", Basket.Put.many("x", 50), context());
      topic.eventsUntil(50);
      assertThat(second.isActive()).isFalse();

      reachable.set(false);
      assertThat(source.terminate("first")).isPositive();
      await().until(second::isActive);
      // It may have repeated what was published but not yet noted.
      topic.eventsUntil(events -> events.getLast().version() == 50);
      runner.run("stream", Basket.Put.many("y", 50), context());

      List<RecordedEvent> published =
          topic.eventsUntil(events -> events.getLast().version() == 100);
      assertThat(published.stream().map(RecordedEvent::id).distinct()).hasSize(100);
      first.wake();
      await().until(() -> !first.isActive());

      reachable.set(true);
      assertThat(second.isActive()).isTrue();
    }
  }

  /** A command on one replica, the relay on another: only NOTIFY connects them. */
  @Test
  void whatAnotherReplicaRecordsIsAnnouncedByNotify() {
    try (OutboxRelay relay = relay(source, "relay");
        OutboxRelay standby = relay(source, "standby")) {
      relay.start();
      await().until(() -> source.one(LISTENING) == 1);
      await().until(relay::isActive);
      standby.start();
      var otherReplica = source.runner(topic.store(), standby::wake);
      for (int i = 1; i <= 5; i++) {
        Instant begin = Instant.now();
        otherReplica.run("stream", Basket.Put.one("thing"), context());
        topic.eventsUntil(i);
        System.out.printf(
            "recorded, notified, published, read: %d ms%n",
            Duration.between(begin, Instant.now()).toMillis());
      }
    }
  }

  @Test
  void aDatabaseRestoredFromADumpIsNoticedInsteadOfPublishingNothing() {
    source.jdbi().useHandle(h -> h.execute("ALTER TABLE append ALTER COLUMN txid DROP DEFAULT"));
    source
        .jdbi()
        .useHandle(
            h ->
                h.execute(
                    """
                    INSERT INTO append (stream, first_version, last_version, txid, append_end, types,
                      payloads, occurred_at, actor)
                    VALUES ('restored', 1, 1, '1000000000', 1, '{type}', '{""}', now(), 'test')
                    """));
    try (Handle session = source.jdbi().open()) {
      assertThatThrownBy(() -> new Outbox(topic.store()).checkpoint(session))
          .hasMessageContaining("restored from a dump");
    }
  }

  @Test
  void aLargeBacklogIsReadInPortionsOfBoundedSize() {
    var runner = source.runner(topic.store(), () -> {});
    String large = "x".repeat(900_000);
    for (int i = 0; i < 12; i++) {
      runner.run("stream", Basket.Put.one(large), context());
    }
    Outbox outbox = new Outbox(topic.store());
    try (Handle session = source.jdbi().open()) {
      Outbox.Checkpoint checkpoint = Outbox.Checkpoint.BEGINNING;
      int read = 0;
      while (read < 12) {
        Outbox.Batch batch = outbox.read(session, checkpoint);
        assertThat(batch.events()).hasSizeBetween(1, 5);
        read += batch.events().size();
        checkpoint = batch.end();
      }
      assertThat(outbox.hasMore(session, checkpoint)).isFalse();
    }
    // And none of them is larger than Kafka takes.
    try (OutboxRelay relay = relay(source, "relay")) {
      relay.start();
      topic.eventsUntil(12);
    }
  }

  private static final String LISTENING =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE application_name = 'relay' AND query LIKE 'LISTEN%'
        AND datname = current_database()
      """;

  private OutboxRelay relay(TestDatabase database, String name) {
    return new OutboxRelay(database.sessions(name), topic.store(), topic.kafka(), "/test", NEVER);
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

  private void awaitSameTables() {
    await().untilAsserted(() -> assertThat(reader.dump()).containsExactlyElementsOf(source.dump()));
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
