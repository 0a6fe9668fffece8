package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.CommandContext.RequestKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands that build on each other, recorded as one. */
class JointCommandsIT {
  private TestDatabase database;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> other;
  private JointCommands joint;
  private final AtomicInteger woken = new AtomicInteger();

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    EventStore store = new EventStore("joint.events.v1");
    runner = database.runner(store, () -> {});
    other = database.runner(store, () -> {});
    joint = new JointCommands(database.jdbi(), store, woken::incrementAndGet);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  private static CommandContext context(@Nullable RequestKey request) {
    return new CommandContext(Instant.now(), "test", request, null);
  }

  private String run(@Nullable RequestKey request, Function<Rehearsal, String> script) {
    return new String(
        joint.answer(
            List.of("a", "b"),
            _ -> {},
            "subject",
            context(request),
            rehearsal -> script.apply(rehearsal).getBytes(UTF_8)),
        UTF_8);
  }

  private static long things(Rehearsal rehearsal) {
    return rehearsal
        .handle()
        .createQuery("SELECT count(*) FROM basket_thing")
        .mapTo(Long.class)
        .one();
  }

  /** Two into a, one into b between them; each knows how many were put before. */
  private String three(Rehearsal rehearsal) {
    rehearsal.run(runner, "a", _ -> Basket.Put.one("first"));
    rehearsal.run(other, "b", _ -> Basket.Put.one("saw " + things(rehearsal)));
    return "a holds "
        + rehearsal
            .run(runner, "a", _ -> Basket.Put.one("saw " + things(rehearsal)))
            .after()
            .size();
  }

  @Test
  void eachSeesWhatThoseBeforeItLeadTo() {
    assertThat(run(null, this::three)).isEqualTo("a holds 2");
    assertThat(runner.current("a")).isEqualTo(new Outcome.Done<>(new Basket(2, "saw 2"), 2));
    assertThat(other.current("b")).isEqualTo(new Outcome.Done<>(new Basket(1, "saw 1"), 1));
    assertThat(database.one("SELECT count(DISTINCT txid) FROM event")).isEqualTo(1);
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isEqualTo(3);
    assertThat(woken).hasValue(1);
  }

  @Test
  void aRefusalLeavesNothing() {
    assertThatThrownBy(
            () ->
                run(
                    null,
                    rehearsal -> {
                      three(rehearsal);
                      rehearsal.run(other, "b", _ -> Basket.Put.one("forbidden"));
                      return "never";
                    }))
        .isInstanceOf(RejectedException.class);
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isZero();
    assertThat(woken).hasValue(0);
  }

  @Test
  void aPreviewAnswersTheSameAndRecordsNothing() {
    byte[] previewed =
        joint.preview(List.of("a", "b"), _ -> {}, context(null), r -> three(r).getBytes(UTF_8));
    assertThat(new String(previewed, UTF_8)).isEqualTo("a holds 2");
    assertThat(database.one("SELECT count(*) FROM event")).isZero();
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isZero();
  }

  @Test
  void aRepeatGetsTheFirstAnswerAndAnotherRequestWithItsIdIsRefused() {
    RequestKey key = new RequestKey("id", new byte[] {1});
    assertThat(run(key, this::three)).isEqualTo("a holds 2");
    run(null, this::three);
    assertThat(run(key, this::three)).isEqualTo("a holds 2");
    assertThat(runner.current("a").version()).isEqualTo(4);
    assertThatThrownBy(() -> run(new RequestKey("id", new byte[] {2}), this::three))
        .isInstanceOfSatisfying(
            RejectedException.class,
            e -> assertThat(e.rejection().reason()).isEqualTo("REQUEST_ID_REUSED"));
  }

  /** One command alone on each stream would be right; what counts is what is read in between. */
  @Test
  void manyAtOnceAndSingleCommandsBesideThemComeOneAfterTheOther() throws Exception {
    List<Future<?>> calls = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 16; i++) {
        calls.add(
            threads.submit(
                () ->
                    run(
                        null,
                        rehearsal -> {
                          rehearsal.run(runner, "a", _ -> Basket.Put.one("x"));
                          rehearsal.run(other, "b", _ -> Basket.Put.one("y"));
                          return "";
                        })));
        calls.add(
            threads.submit(
                () -> runner.run("a", Basket.Put.one("alone"), context(null)).orThrow()));
      }
      for (var call : calls) {
        call.get();
      }
    }
    assertThat(runner.current("a").version()).isEqualTo(32);
    assertThat(other.current("b").version()).isEqualTo(16);
    assertThat(database.one("SELECT count(*) FROM basket_thing")).isEqualTo(48);
    assertThat(
            database.one(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
        .isZero();
  }
}
