package io.openneg.eventlog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the event table to its topic: every event, in order within its stream, at least once.
 * One replica at a time is active. Thread-safe.
 *
 * <p>A sequence's order is not commit order, so "all above the last position" would skip events for
 * good. The relay reads in order of (transaction id, position) and only below the oldest
 * transaction that still runs: nothing can appear below that line any more. The checkpoint moves
 * after Kafka's acknowledgement, so a crash in between publishes again what readers recognize by
 * its version.
 */
public final class OutboxRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final int BATCH = 2_000;
  // The safety net under NOTIFY.
  private static final Duration IDLE_POLL = Duration.ofMillis(100);
  // While events wait for an older transaction to end, nobody signals its end.
  private static final Duration GATED_POLL = Duration.ofMillis(1);

  private final EventStore store;
  private final String source;
  private final Map<String, Object> producerConfig;
  private final Wakeup wakeup = new Wakeup();
  private final ActiveSession active;
  private final NotificationListener listener;

  /**
   * @param sessions opens sessions of their own (not pooled) on the store's database
   * @param kafka client configuration, at least {@code bootstrap.servers}
   * @param source the CloudEvents source, such as {@code /neg-service}
   */
  public OutboxRelay(Jdbi sessions, EventStore store, Map<String, Object> kafka, String source) {
    this.store = store;
    this.source = source;
    this.producerConfig = producerConfig(kafka);
    this.active = new ActiveSession(sessions, "relay of " + store.topic(), this::run);
    this.listener = new NotificationListener(sessions, "event_appended", wakeup::signal);
  }

  private static Map<String, Object> producerConfig(Map<String, Object> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }

  public void start() {
    active.start();
    listener.start();
  }

  /** Says that something was committed. Never blocks. */
  public void wake() {
    wakeup.signal();
  }

  /** Whether this replica is the one that publishes. */
  public boolean isActive() {
    return active.state() == ActiveSession.State.ACTIVE;
  }

  private void run(Handle session) throws InterruptedException {
    // A lost checkpoint only means that some events are sent again.
    session.execute("SET synchronous_commit = off");
    try (Producer<String, byte[]> producer =
        new KafkaProducer<>(producerConfig, new StringSerializer(), new ByteArraySerializer())) {
      Checkpoint checkpoint = checkpoint(session);
      while (true) {
        Batch batch = read(session, checkpoint);
        if (!batch.events().isEmpty()) {
          publish(producer, batch.events());
          checkpoint = batch.end();
          save(session, checkpoint);
        } else {
          wakeup.await(batch.gated() ? GATED_POLL : IDLE_POLL);
        }
      }
    }
  }

  /**
   * Everything up to and with this place is acknowledged. A transaction id is an unsigned number.
   */
  record Checkpoint(String txid, long position) {}

  /**
   * @param gated whether committed events wait for an older transaction to end
   */
  record Batch(List<RecordedEvent> events, Checkpoint end, boolean gated) {}

  private Checkpoint checkpoint(Handle session) {
    return session
        .createQuery("SELECT txid::text, position FROM outbox_checkpoint WHERE topic = :topic")
        .bind("topic", store.topic())
        .map((row, _) -> new Checkpoint(row.getString(1), row.getLong(2)))
        .findOne()
        .orElse(new Checkpoint("0", 0));
  }

  Batch read(Handle session, Checkpoint after) {
    List<RecordedEvent> events = new ArrayList<>();
    var end =
        new Object() {
          Checkpoint checkpoint = after;
          boolean gated;
        };
    session
        .createQuery(
            "SELECT "
                + EventStore.COLUMNS
                + """
                , txid::text AS tx, position,
                  txid < pg_snapshot_xmin(pg_current_snapshot()) AS settled
                FROM event
                WHERE (txid, position) > (CAST(:txid AS xid8), :position)
                ORDER BY txid, position
                LIMIT :limit
                """)
        .bind("txid", after.txid())
        .bind("position", after.position())
        .bind("limit", BATCH)
        .map(
            (row, _) -> {
              if (row.getBoolean("settled")) {
                events.add(EventStore.recorded(row.getString("stream"), row, store.topic()));
                end.checkpoint = new Checkpoint(row.getString("tx"), row.getLong("position"));
              } else {
                end.gated = true;
              }
              return true;
            })
        .list();
    return new Batch(events, end.checkpoint, end.gated);
  }

  private void publish(Producer<String, byte[]> producer, List<RecordedEvent> events)
      throws InterruptedException {
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    for (RecordedEvent event : events) {
      sent.add(producer.send(CloudEventHeaders.toRecord(event, source)));
    }
    for (Future<RecordMetadata> acknowledgement : sent) {
      try {
        acknowledgement.get();
      } catch (ExecutionException e) {
        throw new KafkaException("Kafka did not take an event of " + store.topic(), e.getCause());
      }
    }
    LOG.debug("{}: {} events acknowledged", store.topic(), events.size());
  }

  private void save(Handle session, Checkpoint checkpoint) {
    session
        .createUpdate(
            """
            INSERT INTO outbox_checkpoint (topic, txid, position)
            VALUES (:topic, CAST(:txid AS xid8), :position)
            ON CONFLICT (topic) DO UPDATE SET txid = excluded.txid, position = excluded.position
            """)
        .bind("topic", store.topic())
        .bind("txid", checkpoint.txid())
        .bind("position", checkpoint.position())
        .execute();
  }

  @Override
  public void close() {
    listener.close();
    active.close();
  }
}
