package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A past moment is a version: times within a stream never go back. */
class StreamTimeIT {
  private static final Instant START = Instant.parse("2026-11-23T08:00:00.123456Z");

  private final EventStore store = new EventStore("time.events.v1");
  private TestDatabase database;
  private CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    runner = database.runner(store, () -> {});
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void aClockThatGoesBackDoesNotTakeTheStreamBack() {
    put("stream", START, 2);
    put("stream", START.minusSeconds(3_600), 1);
    put("other", START.minusSeconds(7_200), 1);
    put("stream", START.plusSeconds(1), 1);
    assertThat(times("stream")).containsExactly(START, START, START, START.plusSeconds(1));
    assertThat(times("other")).containsExactly(START.minusSeconds(7_200));
    // Another replica, which has nothing of it in memory.
    database
        .runner(store, () -> {})
        .runAll(
            Map.of("stream", Basket.Put.one("x"), "new", Basket.Put.one("x")),
            CommandContext.internal(START, "test", "test"));
    assertThat(times("stream")).endsWith(START.plusSeconds(1));
    assertThat(times("new")).containsExactly(START.plusSeconds(1));
  }

  @Test
  void theVersionAtAMomentIsThatOfTheLastEventUpToIt() {
    Random random = new Random(7);
    Instant now = START;
    for (int i = 0; i < 60; i++) {
      put("stream", now, 1 + random.nextInt(5));
      put("other", now, 1);
      now = now.plus(random.nextInt(3), ChronoUnit.MICROS);
    }
    List<Instant> times = times("stream");
    List<Instant> moments = new ArrayList<>();
    for (Instant moment = START; !moment.isAfter(now); moment = moment.plus(1, ChronoUnit.MICROS)) {
      moments.add(moment);
    }
    moments.add(START.minusSeconds(1));
    moments.add(now.plusSeconds(1));
    for (Instant moment : moments) {
      assertThat(versionAt("stream", moment))
          .as("at %s", moment)
          .isEqualTo(times.stream().filter(time -> !time.isAfter(moment)).count());
    }
    assertThat(versionAt("unknown", START)).isZero();
  }

  @Test
  void aPartOfAStreamIsReadFromEitherEnd() {
    put("stream", START, 10);
    assertThat(part(3, 8, false, 4)).containsExactly(3L, 4L, 5L, 6L);
    assertThat(part(3, 8, true, 4)).containsExactly(8L, 7L, 6L, 5L);
    assertThat(part(9, Long.MAX_VALUE, false, 100)).containsExactly(9L, 10L);
    assertThat(part(8, 3, false, 100)).isEmpty();
    long version = database.jdbi().withHandle(h -> store.version(h, "stream"));
    assertThat(version).isEqualTo(10);
  }

  private long versionAt(String stream, Instant moment) {
    return database.jdbi().withHandle(h -> store.versionAt(h, stream, moment));
  }

  private List<Long> part(long first, long last, boolean newestFirst, int limit) {
    return database
        .jdbi()
        .withHandle(h -> store.read(h, "stream", first, last, newestFirst, limit))
        .stream()
        .map(RecordedEvent::version)
        .toList();
  }

  private void put(String stream, Instant at, int things) {
    runner
        .run(stream, Basket.Put.many("x", things), CommandContext.internal(at, "test", "test"))
        .orThrow();
  }

  private List<Instant> times(String stream) {
    return database.jdbi().withHandle(h -> store.read(h, stream, 0)).stream()
        .map(RecordedEvent::occurredAt)
        .toList();
  }
}
