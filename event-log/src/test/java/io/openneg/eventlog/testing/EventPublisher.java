package io.openneg.eventlog.testing;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.eventlog.RecordedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** The log and relay of another service, so that its events come as they do in production. */
public final class EventPublisher implements AutoCloseable {
  private final EventStore store;
  private final Jdbi jdbi;
  private OutboxRelay relay;

  public EventPublisher(String topic) {
    Database database = TestServers.freshDatabase();
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog")
        .load()
        .migrate();
    this.store = new EventStore(topic);
    this.jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
    this.relay = startRelay();
  }

  private OutboxRelay startRelay() {
    OutboxRelay started =
        new OutboxRelay(
            jdbi, store, Map.of("bootstrap.servers", TestServers.kafkaBootstrap()), "/test");
    started.start();
    return started;
  }

  public void publish(RecordedEvent... events) {
    publish(List.of(events));
  }

  /** What one command appended, as the events themselves say, is appended at once here too. */
  public void publish(List<RecordedEvent> events) {
    int from = 0;
    while (from < events.size()) {
      RecordedEvent first = events.get(from);
      int to = from + 1 + (int) (first.appendEnd() - first.version());
      append(events.subList(from, to));
      from = to;
    }
    relay.wake();
  }

  private void append(List<RecordedEvent> command) {
    RecordedEvent first = command.getFirst();
    jdbi.useTransaction(
        tx ->
            store.append(
                tx,
                List.of(
                    new StreamAppend(
                        first.stream(),
                        first.version() - 1,
                        command.stream()
                            .map(event -> new NewEvent(event.type(), event.payload()))
                            .toList())),
                CommandContext.internal(Instant.now(), "test", "test")));
  }

  /** Publishes everything again, as a relay does that lost its checkpoint. */
  public void publishAgain() {
    relay.close();
    jdbi.useHandle(handle -> handle.execute("DELETE FROM outbox_checkpoint"));
    relay = startRelay();
  }

  @Override
  public void close() {
    relay.close();
  }
}
