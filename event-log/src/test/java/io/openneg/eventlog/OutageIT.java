package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.KafkaBroker;
import io.openneg.embedded.PostgresServer;
import io.openneg.embedded.ServerSettings;
import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.KafkaProjector.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.JdbiException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers go away and come back: everything resumes by itself, and nothing is lost. */
class OutageIT {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static PostgresServer postgres;
  private static KafkaBroker kafka;

  private TestDatabase source;
  private TestDatabase reader;
  private String topic;
  private OutboxRelay relay;
  private KafkaProjector projector;

  @BeforeAll
  static void startServers() {
    // What a commit acknowledged must survive a kill, here too.
    postgres = PostgresServer.start(ServerSettings.temporary().withDurable(true));
    kafka = KafkaBroker.start(ServerSettings.temporary());
  }

  @AfterAll
  static void stopServers() {
    kafka.close();
    postgres.close();
  }

  @BeforeEach
  void start() {
    source = TestDatabase.on(postgres.freshDatabase());
    reader = TestDatabase.on(postgres.freshDatabase());
    topic = "outage-" + System.nanoTime() + ".events.v1";
    Map<String, Object> config = Map.of("bootstrap.servers", kafka.bootstrap());
    relay = new OutboxRelay(source.sessions("relay"), new EventStore(topic), config, "/test");
    projector =
        new KafkaProjector(
            reader.sessions("projector"),
            "baskets",
            Set.of(topic),
            config,
            new BasketTables(),
            () -> {});
  }

  @AfterEach
  void stop() {
    relay.close();
    projector.close();
    reader.close();
    source.close();
  }

  @Test
  void whatIsRecordedWhileKafkaIsDownAtTheStartIsPublishedWhenItComes() {
    var runner = source.runner(new EventStore(topic), relay::wake);
    kafka.stop();
    relay.start();
    projector.start();
    await().until(relay::isActive);
    for (int i = 0; i < 50; i++) {
      runner.run("stream-" + i % 5, Basket.Put.one("thing-" + i), context());
    }
    assertThat(projector.state()).isNotEqualTo(State.LIVE);

    kafka.restart();

    awaitSameTables();
    await().atMost(LONG).until(() -> projector.state() == State.LIVE);
    assertThat(reader.jdbi().withHandle(projector::parked)).isEmpty();
  }

  @Test
  void kafkaKilledWhileEventsFlowLosesNothing() {
    var runner = source.runner(new EventStore(topic), relay::wake);
    relay.start();
    projector.start();
    for (int i = 0; i < 100; i++) {
      runner.run("stream-" + i % 5, Basket.Put.many("before-" + i, 5), context());
    }
    kafka.kill();
    for (int i = 0; i < 100; i++) {
      runner.run("stream-" + i % 5, Basket.Put.many("during-" + i, 5), context());
    }
    kafka.restart();
    for (int i = 0; i < 100; i++) {
      runner.run("stream-" + i % 5, Basket.Put.many("after-" + i, 5), context());
    }
    awaitSameTables();
    assertThat(reader.jdbi().withHandle(projector::parked)).isEmpty();
  }

  @Test
  void postgresKilledWhileCommandsRunLosesNothingThatWasAnswered() throws Exception {
    int writers = 4;
    int each = 100;
    var runner = source.runner(new EventStore(topic), relay::wake);
    relay.start();
    projector.start();
    AtomicInteger failures = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<? extends Future<?>> clients =
          IntStream.range(0, writers)
              .mapToObj(
                  writer ->
                      threads.submit(
                          () -> {
                            for (int i = 0; i < each; i++) {
                              untilAnswered(runner, "stream-" + writer, "thing-" + i, failures);
                              answered.incrementAndGet();
                            }
                          }))
              .toList();
      int half = writers * each / 2;
      await().atMost(LONG).until(() -> answered.get() > half);
      postgres.kill();
      postgres.restart();
      for (Future<?> client : clients) {
        client.get();
      }
    }
    System.out.printf("%d answers, %d tries failed%n", answered.get(), failures.get());
    assertThat(failures).hasPositiveValue();
    for (int writer = 0; writer < writers; writer++) {
      // Each once and in order, whatever became of the first try.
      String stream = "stream-" + writer;
      List<String> things =
          source
              .jdbi()
              .withHandle(
                  h -> new EventStore(topic).read(h, stream, 0).stream().map(BasketTables::thing))
              .toList();
      assertThat(things).isEqualTo(IntStream.range(0, each).mapToObj(i -> "thing-" + i).toList());
    }
    awaitSameTables();
    assertThat(reader.jdbi().withHandle(projector::parked)).isEmpty();
  }

  /** As a client does: again, with the same request id, until there is an answer. */
  private static void untilAnswered(
      CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner,
      String stream,
      String thing,
      AtomicInteger failures) {
    var key = new RequestKey(stream + thing, thing.getBytes(UTF_8));
    await()
        .atMost(LONG)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              try {
                runner.run(
                    stream,
                    Basket.Put.one(thing),
                    new CommandContext(Instant.now(), "test", key, null));
                return true;
              } catch (JdbiException e) {
                // Every failure of an outage is known as one.
                assertThat(e).matches(SqlErrors::isTransient);
                failures.incrementAndGet();
                return false;
              }
            });
  }

  private void awaitSameTables() {
    await()
        .atMost(LONG)
        .ignoreExceptionsInstanceOf(JdbiException.class)
        .untilAsserted(() -> assertThat(reader.dump()).isEqualTo(source.dump()));
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
