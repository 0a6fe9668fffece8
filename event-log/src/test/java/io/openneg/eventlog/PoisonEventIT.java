package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.KafkaProjector.State;
import io.openneg.eventlog.ParkedEvents.Parked;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An event that cannot be applied stops its own stream, visibly, and no other. */
class PoisonEventIT {
  private TestDatabase database;
  private TestTopic topic;
  private Broken tables;
  private KafkaProjector projector;

  /** Counts how often it was asked, and can break on a statement, too. */
  private static final class Broken implements Projection {
    private final BasketTables tables = new BasketTables();
    private volatile int calls;
    private volatile boolean swallows;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread projects
    public void apply(Handle tx, List<RecordedEvent> events) {
      calls++;
      tables.apply(tx, events);
      if (swallows && events.stream().anyMatch(e -> BasketTables.thing(e).equals("swallowed"))) {
        try {
          tx.execute("SELECT 1 / 0");
        } catch (JdbiException _) {
          // As a careless projection does. The transaction is void now.
        }
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
    topic = TestTopic.fresh();
    tables = new Broken();
    tables.tables.breakOn("poison");
    projector = projector();
  }

  @AfterEach
  void stop() {
    projector.close();
    topic.close();
    database.close();
  }

  @Test
  void aPoisonEventInALargeBatchParksItsStreamOnly() {
    int streams = 30;
    int each = 100;
    List<RecordedEvent> events = new ArrayList<>();
    for (int version = 1; version <= each; version++) {
      for (int stream = 0; stream < streams; stream++) {
        boolean poison = stream == 7 && version == 50;
        events.add(topic.event("stream-" + stream, version, poison ? "poison" : "good"));
      }
    }
    topic.publish(events.toArray(RecordedEvent[]::new));
    projector.start();

    // It does not keep the projection from being ready.
    await().until(() -> projector.state() == State.LIVE);
    assertThat(count()).isEqualTo(events.size() - 51);
    assertThat(versions("stream-7")).hasSize(49);
    List<Parked> parked = parked();
    assertThat(parked).hasSize(51).allMatch(p -> p.stream().equals("stream-7"));
    assertThat(parked.getFirst())
        .isEqualTo(
            new Parked(
                topic.name(),
                "stream-7",
                50,
                "openneg.test.ThingPut",
                "java.lang.IllegalStateException: cannot apply poison"));
    assertThat(parked.getLast().error()).isEqualTo("waits for version 50 of its stream");
    // By halves, not one by one.
    System.out.printf("%d events, one of them poison: %d calls%n", events.size(), tables.calls);
    assertThat(tables.calls).isLessThan(200);

    tables.tables.repair();
    projector.replayParked();

    await().until(() -> count() == events.size());
    assertThat(versions("stream-7")).hasSize(each).isSorted();
    await().until(() -> parked().isEmpty());
  }

  @Test
  void otherStreamsGoOnWithoutTryingThePoisonAgainAndAgain() {
    topic.publish(topic.event("bad", 1, "good"), topic.event("bad", 2, "poison"));
    projector.start();
    await().until(() -> parked().size() == 1);
    topic.publish(topic.event("bad", 3, "good"));
    await().until(() -> parked().size() == 2);
    int calls = tables.calls;

    for (int version = 1; version <= 20; version++) {
      topic.publish(topic.event("good", version, "good"));
      long last = version;
      await().until(() -> versions("good").size() == last);
    }

    assertThat(tables.calls - calls).isEqualTo(20);
    assertThat(versions("bad")).containsExactly(1L);
  }

  @Test
  void aReplayAskedForOnAStandbyReachesTheActiveReplica() {
    topic.publish(topic.event("bad", 1, "poison"), topic.event("bad", 2, "good"));
    projector.start();
    await().until(() -> parked().size() == 2);
    try (KafkaProjector standby = projector()) {
      standby.start();
      await().until(() -> standby.state() == State.STANDBY);
      tables.tables.repair();
      standby.replayParked();
      await().until(() -> versions("bad").equals(List.of(1L, 2L)));
      await().until(() -> parked().isEmpty());
    }
  }

  @Test
  void aReplayThatFailsLeavesTheEventsParkedAndARestartTriesThemAgain() {
    topic.publish(
        topic.event("bad", 1, "good"), topic.event("bad", 2, "poison"), topic.event("bad", 3, "x"));
    projector.start();
    await().until(() -> parked().size() == 2);
    int calls = tables.calls;
    projector.replayParked();
    await().until(() -> tables.calls > calls);
    await().until(() -> database.one("SELECT count(*) FROM replay_request") == 0);
    assertThat(parked()).hasSize(2);
    assertThat(versions("bad")).containsExactly(1L);

    projector.close();
    tables.tables.repair();
    projector = projector();
    projector.start();
    await().until(() -> versions("bad").equals(List.of(1L, 2L, 3L)));
    await().until(() -> parked().isEmpty());
  }

  @Test
  void aProjectionThatSwallowsADatabaseErrorIsPoisonToo() {
    tables.swallows = true;
    topic.publish(
        topic.event("bad", 1, "swallowed"),
        topic.event("bad", 2, "x"),
        topic.event("good", 1, "x"));
    projector.start();
    await().until(() -> projector.state() == State.LIVE);
    assertThat(versions("good")).containsExactly(1L);
    assertThat(versions("bad")).isEmpty();
    assertThat(parked()).hasSize(2);
    assertThat(parked().getFirst().error()).contains("current transaction is aborted");
  }

  @Test
  void whatIsNotAnEventIsSkipped() {
    topic.send(new ProducerRecord<>(topic.name(), "no headers", new byte[] {1}));
    topic.send(new ProducerRecord<>(topic.name(), null, new byte[] {1}));
    topic.send(
        new CloudEventHeaders.Writer("/test").toRecord(topic.event("a NUL \0 in it", 1, "x")));
    topic.send(new CloudEventHeaders.Writer("/test").toRecord(topic.event("version", 0, "x")));
    var badTime = new CloudEventHeaders.Writer("/test").toRecord(topic.event("time", 1, "x"));
    badTime
        .headers()
        .remove("ce_time")
        .add("ce_time", "+999999999-01-01T00:00:00Z".getBytes(UTF_8));
    topic.send(badTime);
    projector.start();
    topic.publish(topic.event("good", 1, "x"));
    await().until(() -> versions("good").size() == 1);
    await().until(() -> projector.state() == State.LIVE);
    assertThat(count()).isOne();
    assertThat(parked()).isEmpty();
  }

  private KafkaProjector projector() {
    return new KafkaProjector(
        database.sessions("projector"),
        "baskets",
        Set.of(topic.name()),
        topic.kafka(),
        tables,
        () -> {});
  }

  private long count() {
    return database.one("SELECT count(*) FROM basket_thing");
  }

  private List<Long> versions(String stream) {
    return database.versions(stream);
  }

  private List<Parked> parked() {
    return database.jdbi().withHandle(projector::parked);
  }
}
