package io.openneg.eventlog;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the event table to its topic: every event, in order within its stream, at least once.
 * One replica at a time is active. Thread-safe.
 *
 * <p>The checkpoint moves after Kafka's acknowledgement, so a crash in between publishes again what
 * readers recognize by its version. Why the order holds: {@link Outbox}.
 */
public final class OutboxRelay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxRelay.class);
  private static final String CHANNEL = "event_appended";
  // The safety net under NOTIFY; ten looks a second cost an idle service half of its processor
  // time.
  private static final Duration IDLE_POLL = Duration.ofMillis(500);
  // Nobody signals the end of the transaction that committed events wait for. A tenth of the time
  // already waited, so that a long one costs few queries and a short one little delay.
  private static final Duration GATED_POLL_MIN = Duration.ofMillis(1);
  private static final Duration GATED_POLL_MAX = Duration.ofMillis(20);
  private static final Duration ACKNOWLEDGED_WITHIN = Duration.ofSeconds(30);

  private final EventStore store;
  private final Outbox outbox;
  private final String source;
  private final Map<String, Object> kafka;
  private final Duration idlePoll;
  private final Wakeup wakeup = new Wakeup();
  private final ActiveSession active;
  private final NotificationListener listener;
  private final Notifier notifier;

  /**
   * @param sessions opens sessions of their own (not pooled) on the store's database
   * @param kafka client configuration, at least {@code bootstrap.servers}
   * @param source the CloudEvents source, such as {@code /neg-service}
   */
  public OutboxRelay(Jdbi sessions, EventStore store, Map<String, Object> kafka, String source) {
    this(sessions, store, kafka, source, IDLE_POLL);
  }

  OutboxRelay(
      Jdbi sessions,
      EventStore store,
      Map<String, Object> kafka,
      String source,
      Duration idlePoll) {
    this.store = store;
    this.outbox = new Outbox(store);
    this.source = source;
    this.kafka = Map.copyOf(kafka);
    this.idlePoll = idlePoll;
    this.active = new ActiveSession(sessions, "relay of " + store.topic(), this::run);
    this.listener = new NotificationListener(sessions, CHANNEL, wakeup::signal);
    this.notifier = new Notifier(sessions, CHANNEL);
  }

  private Map<String, Object> producerConfig() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    // What is read together goes together, see publish: with a second batch of a partition waiting,
    // the client wakes its sender for every record.
    config.put(ProducerConfig.LINGER_MS_CONFIG, 1_000);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, 512 * 1024);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    // A record that expired alone would let those behind it in its stream pass.
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }

  public void start() {
    active.start();
    listener.start();
    notifier.start();
  }

  /** Says that something was committed, to the replica that publishes. Never blocks. */
  public void wake() {
    wakeup.signal();
    if (!isActive()) {
      notifier.signal();
    }
  }

  /** Whether this replica is the one that publishes. */
  public boolean isActive() {
    return active.state() == ActiveSession.State.ACTIVE;
  }

  private void run(Handle session) throws InterruptedException {
    // A lost checkpoint only means that some events are sent again.
    session.execute("SET synchronous_commit = off");
    Outbox.Checkpoint checkpoint = outbox.checkpoint(session);
    Topics.ensure(kafka, Set.of(store.topic()));
    Producer<String, byte[]> producer =
        new KafkaProducer<>(producerConfig(), new StringSerializer(), new ByteArraySerializer());
    try {
      Instant idleSince = Instant.now();
      while (true) {
        Outbox.Batch batch = outbox.read(session, checkpoint);
        if (!batch.events().isEmpty()) {
          publish(producer, batch.events());
          checkpoint = batch.end();
          outbox.save(session, checkpoint);
          idleSince = Instant.now();
        } else if (outbox.hasMore(session, checkpoint)) {
          wakeup.await(gatedPoll(Duration.between(idleSince, Instant.now())));
        } else {
          wakeup.await(idlePoll);
          idleSince = Instant.now();
        }
      }
    } finally {
      // What is not acknowledged is sent again, by whoever is active then.
      producer.close(Duration.ZERO);
    }
  }

  static Duration gatedPoll(Duration waited) {
    Duration tenth = waited.dividedBy(10);
    if (tenth.compareTo(GATED_POLL_MIN) < 0) {
      return GATED_POLL_MIN;
    }
    return tenth.compareTo(GATED_POLL_MAX) > 0 ? GATED_POLL_MAX : tenth;
  }

  private void publish(Producer<String, byte[]> producer, List<RecordedEvent> events)
      throws InterruptedException {
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    List<Future<RecordMetadata>> sent = new ArrayList<>(events.size());
    CloudEventHeaders.Writer writer = new CloudEventHeaders.Writer(source);
    for (RecordedEvent event : events) {
      sent.add(
          producer.send(
              writer.toRecord(event),
              (_, e) -> {
                if (e != null) {
                  failure.compareAndSet(null, e);
                }
              }));
      // Nothing may follow what was not taken: it would be out of order, and each further try
      // blocks for long while Kafka is away.
      if (failure.get() != null) {
        throw refused(failure.get());
      }
    }
    // It waits for what the deadline below gives up; closing the producer ends it.
    Thread.startVirtualThread(producer::flush);
    long deadline = System.nanoTime() + ACKNOWLEDGED_WITHIN.toNanos();
    for (Future<RecordMetadata> acknowledgement : sent) {
      try {
        acknowledgement.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw refused(e.getCause());
      } catch (TimeoutException e) {
        throw new KafkaException(
            "Kafka did not acknowledge events of %s within %d s"
                .formatted(store.topic(), ACKNOWLEDGED_WITHIN.toSeconds()),
            e);
      }
    }
    LOG.debug("{}: {} events acknowledged", store.topic(), events.size());
  }

  private KafkaException refused(@Nullable Throwable cause) {
    return new KafkaException("Kafka did not take an event of " + store.topic(), cause);
  }

  @Override
  public void close() {
    listener.close();
    notifier.close();
    active.close();
  }
}
