package io.openneg.proxyconfigservice.history;

import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.healthCheck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.RejectedException;
import io.openneg.proxyconfigservice.TestDatabase;
import io.openneg.proxyconfigservice.history.RoutingHistory.Difference;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.serviceruntime.api.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What compaction leaves is all of what it is to leave, wherever it is killed. */
class HistoryCompactionIT {
  private static final Jdbi JDBI = TestDatabase.create();
  private static final Instant BEGIN = Instant.parse("2026-05-01T12:00:00Z");
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int REVISIONS = 40;
  private static final int KEYS = 5;

  /** On one connection: thousands of questions. */
  private static final Jdbi READER = Jdbi.create(JDBI.open().getConnection());

  private final RoutingHistory history = new RoutingHistory(READER);
  private final Revisions revisions = new Revisions(READER);
  private final List<RoutingTable> tables = new ArrayList<>();
  private final Map<Integer, Long> moments = new HashMap<>();

  @BeforeEach
  void clear() {
    JDBI.useHandle(
        handle -> {
          handle.execute("TRUNCATE routing_row, revision, pinned_row, pin_change");
          handle.execute("UPDATE routing_head SET revision = 0, oldest_revision = 0");
        });
    tables.clear();
    moments.clear();
  }

  private static Instant second(int n) {
    return BEGIN.plusSeconds(n);
  }

  /** A revision a second or so, whose causes need not have happened in its order. */
  private void happens(Random random) {
    JDBI.useTransaction(
        tx -> {
          for (int revision = 1; revision <= REVISIONS; revision++) {
            tx.createUpdate("INSERT INTO revision VALUES (:revision, :at, 'cause', 'actor')")
                .bind("revision", revision)
                .bind(
                    "at",
                    second(Math.max(1, revision + random.nextInt(7) - 3)).atOffset(ZoneOffset.UTC))
                .execute();
            for (int change = random.nextInt(3); change >= 0; change--) {
              String key = check("c" + random.nextInt(KEYS));
              tx.createUpdate(
                      """
                      UPDATE routing_row SET to_revision = :revision
                      WHERE key = :key AND to_revision IS NULL AND from_revision < :revision
                      """)
                  .bind("revision", revision)
                  .bind("key", key)
                  .execute();
              if (random.nextInt(3) > 0) {
                tx.createUpdate(
                        """
                        INSERT INTO routing_row (kind, key, from_revision, content)
                        VALUES ('HEALTH_CHECK', :key, :revision, :content) ON CONFLICT DO NOTHING
                        """)
                    .bind("revision", revision)
                    .bind("key", key)
                    .bind(
                        "content",
                        healthCheck(key).toBuilder()
                            .setTimeoutSec(random.nextInt(100))
                            .build()
                            .toByteArray())
                    .execute();
              }
            }
          }
          tx.execute("UPDATE routing_head SET revision = ?", REVISIONS);
        });
    for (int revision = 0; revision <= REVISIONS; revision++) {
      tables.add(history.table(revision));
    }
    for (int n = 0; n < REVISIONS + 5; n++) {
      moments.put(n, history.at(second(n)));
    }
  }

  private HistoryCompaction keeping(int seconds, int batch) {
    return new HistoryCompaction(JDBI, Duration.ofSeconds(seconds), () -> second(REVISIONS), batch);
  }

  private static long oldest() {
    return READER.withHandle(OldestRevision::of);
  }

  /** Every moment of the last seconds is there, and what is behind is refused. */
  private void allIsKeptOfTheLast(int seconds) {
    long oldest = oldest();
    for (int revision = 1; revision <= REVISIONS; revision++) {
      if (revision >= oldest) {
        assertThat(history.table(revision)).isEqualTo(tables.get(revision));
        assertThat(revisions.get(revision)).isPresent();
      } else {
        long gone = revision;
        assertThatThrownBy(() -> history.table(gone))
            .isInstanceOf(RejectedException.class)
            .hasMessageContaining(
                "revision %d is no longer kept (openneg.history.retention); the oldest revision is"
                    + " %d, of 2026-05-01T12:",
                gone, oldest);
      }
    }
    for (int n = REVISIONS - seconds; n < REVISIONS + 5; n++) {
      assertThat(history.at(second(n))).isEqualTo(moments.get(n));
    }
    assertThat(history.table(0)).isEqualTo(RoutingTable.empty());
    assertThat(keys(history.differences(0, REVISIONS, Optional.empty(), 100)))
        .containsExactlyInAnyOrderElementsOf(tables.getLast().healthChecks().keySet());
  }

