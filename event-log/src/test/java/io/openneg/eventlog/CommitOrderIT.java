package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Transactions commit in another order than they take positions from a sequence, and in another
 * than they take their ids.
 */
class CommitOrderIT {
  private static final int WRITERS = 16;
  private static final int EVENTS_EACH = 60;

  private TestDatabase database;
  private EventStore store;

  @BeforeEach
  void start() {
    database = TestDatabase.fresh();
    store = new EventStore("order.events.v1");
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void nothingIsSkippedThoughCommitOrderIsNotSequenceOrder() throws Exception {
    Set<String> gated = new HashSet<>();
    Set<String> naive = new HashSet<>();
    AtomicLong naivePosition = new AtomicLong();
    AtomicBoolean writing = new AtomicBoolean(true);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        String stream = "writer-" + writer;
        writers.add(threads.submit(() -> writeWithStaggeredCommits(stream)));
      }
      writers.add(threads.submit(() -> commitWhenOvertaken(naivePosition)));
      Future<?> gatedReader = threads.submit(() -> readGated(gated, writing));
      Future<?> naiveReader = threads.submit(() -> readNaively(naive, naivePosition, writing));
      for (Future<?> writer : writers) {
        writer.get();
      }
      writing.set(false);
      gatedReader.get();
      naiveReader.get();
    }
    int all = WRITERS * EVENTS_EACH + 1;
    System.out.printf("of %d events a naive poll missed %d%n", all, all - naive.size());
    assertThat(gated).hasSize(all);
    // Had it missed none, this run would prove nothing.
    assertThat(naive).hasSizeLessThan(all).doesNotContain("overtaken@1");
  }

  /** The same hazard, forced. */
  @Test
  void anEventThatCommitsLateIsSkippedByPositionButNotByTheOutbox() {
    Outbox outbox = new Outbox(store);
    try (Handle early = database.jdbi().open();
        Handle late = database.jdbi().open();
        Handle reader = database.jdbi().open()) {
      early.begin();
      append(early, "slow", 0);
      late.useTransaction(tx -> append(tx, "fast", 0));

      // The naive reader sees position 2 and will never look at position 1 again.
      assertThat(naiveAfter(reader, 0)).containsExactly("fast@1");
      Outbox.Batch batch = outbox.read(reader, Outbox.Checkpoint.BEGINNING);
      assertThat(batch.events()).isEmpty();
      assertThat(outbox.hasMore(reader, batch.end())).isTrue();

      early.commit();

      assertThat(naiveAfter(reader, 2)).isEmpty();
      batch = outbox.read(reader, batch.end());
      assertThat(ids(batch.events())).containsExactly("slow@1", "fast@1");
      assertThat(outbox.hasMore(reader, batch.end())).isFalse();
    }
  }

  /**
   * Whoever writes first and reads the version then has an id older than the events it builds on.
   */
  @Test
  void aWriteBeforeTheAppendWouldPublishAStreamOutOfOrderAndIsRefused() {
    try (Handle writesFirst = database.jdbi().open();
        Handle other = database.jdbi().open();
        Handle reader = database.jdbi().open()) {
      writesFirst.begin();
      writesFirst.execute("INSERT INTO basket VALUES ('written first', 0, '', now())");
      other.useTransaction(tx -> append(tx, "stream", 0));
      assertThatThrownBy(() -> append(writesFirst, "stream", 1))
          .hasMessageContaining("must be the first write");
      writesFirst.rollback();

      // What it is refused for:
      other.execute("ALTER TABLE append DISABLE TRIGGER append_is_first_write");
      writesFirst.begin();
      writesFirst.execute("INSERT INTO basket VALUES ('written first', 0, '', now())");
      other.useTransaction(tx -> append(tx, "stream", 1));
      append(writesFirst, "stream", 2);
      writesFirst.commit();

      Outbox.Batch batch = new Outbox(store).read(reader, Outbox.Checkpoint.BEGINNING);
      assertThat(ids(batch.events())).containsExactly("stream@1", "stream@3", "stream@2");
    }
  }

  @Test
  void aRowLockBeforeTheAppendIsAWriteToo() {
    try (Handle handle = database.jdbi().open()) {
      handle.execute("INSERT INTO basket VALUES ('row', 0, '', now())");
      handle.begin();
      handle.execute("SELECT FROM basket FOR SHARE");
      assertThatThrownBy(() -> append(handle, "stream", 0))
          .hasMessageContaining("must be the first write");
      handle.rollback();
    }
  }

  @Test
  void theRunnerHasWrittenNothingWhenItAppends() {
    List<String> idsBefore = new ArrayList<>();
    var runner = database.runner(store, () -> {});
    var request = new CommandContext.RequestKey("id", new byte[] {1});
    var context = new CommandContext(Instant.now(), "test", request, null);
    for (int i = 1; i <= 2; i++) {
      runner.run(
          "stream",
          i == 1 ? context : CommandContext.internal(Instant.now(), "test", "test"),
          tx -> {
            idsBefore.add(
                tx.createQuery(
                        "SELECT coalesce(CAST(pg_current_xact_id_if_assigned() AS text), 'none')")
                    .mapTo(String.class)
                    .one());
            return Basket.Put.one("thing");
          });
    }
    assertThat(idsBefore).containsExactly("none", "none");
    assertThat(runner.current("stream").version()).isEqualTo(2);
  }

  /** Transaction ids belong to the cluster: a transaction next door holds the outbox back, too. */
  @Test
  void eventsBehindATransactionOfAnotherDatabaseArePublishedSoonAfterItEnds() {
    try (TestDatabase neighbour = TestDatabase.fresh();
        TestTopic topic = TestTopic.fresh();
        OutboxRelay relay =
            new OutboxRelay(
                database.sessions("relay"),
                topic.store(),
                topic.kafka(),
                "/test",
                // Were it to wait idly, it would wait longer than this test.
                Duration.ofHours(1))) {
      var runner = database.runner(topic.store(), relay::wake);
      relay.start();
      runner.run("stream", Basket.Put.one("first"), context());
      topic.eventsUntil(1);

      try (Handle open = neighbour.jdbi().open()) {
        open.begin();
        open.execute("INSERT INTO basket VALUES ('open', 0, '', now())");
        runner.run("stream", Basket.Put.one("second"), context());
        // The relay has seen it and waits.
        await().until(() -> relayIsPolling());
        assertThat(topic.eventsUntil(1)).hasSize(1);

        open.rollback();
        Instant ended = Instant.now();
        assertThat(ids(topic.eventsUntil(2))).containsExactly("stream@1", "stream@2");
        System.out.printf(
            "published %d ms after the older transaction's end%n",
            Duration.between(ended, Instant.now()).toMillis());
      }
    }
  }

  private boolean relayIsPolling() {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                        .createQuery(
                            """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE application_name = 'relay' AND query LIKE '%count(*) > 0%'
                          AND query_start > now() - interval '1 second'
                          AND datname = current_database()
                        """)
                        .mapTo(Integer.class)
                        .one()
                    > 0);
  }

  private void writeWithStaggeredCommits(String stream) {
    try (Handle handle = database.jdbi().open()) {
      for (int version = 0; version < EVENTS_EACH; version++) {
        handle.begin();
        append(handle, stream, version);
        // Not a wait for anything: it is what makes the commits overtake each other.
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(3_000_000));
        handle.commit();
      }
    }
  }

  /** Makes sure that at least one commit is overtaken, however the threads happen to run. */
  private void commitWhenOvertaken(AtomicLong naivePosition) {
    try (Handle handle = database.jdbi().open()) {
      handle.begin();
      append(handle, "overtaken", 0);
      long position = maxPosition(handle, List.of("overtaken@1"));
      await().until(() -> naivePosition.get() > position);
      handle.commit();
    }
  }

  private void readGated(Set<String> seen, AtomicBoolean writing) {
    Outbox outbox = new Outbox(store);
    Outbox.Checkpoint checkpoint = Outbox.Checkpoint.BEGINNING;
    try (Handle handle = database.jdbi().open()) {
      boolean last = false;
      while (!last) {
        last = !writing.get();
        Outbox.Batch batch = outbox.read(handle, checkpoint);
        for (RecordedEvent event : batch.events()) {
          // In order within the stream, and once.
          assertThat(seen).doesNotContain(event.id());
          assertThat(event.version() == 1 || seen.contains(before(event))).isTrue();
          seen.add(event.id());
        }
        checkpoint = batch.end();
        last = last && batch.events().isEmpty();
      }
    }
  }

  private static String before(RecordedEvent event) {
    return event.stream() + "@" + (event.version() - 1);
  }

  private void readNaively(Set<String> seen, AtomicLong position, AtomicBoolean writing) {
    try (Handle handle = database.jdbi().open()) {
      boolean last = false;
      while (!last) {
        last = !writing.get();
        List<String> found = naiveAfter(handle, position.get());
        seen.addAll(found);
        position.accumulateAndGet(maxPosition(handle, found), Math::max);
        last = last && found.isEmpty();
      }
    }
  }

  /** What everyone writes first. */
  private static List<String> naiveAfter(Handle handle, long position) {
    return handle
        .createQuery(
            """
            SELECT stream || '@' || version FROM event WHERE position > :position
            ORDER BY position
            """)
        .bind("position", position)
        .mapTo(String.class)
        .list();
  }

  private static long maxPosition(Handle handle, List<String> ids) {
    return handle
        .createQuery(
            """
            SELECT coalesce(max(position), 0) FROM event
            WHERE stream || '@' || version = ANY (:ids)
            """)
        .bindBySqlType("ids", SqlArrays.of(handle, "text", ids), Types.ARRAY)
        .mapTo(Long.class)
        .one();
  }

  private void append(Handle tx, String stream, long expectedVersion) {
    store.append(
        tx,
        List.of(
            new StreamAppend(
                stream,
                expectedVersion,
                List.of(new NewEvent("openneg.test.ThingPut", new byte[] {'x'})))),
        context());
  }

  private static CommandContext context() {
    return CommandContext.internal(Instant.now(), "test", "test");
  }

  private static List<String> ids(List<RecordedEvent> events) {
    return events.stream().map(RecordedEvent::id).toList();
  }
}
