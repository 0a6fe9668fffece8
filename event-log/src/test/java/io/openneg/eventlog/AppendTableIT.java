package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** How events share rows shows nowhere: any part of any stream is read as it was appended. */
class AppendTableIT {
  private static final CommandContext CONTEXT =
      CommandContext.internal(Instant.parse("2026-11-23T08:00:00Z"), "test", "test");

  private final EventStore store = new EventStore("rows.events.v1");
  private final Random random = new Random(11);

  @Test
  void anyPartOfAnyStreamIsReadAsItWasAppended() {
    try (TestDatabase database = TestDatabase.fresh()) {
      Map<String, List<String>> streams = new LinkedHashMap<>();
      List.of("a", "ab", "b/1", "b/10").forEach(name -> streams.put(name, new ArrayList<>()));
      for (int i = 0; i < 60; i++) {
        database.jdbi().useTransaction(tx -> append(tx, streams));
      }
      try (Handle handle = database.jdbi().open()) {
        streams.forEach(
            (name, all) -> assertThat(read(handle, name, 0, all.size())).isEqualTo(all));
        for (int i = 0; i < 300; i++) {
          readAPart(handle, streams);
          readFromSomewhereOn(handle, streams);
        }
        readAll(handle, streams);
      }
    }
  }

  private void append(Handle tx, Map<String, List<String>> streams) {
    List<StreamAppend> appends = new ArrayList<>();
    streams.forEach(
        (name, all) -> {
          int count = sizes()[random.nextInt(sizes().length)];
          int before = all.size();
          List<NewEvent> events = new ArrayList<>();
          for (int n = 0; n < count; n++) {
            String payload =
                name + (all.size() + 1) + "x".repeat(random.nextInt(40) == 0 ? 9_000 : 9);
            all.add(payload);
            events.add(new NewEvent("type" + all.size() % 3, payload.getBytes(UTF_8)));
          }
          appends.add(new StreamAppend(name, before, events));
        });
    store.append(tx, appends, CONTEXT);
  }

  /** None, one, some, and around what fits into a row. */
  private static int[] sizes() {
    return new int[] {0, 0, 1, 1, 1, 2, 7, 499, 500, 501};
  }

  private void readAPart(Handle handle, Map<String, List<String>> streams) {
    String name = one(streams);
    List<String> all = requireNonNull(streams.get(name));
    int first = 1 + random.nextInt(all.size());
    int last = first - 1 + random.nextInt(700);
    assertThat(read(handle, name, first - 1, last))
        .isEqualTo(all.subList(first - 1, Math.min(last, all.size())));
    boolean newestFirst = random.nextBoolean();
    int limit = 1 + random.nextInt(600);
    List<Long> versions = new ArrayList<>();
    for (long version = first; version <= Math.min(last, all.size()); version++) {
      versions.add(version);
    }
    if (newestFirst) {
      versions.sort(Comparator.reverseOrder());
    }
    assertThat(store.read(handle, name, first, last, newestFirst, limit))
        .extracting(RecordedEvent::version)
        .isEqualTo(versions.subList(0, Math.min(limit, versions.size())));
  }

  private void readFromSomewhereOn(Handle handle, Map<String, List<String>> streams) {
    Map<String, Long> after = new HashMap<>();
    Map<String, List<String>> wanted = new HashMap<>();
    streams.forEach(
        (name, all) -> {
          int version = random.nextInt(all.size() + 1);
          after.put(name, (long) version);
          if (version < all.size()) {
            wanted.put(name, all.subList(version, all.size()));
          }
        });
    after.put("unknown", 0L);
    Map<String, List<String>> found = new HashMap<>();
    store
        .readAfter(handle, after)
        .forEach(
            (name, events) ->
                found.put(name, checked(name, requireNonNull(after.get(name)), events)));
    assertThat(found).isEqualTo(wanted);
  }

  private void readAll(Handle handle, Map<String, List<String>> streams) {
    Map<String, List<String>> found = new LinkedHashMap<>();
    handle.useTransaction(
        tx ->
            store.readAll(
                tx,
                1_000,
                chunk ->
                    chunk.forEach(
                        event ->
                            found
                                .computeIfAbsent(event.stream(), _ -> new ArrayList<>())
                                .add(new String(event.payload(), UTF_8)))));
    assertThat(found).isEqualTo(streams);
  }

  private List<String> read(Handle handle, String name, long after, long to) {
    return checked(name, after, store.read(handle, name, after, to));
  }

  /** Their payloads, of consecutive versions. */
  private static List<String> checked(String name, long after, List<RecordedEvent> events) {
    List<String> payloads = new ArrayList<>();
    for (RecordedEvent event : events) {
      payloads.add(new String(event.payload(), UTF_8));
      assertThat(event.id()).isEqualTo(name + "@" + (after + payloads.size()));
      assertThat(event.type()).isEqualTo("type" + event.version() % 3);
      assertThat(event.appendEnd()).isGreaterThanOrEqualTo(event.version());
    }
    return payloads;
  }

  private String one(Map<String, List<String>> streams) {
    return List.copyOf(streams.keySet()).get(random.nextInt(streams.size()));
  }

  @Test
  void eventsThatHadARowEachAreKeptAndFollowed() {
    Database database = TestServers.freshDatabase();
    migrate(database, "4");
    Jdbi jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
    for (int version = 1; version <= 3; version++) {
      String insert =
          """
          INSERT INTO event (stream, version, append_end, type, payload, occurred_at, actor, cause)
          VALUES ('old', %1$d, %1$d, 'thing', 'payload %1$d', '2026-11-23 07:00', 'ann', 'why')
          """
              .formatted(version);
      jdbi.useTransaction(tx -> tx.execute(insert));
    }
    List<String> before = rows(jdbi);

    migrate(database, "5");

    assertThat(rows(jdbi)).isEqualTo(before).hasSize(3);
    jdbi.useTransaction(
        tx ->
            store.append(
                tx,
                List.of(new StreamAppend("old", 3, List.of(new NewEvent("thing", new byte[1])))),
                CONTEXT));
    List<String> after = rows(jdbi);
    assertThat(after.subList(0, 3)).isEqualTo(before);
    assertThat(after.get(3)).contains("old@4");
    long version = jdbi.withHandle(handle -> store.version(handle, "old"));
    assertThat(version).isEqualTo(4);
  }

  private static void migrate(Database database, String version) {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog")
        .target(version)
        .load()
        .migrate();
  }

  /** In the order in which they are published. */
  private static List<String> rows(Jdbi jdbi) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT concat_ws(' ', stream || '@' || version, txid, position, append_end, type,
                      payload, occurred_at, actor, request_id, cause)
                    FROM event ORDER BY txid, position, version
                    """)
                .mapTo(String.class)
                .list());
  }
}
