package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.Outcome.Done;
import io.openneg.eventlog.Outcome.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that meet, on one replica or on two. */
class ConcurrentCommandsIT {
  private TestDatabase database;
  private TestDatabase sameDatabase;
  private EventStore store;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> one;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> two;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    sameDatabase = database.again();
    store = new EventStore("concurrent.events.v1");
    one = database.runner(store, () -> {});
    two = sameDatabase.runner(store, () -> {});
  }

  @AfterEach
  void stop() {
    sameDatabase.close();
    database.close();
  }

  @Test
  void writersOfOneStreamOnTwoReplicasLoseNoUpdate() throws Exception {
    int writers = 32;
    int each = 20;
    List<Callable<List<Done<Basket>>>> work = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      var runner = writer % 2 == 0 ? one : two;
      String thing = "writer-" + writer;
      work.add(
          () -> {
            List<Done<Basket>> done = new ArrayList<>();
            for (int i = 0; i < each; i++) {
              done.add(runner.run("stream", Basket.Put.one(thing), context()).orThrow());
            }
            return done;
          });
    }
    List<Done<Basket>> done = atOnce(work).stream().flatMap(List::stream).toList();

    long all = writers * (long) each;
    // Everyone was told a version of its own, and the state of that very version.
    assertThat(done.stream().map(Done::version).sorted().toList())
        .isEqualTo(LongStream.rangeClosed(1, all).boxed().toList());
    assertThat(done).allMatch(d -> d.state().size() == d.version());
    assertThat(database.versions("stream"))
        .isEqualTo(LongStream.rangeClosed(1, all).boxed().toList());
    assertThat(one.current("stream").version()).isEqualTo(all);
    assertThat(two.current("stream")).isEqualTo(one.current("stream"));
  }

  /** Two batches over the same streams, in opposite order, would wait for each other. */
  @Test
  void batchesOverTheSameStreamsDoNotDeadlock() throws Exception {
    int streams = 200;
    int rounds = 10;
    Map<String, Basket.Put> ascending = new LinkedHashMap<>();
    Map<String, Basket.Put> descending = new LinkedHashMap<>();
    for (int i = 0; i < streams; i++) {
      ascending.put("stream-" + i, Basket.Put.one("thing"));
      descending.put("stream-" + (streams - 1 - i), Basket.Put.one("thing"));
    }
    AtomicInteger single = new AtomicInteger();
    atOnce(
        List.of(
            () -> repeat(rounds, () -> one.runAll(ascending, context())),
            () -> repeat(rounds, () -> two.runAll(descending, context())),
            () -> repeat(rounds, () -> one.runAll(descending, context())),
            () ->
                repeat(
                    rounds,
                    () -> {
                      two.run("stream-0", Basket.Put.one("single"), context()).orThrow();
                      single.incrementAndGet();
                    })));
    assertThat(one.current("stream-0").version()).isEqualTo(3L * rounds + single.get());
    assertThat(two.current("stream-1").version()).isEqualTo(3L * rounds);
  }

  @Test
  void aRepeatedRequestGetsItsFirstAnswerAndRecordsNothing() {
    CommandContext request = request("id", "body");
    Outcome<Basket> first = one.run("stream", Basket.Put.many("x", 3), request);
    one.run("stream", Basket.Put.one("later"), context());

    assertThat(one.run("stream", Basket.Put.many("x", 3), request)).isEqualTo(first);
    assertThat(two.run("stream", Basket.Put.many("x", 3), request)).isEqualTo(first);
    assertThat(first).isEqualTo(new Done<>(new Basket(3, "x3"), 3));
    assertThat(one.current("stream").version()).isEqualTo(4);
  }

  @Test
  void theSameRequestAtTheSameMomentIsRecordedOnce() throws Exception {
    for (int round = 0; round < 20; round++) {
      // Of two streams, too: the id belongs to the service, not to the stream.
      CommandContext request = request("id-" + round, "body");
      String stream = "stream-" + round;
      List<Callable<Outcome<Basket>>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        var runner = i % 2 == 0 ? one : two;
        work.add(() -> runner.run(stream, Basket.Put.many("x", 2), request));
      }
      List<Outcome<Basket>> outcomes = atOnce(work);
      assertThat(outcomes).containsOnly(new Done<>(new Basket(2, "x2"), 2));
      assertThat(database.versions(stream)).containsExactly(1L, 2L);
    }
  }

  @Test
  void oneIdForTwoStreamsAtTheSameMomentIsGivenToOneOfThem() throws Exception {
    for (int round = 0; round < 20; round++) {
      String id = "id-" + round;
      List<Outcome<Basket>> outcomes =
          atOnce(
              List.of(
                  () -> one.run("a-" + id, Basket.Put.one("x"), request(id, "to a")),
                  () -> two.run("b-" + id, Basket.Put.one("x"), request(id, "to b"))));
      assertThat(outcomes).filteredOn(o -> o instanceof Done).hasSize(1);
      assertThat(outcomes)
          .filteredOn(o -> o instanceof Refused)
          .singleElement()
          .satisfies(o -> assertThat(reason(o)).isEqualTo("REQUEST_ID_REUSED"));
      assertThat(database.versions("a-" + id).size() + database.versions("b-" + id).size()).isOne();
    }
  }

  @Test
  void aRequestIdWithAnotherBodyIsRefused() {
    one.run("stream", Basket.Put.one("x"), request("id", "body"));
    Outcome<Basket> other = two.run("stream", Basket.Put.one("y"), request("id", "other body"));
    assertThat(reason(other)).isEqualTo("REQUEST_ID_REUSED");
    assertThatThrownBy(other::orThrow)
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("request_id id was used for another request");
    assertThat(one.current("stream").version()).isOne();
  }

  @Test
  void aRefusedRequestMayBeRepeatedWhenWhatWasInTheWayIsGone() {
    CommandContext request = request("id", "body");
    assertThat(one.run("stream", Basket.Put.one("forbidden"), request)).isInstanceOf(Refused.class);
    assertThat(one.run("stream", Basket.Put.one("allowed"), request)).isInstanceOf(Done.class);
  }

  @Test
  void aRequestWithoutEffectIsRememberedToo() {
    CommandContext request = request("id", "body");
    Outcome<Basket> first = one.run("stream", new Basket.Put(List.of()), request);
    assertThat(first).isEqualTo(new Done<>(new Basket(0, null), 0));
    one.run("stream", Basket.Put.one("x"), context());
    assertThat(two.run("stream", new Basket.Put(List.of()), request)).isEqualTo(first);
  }

  @Test
  void requestIdsDoNotPileUpForEver() {
    Instant longAgo = Instant.now().minus(RequestTable.KEPT).minusSeconds(60);
    for (int i = 0; i < 10; i++) {
      var key = new RequestKey("old-" + i, new byte[] {1});
      one.run("stream", Basket.Put.one("x"), new CommandContext(longAgo, "test", key, null));
    }
    for (int i = 0; i < 10; i++) {
      one.run("stream", Basket.Put.one("x"), request("new-" + i, "body"));
    }
    assertThat(database.one("SELECT count(*) FROM request WHERE request_id LIKE 'old-%'")).isZero();
    assertThat(database.one("SELECT count(*) FROM request WHERE request_id LIKE 'new-%'"))
        .isEqualTo(10);
  }

  private interface Step {
    void run();
  }

  private static int repeat(int times, Step step) {
    for (int i = 0; i < times; i++) {
      step.run();
    }
    return times;
  }

  /** Starts all at the same moment. */
  private static <T> List<T> atOnce(List<? extends Callable<? extends T>> work) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(work.size());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (Callable<? extends T> task : work) {
        running.add(
            threads.submit(
                () -> {
                  barrier.await();
                  return task.call();
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    }
  }

  private static String reason(Outcome<Basket> outcome) {
    return switch (outcome) {
      case Done<Basket> done -> "was done: " + done;
      case Refused<Basket>(Rejection rejection) -> rejection.reason();
    };
  }

  private static CommandContext request(String id, String body) {
    return new CommandContext(
        Instant.now(), "test", new RequestKey(id, body.getBytes(UTF_8)), null);
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }
}
