package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands on several streams in one transaction: all of them or none. */
class CompanionIT {
  private TestDatabase database;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> other;
  private final AtomicInteger woken = new AtomicInteger();

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    EventStore store = new EventStore("companions.events.v1");
    runner = database.runner(store, woken::incrementAndGet);
    other = database.runner(store, () -> {});
  }

  @AfterEach
  void stop() {
    database.close();
  }

  private Outcome<Basket> put(String thing, String first, String second) {
    return runner.run(
        "own",
        CommandContext.internal(Instant.now(), "test", "test"),
        _ -> Basket.Put.one(thing),
        _ ->
            List.of(
                other.companion("first", Basket.Put.one(first)),
                other.companion("second", Basket.Put.one(second))));
  }

  @Test
  void allAreRecordedTogether() {
    put("a", "b", "c").orThrow();
    assertThat(put("d", "e", "f")).isEqualTo(new Outcome.Done<>(new Basket(2, "d"), 2));
    assertThat(other.current("first")).isEqualTo(new Outcome.Done<>(new Basket(2, "e"), 2));
    assertThat(runner.current("second")).isEqualTo(new Outcome.Done<>(new Basket(2, "f"), 2));
    assertThat(database.one("SELECT count(DISTINCT txid) FROM event")).isEqualTo(2);
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isEqualTo(6);
    assertThat(woken).hasValue(2);
  }

  @Test
  void oneThatIsRefusedRefusesAll() {
    assertThat(put("a", "b", "forbidden")).isInstanceOf(Outcome.Refused.class);
    assertThat(put("forbidden", "b", "c")).isInstanceOf(Outcome.Refused.class);
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
    assertThat(other.current("first").version()).isZero();
  }

  /** Also those whose streams wait for each other crosswise. */
  @Test
  void manyAtOnceLeaveEveryStreamWhole() throws Exception {
    List<Future<Outcome<Basket>>> calls = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        String own = i % 2 == 0 ? "left" : "right";
        String companion = i % 2 == 0 ? "right" : "left";
        calls.add(
            threads.submit(
                () ->
                    runner.run(
                        own,
                        CommandContext.internal(Instant.now(), "test", "test"),
                        _ -> Basket.Put.one("mine"),
                        _ -> List.of(other.companion(companion, Basket.Put.one("yours"))))));
      }
      for (var call : calls) {
        call.get().orThrow();
      }
    }
    assertThat(runner.current("left").version()).isEqualTo(8);
    assertThat(runner.current("right").version()).isEqualTo(8);
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isEqualTo(16);
  }
}
