package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.KafkaProjector.State;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A projector may die anywhere: every event is applied once. */
class ProjectorCrashIT {
  private TestDatabase database;
  private TestTopic topic;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    topic = TestTopic.fresh();
  }

  @AfterEach
  void stop() {
    topic.close();
    database.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg_terminate_backend", "pg_cancel_backend"})
  void aCrashBetweenProjectionAndOffsetAppliesNothingTwiceAndLosesNothing(String crash) {
    try (KafkaProjector projector = projector("projector")) {
      projector.start();
      publish("stream", 1, 10);
      awaitVersions("stream", 10);

      try (Handle lock = database.jdbi().open()) {
        lock.begin();
        lock.execute("LOCK TABLE kafka_offset IN EXCLUSIVE MODE");
        publish("stream", 11, 15);
        // The events are applied in its transaction, and it waits to note the offset.
        database.awaitBlocked("projector");
        assertThat(database.signal(crash, "projector")).isOne();
        lock.rollback();
      }
      awaitVersions("stream", 15);
      publish("stream", 16, 16);
      awaitVersions("stream", 16);
      assertNothingParked(projector);
    }
  }

  @Test
  void projectorsKilledAgainAndAgainApplyEachEventOnce() throws Exception {
    long streams = 20;
    long each = 100;
    AtomicBoolean publishing = new AtomicBoolean(true);
    try (KafkaProjector one = projector("projector-1");
        KafkaProjector two = projector("projector-2");
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      one.start();
      two.start();
      Future<?> killer =
          threads.submit(
              () -> {
                while (publishing.get()) {
                  await()
                      .until(
                          () ->
                              !publishing.get()
                                  || database.terminate("projector-1") > 0
                                  || database.terminate("projector-2") > 0);
                }
              });
      for (long version = 1; version <= each; version++) {
        for (long stream = 0; stream < streams; stream++) {
          topic.publish(topic.event("stream-" + stream, version, "thing-" + version));
        }
      }
      publishing.set(false);
      killer.get();
      for (long stream = 0; stream < streams; stream++) {
        awaitVersions("stream-" + stream, each);
      }
      assertThat(database.one("SELECT count(*) FROM basket_thing")).isEqualTo(streams * each);
      assertThat(database.one("SELECT sum(size) FROM basket")).isEqualTo(streams * each);
      assertNothingParked(one);
    }
  }

  @Test
  void oneOfTwoProjectorsIsActiveAndTheOtherTakesOverWhenTheSessionIsLost() {
    AtomicBoolean reachable = new AtomicBoolean(true);
    try (KafkaProjector first =
            new KafkaProjector(
                database.sessions("first", reachable),
                "baskets",
                Set.of(topic.name()),
                topic.kafka(),
                new BasketTables(),
                () -> {});
        KafkaProjector second = projector("second")) {
      first.start();
      await().until(() -> first.state() == State.LIVE);
      second.start();
      await().until(() -> second.state() == State.STANDBY);
      publish("stream", 1, 10);
      awaitVersions("stream", 10);

      reachable.set(false);
      assertThat(database.terminate("first")).isPositive();
      await().until(() -> second.state() == State.LIVE);
      publish("stream", 11, 20);
      awaitVersions("stream", 20);
      // What it knows is still what the tables held; that it is not connected is no reason to
      // forget it.
      assertThat(first.state()).isEqualTo(State.LIVE);

      reachable.set(true);
      await().until(() -> first.state() == State.STANDBY);
      assertThat(second.state()).isEqualTo(State.LIVE);
    }
  }

  /** Who serves from tables that another replica is still filling would serve half of them. */
  @Test
  void aStandbyIsNotReadyBeforeTheTablesAreCaughtUp() {
    publish("stream", 1, 10);
    try (Handle lock = database.jdbi().open();
        KafkaProjector active = projector("active");
        KafkaProjector standby = projector("standby")) {
      lock.begin();
      lock.execute("LOCK TABLE kafka_offset IN EXCLUSIVE MODE");
      active.start();
      database.awaitBlocked("active");
      assertThat(active.state()).isEqualTo(State.CATCHING_UP);
      standby.start();
      await().until(() -> standby.state() == State.CATCHING_UP);
      // Long enough for several looks at the tables.
      await().during(Duration.ofSeconds(1)).until(() -> standby.state() == State.CATCHING_UP);

      lock.rollback();

      await().until(() -> active.state() == State.LIVE);
      await().until(() -> standby.state() == State.STANDBY);
      awaitVersions("stream", 10);
    }
  }

  @Test
  void aTopicThatTheBrokerDoesNotKnowYetIsNotTakenForAnEmptyOne() {
    try (var consumer = new MockConsumer<String, byte[]>("earliest")) {
      assertThatThrownBy(() -> KafkaProjector.partitions(consumer, Set.of(topic.name())))
          .isInstanceOf(KafkaException.class)
          .hasMessageContaining("not there yet");
    }
  }

  /** It would note its offsets behind the emptied tables: what they held would be lost. */
  @Test
  void aResetIsRefusedWhileAProjectorRuns() {
    publish("stream", 1, 3);
    try (KafkaProjector projector = projector("projector")) {
      projector.start();
      awaitVersions("stream", 3);
      assertThatThrownBy(() -> database.jdbi().useTransaction(projector::reset))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("projector baskets is running; stop it first");
      awaitVersions("stream", 3);
    }
  }

  private KafkaProjector projector(String session) {
    return new KafkaProjector(
        database.sessions(session),
        "baskets",
        Set.of(topic.name()),
        topic.kafka(),
        new BasketTables(),
        () -> {});
  }

  private void publish(String stream, long from, long to) {
    for (long version = from; version <= to; version++) {
      topic.publish(topic.event(stream, version, "thing-" + version));
    }
  }

  private void awaitVersions(String stream, long last) {
    List<Long> expected = LongStream.rangeClosed(1, last).mapToObj(Long::valueOf).toList();
    await()
        .untilAsserted(
            () ->
                assertThat(database.versions(stream).stream().sorted().toList())
                    .isEqualTo(expected));
  }

  private void assertNothingParked(KafkaProjector projector) {
    assertThat(database.jdbi().withHandle(projector::parked)).isEmpty();
  }
}