  private static List<String> keys(List<Difference> differences) {
    return differences.stream().map(difference -> difference.key().text()).toList();
  }

  @Test
  void whereverItIsKilledWhatIsWithinTheRetentionIsWholeAndWhatIsBehindIsRefused() {
    for (int seed = 0; seed < 6; seed++) {
      clear();
      Random random = new Random(seed);
      happens(random);
      int seconds = 5 + random.nextInt(20);
      int steps = 0;
      boolean more = true;
      while (more) {
        // Each step is a transaction, so between two of them is where it can be killed.
        more = keeping(seconds, 1 + random.nextInt(3)).step();
        steps++;
        allIsKeptOfTheLast(seconds);
      }
      assertThat(steps).as("steps of seed %d", seed).isGreaterThan(5);
      assertThat(count("revision WHERE revision < " + oldest())).isZero();
      assertThat(count("routing_row WHERE to_revision < " + oldest())).isZero();
      assertThat(revisions.list(Page.of(0, "", 100, 500)).items())
          .hasSize((int) (REVISIONS - oldest() + 1));
    }
  }

  private static long count(String from) {
    return JDBI.withHandle(
        handle -> handle.createQuery("SELECT count(*) FROM " + from).mapTo(Long.class).one());
  }

  @Test
  void aTransactionThatIsKilledInTheMiddleLeavesAllAsItWas() {
    happens(new Random(7));
    assertThat(keeping(10, 100).step()).isTrue();
    long rows = count("routing_row");
    JDBI.useTransaction(
        tx -> {
          tx.execute("LOCK TABLE routing_row IN SHARE MODE");
          CompletableFuture<Boolean> deleting =
              CompletableFuture.supplyAsync(() -> keeping(10, 100).step());
          await()
              .atMost(SOON)
              .until(
                  () ->
                      count(
                              "pg_stat_activity WHERE query LIKE 'DELETE FROM routing_row%'"
                                  + " AND wait_event_type = 'Lock'"
                                  + " AND pg_terminate_backend(pid)")
                          == 1);
          assertThatThrownBy(deleting::join).hasMessageContaining("terminating connection");
        });
    assertThat(count("routing_row")).isEqualTo(rows);
    allIsKeptOfTheLast(10);
    assertThat(keeping(10, 100).step()).isTrue();
    assertThat(count("routing_row")).isLessThan(rows);
    allIsKeptOfTheLast(10);
  }

  @Test
  void aMomentBeforeWhatIsKeptIsRefusedAndNotAnEmptyTable() {
    happens(new Random(1));
    while (keeping(5, 100).step()) {
      assertThat(oldest()).isPositive();
    }
    assertThatThrownBy(() -> history.at(second(1)))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("the table of 2026-05-01T12:00:01Z is no longer kept");
    Moments asked = new Moments(history, revisions);
    assertThatThrownBy(() -> asked.revision(new Moment(1, "revision"), true))
        .hasMessageContaining("revision 1 is no longer kept");
    assertThatThrownBy(() -> history.differences(1, REVISIONS, Optional.empty(), 10))
        .hasMessageContaining("revision 1 is no longer kept");
  }

  @Test
  void aPinnedTableStaysAndWhatIsNoLongerKeptCannotBePinned() {
    happens(new Random(2));
    Pins pins = new Pins(JDBI, () -> second(REVISIONS));
    var _ = pins.pin(3, "alice", "");
    long pinned = count("pinned_row");
    while (keeping(5, 100).step()) {
      assertThat(oldest()).isPositive();
    }
    assertThat(count("pinned_row"))
        .isEqualTo(pinned)
        .isEqualTo(tables.get(3).healthChecks().size());
    assertThatThrownBy(() -> pins.pin(4, "alice", ""))
        .hasMessageContaining("revision 4 is no longer kept");
  }

  @Test
  void whenAllIsOldTheNewestStaysAndWhenAllIsNewAllDoes() {
    happens(new Random(3));
    assertThat(keeping(10_000, 100).step()).isFalse();
    assertThat(oldest()).isZero();
    HistoryCompaction late =
        new HistoryCompaction(JDBI, Duration.ofSeconds(1), () -> second(10_000), 100);
    while (late.step()) {
      assertThat(oldest()).isEqualTo(REVISIONS);
    }
    assertThat(history.table(REVISIONS)).isEqualTo(tables.get(REVISIONS));
    assertThat(history.at(second(9_999))).isEqualTo(REVISIONS);
  }
}
