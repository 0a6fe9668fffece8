package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.CommandContext.RequestKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that say more than the state behind a command. */
class AnswerIT {
  private TestDatabase database;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    runner = database.runner(new EventStore("answer.events.v1"), () -> {});
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void aRepeatGetsTheFirstAnswerWhateverHasHappenedSince() {
    RequestKey request = new RequestKey("6a3e0f5c-0000-4000-8000-000000000001", new byte[] {1});
    String first = answer(Basket.Put.many("x", 2), request);
    assertThat(first).isEqualTo("[x1, x2] after 0, now 2 at 2");
    assertThat(answer(Basket.Put.one("y"), null)).isEqualTo("[y] after 2, now 3 at 3");
    assertThat(answer(Basket.Put.many("x", 2), request)).isEqualTo(first);
    assertThat(database.one("SELECT count(*) FROM event")).isEqualTo(3);
    // Another replica.
    runner = database.runner(new EventStore("answer.events.v1"), () -> {});
    assertThat(answer(Basket.Put.many("x", 2), request)).isEqualTo(first);
  }

  @Test
  void aCommandWithoutEffectIsAnsweredAlikeToo() {
    RequestKey request = new RequestKey("6a3e0f5c-0000-4000-8000-000000000002", new byte[] {1});
    Basket.Put nothing = Basket.Put.many("x", 0);
    assertThat(answer(nothing, request)).isEqualTo("[] after 0, now 0 at 0");
    answer(Basket.Put.one("y"), null);
    assertThat(answer(nothing, request)).isEqualTo("[] after 0, now 0 at 0");
  }

  @Test
  void theSameIdWithAnotherRequestIsRefused() {
    String id = "6a3e0f5c-0000-4000-8000-000000000003";
    answer(Basket.Put.one("x"), new RequestKey(id, new byte[] {1}));
    assertThatThrownBy(() -> answer(Basket.Put.one("y"), new RequestKey(id, new byte[] {2})))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("REQUEST_ID_REUSED");
  }

  @Test
  void aPreviewSaysWhatWouldBeAndLeavesNoTrace() {
    answer(Basket.Put.one("x"), null);
    assertThat(preview(Basket.Put.many("y", 2))).isEqualTo("[y1, y2] after 1, now 3 at 3");
    assertThatThrownBy(() -> preview(Basket.Put.one("forbidden")))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("FORBIDDEN");
    assertThat(database.one("SELECT count(*) FROM event")).isEqualTo(1);
    assertThat(runner.current("stream").version()).isEqualTo(1);
  }

  private String preview(Basket.Put put) {
    return new String(runner.preview("stream", _ -> put, AnswerIT::words), UTF_8);
  }

  private String answer(Basket.Put put, @Nullable RequestKey request) {
    CommandContext context = new CommandContext(Instant.now(), "test", request, null);
    return new String(runner.answer("stream", context, _ -> put, AnswerIT::words), UTF_8);
  }

  private static byte[] words(Effect<Basket, Basket.Put, Basket.ThingPut> effect) {
    return "%s after %d, now %d at %d"
        .formatted(
            effect.events().stream().map(Basket.ThingPut::thing).toList(),
            effect.before().size(),
            effect.after().size(),
            effect.version())
        .getBytes(UTF_8);
  }
}
