package io.openneg.healthservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.OutboxRelay;
import io.openneg.eventlog.RecordedEvent;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** The log and relay of another service, so that its events come as they do in production. */
final class EventPublisher implements AutoCloseable {
  private final EventStore store;
  private final Map<String, Object> kafka;
  private final Jdbi jdbi;
  private OutboxRelay relay;

  EventPublisher(String topic, String kafkaBootstrap) {
    Database database = TestServers.freshDatabase();
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog")
        .load()
        .migrate();
    this.store = new EventStore(topic);
    this.kafka = Map.of("bootstrap.servers", kafkaBootstrap);
    this.jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
    this.relay = startRelay();
  }

  private OutboxRelay startRelay() {
    OutboxRelay started = new OutboxRelay(jdbi, store, kafka, "/test");
    started.start();
    return started;
  }

  void publish(RecordedEvent... events) {
    for (RecordedEvent event : events) {
      jdbi.useTransaction(
          tx ->
              store.append(
                  tx,
                  List.of(
                      new StreamAppend(
                          event.stream(),
                          event.version() - 1,
                          List.of(new NewEvent(event.type(), event.payload())))),
                  CommandContext.internal(java.time.Instant.now(), "test", "test")));
    }
    relay.wake();
  }

  /** Publishes everything again, as a relay does that lost its checkpoint. */
  void publishAgain() {
    relay.close();
    jdbi.useHandle(handle -> handle.execute("DELETE FROM outbox_checkpoint"));
    relay = startRelay();
  }

  @Override
  public void close() {
    relay.close();
  }
}
