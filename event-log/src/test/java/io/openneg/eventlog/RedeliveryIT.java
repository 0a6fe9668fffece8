package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.ParkedEvents.Parked;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever Kafka delivers, however often and in whatever order, the tables are the same. */
class RedeliveryIT {
  private TestDatabase database;
  private TestTopic topic;
  private KafkaProjector projector;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    topic = TestTopic.fresh();
    projector =
        new KafkaProjector(
            database.sessions("projector"),
            "baskets",
            Set.of(topic.name()),
            topic.kafka(),
            new BasketTables(),
            () -> {});
  }

  @AfterEach
  void stop() {
    projector.close();
    topic.close();
    database.close();
  }

  @Test
  void anEventDeliveredTwiceIsAppliedOnce() {
    projector.start();
    topic.publish(event(1), event(1), event(2));
    awaitVersions(1, 2);
    topic.publish(event(1), event(2), event(2), event(3));
    awaitVersions(1, 2, 3);
    assertThat(parked()).isEmpty();
  }

  @Test
  void anEventThatComesBeforeItsTurnWaitsForIt() {
    projector.start();
    topic.publish(event(1), event(3), event(5));
    awaitVersions(1);
    await().until(() -> parked().size() == 2);
    assertThat(parked())
        .extracting(Parked::version, Parked::error)
        .containsExactly(
            tuple(3L, "waits for version 2 of its stream"),
            tuple(5L, "waits for version 2 of its stream"));

    topic.publish(event(2));
    awaitVersions(1, 2, 3);
    await().until(() -> parked().size() == 1);

    topic.publish(event(3), event(4));
    awaitVersions(1, 2, 3, 4, 5);
    await().until(() -> parked().isEmpty());
  }

  @Test
  void reorderedAndRepeatedDeliveryOfManyStreamsChangesNothing() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long streams = 10;
    long each = 30;
    List<RecordedEvent> deliveries = new ArrayList<>();
    for (int copy = 0; copy < 3; copy++) {
      for (long stream = 0; stream < streams; stream++) {
        for (long version = 1; version <= each; version++) {
          deliveries.add(topic.event("stream-" + stream, version, "thing-" + version));
        }
      }
    }
    Collections.shuffle(deliveries, random);
    int before = random.nextInt(deliveries.size());
    topic.publish(deliveries.subList(0, before).toArray(RecordedEvent[]::new));
    projector.start();
    topic.publish(deliveries.subList(before, deliveries.size()).toArray(RecordedEvent[]::new));

    await()
        .untilAsserted(
            () ->
                assertThat(database.one("SELECT count(*) FROM basket_thing"))
                    .as("seed %d", seed)
                    .isEqualTo(streams * each));
    for (long stream = 0; stream < streams; stream++) {
      String name = "stream-" + stream;
      assertThat(database.versions(name))
          .as("order of application, seed %d", seed)
          .hasSize((int) each)
          .isSorted();
    }
    await().until(() -> parked().isEmpty());
    assertThat(database.one("SELECT count(*) FROM basket WHERE size = 30 AND last = 'thing-30'"))
        .isEqualTo(streams);
  }

  private RecordedEvent event(long version) {
    return topic.event("stream", version, "thing-" + version);
  }

  private void awaitVersions(Long... versions) {
    await().untilAsserted(() -> assertThat(database.versions("stream")).containsExactly(versions));
  }

  private void awaitVersions(long... versions) {
    awaitVersions(Arrays.stream(versions).boxed().toArray(Long[]::new));
  }

  private List<Parked> parked() {
    return database.jdbi().withHandle(projector::parked);
  }
}
