package io.openneg.eventlog;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows topics and keeps a {@link Projection} up to date: a batch of records, what they change
 * and the offsets behind them are one transaction, so a crash anywhere leaves nothing half-done and
 * nothing is applied twice. One replica at a time is active. Thread-safe.
 */
public final class KafkaProjector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaProjector.class);
  private static final int BATCH = 5_000;
  // Held in memory while the batch before is applied.
  private static final int FETCH_BYTES = 16_000_000;
  private static final Duration POLL = Duration.ofMillis(500);

  /** Between looks at what else the session has to say. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final CloseOptions AT_ONCE = CloseOptions.timeout(Duration.ZERO);

  private final String name;
  private final Set<String> topics;
  private final Map<String, Object> kafka;
  private final Runnable afterCommit;
  private final ProjectedBatch batches;
  private final Jdbi sessions;
  private final ActiveSession session;
  private volatile boolean caughtUp;
  private volatile boolean active;

  /**
   * @param sessions opens sessions of their own (not pooled) on the projection's database
   * @param name of the projection, unique in its database and stable
   * @param kafka client configuration, at least {@code bootstrap.servers}
   * @param afterCommit called after each commit that changed something; must not block
   */
  public KafkaProjector(
      Jdbi sessions,
      String name,
      Set<String> topics,
      Map<String, Object> kafka,
      Projection projection,
      Runnable afterCommit) {
    this.name = name;
    this.topics = Set.copyOf(topics);
    this.kafka = Map.copyOf(kafka);
    this.afterCommit = afterCommit;
    this.batches = new ProjectedBatch(name, projection);
    this.sessions = sessions;
    this.session = new ActiveSession(sessions, lock(), new Following());
  }

  private String lock() {
    return "projector " + name;
  }

  public void start() {
    session.start();
  }

  /**
   * How far the tables are that this replica sees. A lost connection changes nothing about what
   * they hold, so it does not lead back behind {@link #LIVE} or {@link #STANDBY}.
   */
  public enum State {
    /** Not connected yet. */
    CONNECTING,
    /** What is absent from the tables is unknown, not empty; whichever replica projects. */
    CATCHING_UP,
    /**
     * Another replica projects, and everything that the topics held when this one started was
     * applied.
     */
    STANDBY,
    /** This replica projects, and everything that the topics held when it started was applied. */
    LIVE
  }

  public String name() {
    return name;
  }

  public State state() {
    return switch (session.state()) {
      case CONNECTING -> caughtUp ? (active ? State.LIVE : State.STANDBY) : State.CONNECTING;
      case STANDBY -> caughtUp ? State.STANDBY : State.CATCHING_UP;
      case ACTIVE -> caughtUp ? State.LIVE : State.CATCHING_UP;
    };
  }

  /**
   * Has parked events tried again, soon and in the background, by whichever replica is active; a
   * restart does so by itself.
   *
   * @throws org.jdbi.v3.core.JdbiException when the database cannot be reached
   */
  public void replayParked() {
    sessions.useHandle(batches::requestReplay);
  }

  /** What could not be applied, oldest version first; the first thousand. */
  public List<ParkedEvents.Parked> parked(Handle handle) {
    return new ParkedEvents(name).list(handle);
  }

  /**
   * Empties the projection and forgets its offsets, so that it follows from the topics anew. Takes
   * effect in the caller's transaction.
   *
   * @throws IllegalStateException when a projector of that name is running, on any replica: it
   *     would write the offsets it knows behind the emptied tables
   */
  public void reset(Handle tx) {
    ActiveSession.exclude(tx, lock());
    batches.reset(tx);
  }

  private final class Following implements ActiveSession.Work {
    /** What the topics held when this replica started; null: not known yet. */
    private @Nullable Map<TopicPartition, Long> goal;

    @Override
    public void standBy(Handle session) throws InterruptedException {
      active = false;
      if (caughtUp) {
        return;
      }
      if (goal == null) {
        Topics.ensure(kafka, topics);
        KafkaConsumer<String, byte[]> consumer = consumer();
        try {
          goal = goal(consumer, partitions(consumer, topics));
        } finally {
          consumer.close(AT_ONCE);
        }
      }
      noteCaughtUp(batches.offsets(session));
    }

    @Override
    public void run(Handle session) throws InterruptedException {
      active = true;
      Topics.ensure(kafka, topics);
      batches.replayParked(session);
      KafkaConsumer<String, byte[]> consumer = consumer();
      try {
        List<TopicPartition> partitions = partitions(consumer, topics);
        Map<TopicPartition, Long> next = batches.offsets(session);
        consumer.assign(partitions);
        partitions.forEach(p -> consumer.seek(p, next.getOrDefault(p, 0L)));
        if (!caughtUp) {
          goal = goal(consumer, partitions);
        }
        long nextLook = System.nanoTime();
        while (true) {
          noteCaughtUp(next);
          ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
          if (!records.nextOffsets().isEmpty()) {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            records.nextOffsets().forEach((p, after) -> offsets.put(p, after.offset()));
            project(session, records, offsets);
            next.putAll(offsets);
          }
          // Finds out, too, whether the session and with it the lock is still there.
          if (System.nanoTime() - nextLook >= 0) {
            nextLook = System.nanoTime() + LOOK_NANOS;
            if (batches.takeReplayRequest(session)) {
              batches.replayParked(session);
              afterCommit.run();
            }
          }
        }
      } finally {
        consumer.close(AT_ONCE);
      }
    }

    private void noteCaughtUp(Map<TopicPartition, Long> next) {
      if (!caughtUp && goal != null) {
        caughtUp =
            goal.entrySet().stream()
                .allMatch(g -> next.getOrDefault(g.getKey(), 0L) >= g.getValue());
      }
    }
  }

  private void project(
      Handle session, ConsumerRecords<String, byte[]> records, Map<TopicPartition, Long> offsets) {
    List<RecordedEvent> events = new ArrayList<>(records.count());
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        events.add(CloudEventHeaders.toEvent(record));
      } catch (IllegalArgumentException | DateTimeException e) {
        // Not written by a relay: no stream waits for it.
        LOG.error(
            "{}: skipped {}-{} offset {}, not an event: {}",
            name,
            record.topic(),
            record.partition(),
            record.offset(),
            e.getMessage());
      }
    }
    try {
      session.useTransaction(tx -> batches.project(tx, events, offsets));
    } catch (RuntimeException e) {
      if (SqlErrors.isTransient(e)) {
        throw e;
      }
      LOG.warn(
          "{}: a batch of {} failed, applying it in parts: {}", name, events.size(), e.toString());
      session.useTransaction(tx -> batches.projectDividing(tx, events, offsets));
    }
    afterCommit.run();
  }

  /** Where the partitions end that hold something. */
  private static Map<TopicPartition, Long> goal(
      Consumer<?, ?> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> goal = new HashMap<>(consumer.endOffsets(partitions));
    goal.entrySet().removeIf(end -> end.getValue().equals(beginnings.get(end.getKey())));
    return goal;
  }

  static List<TopicPartition> partitions(Consumer<?, ?> consumer, Set<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      if (found.isEmpty()) {
        // Created a moment ago, and the broker asked has yet to hear of it. To go on would be to
        // take unknown for empty.
        throw new KafkaException("topic " + topic + " is not there yet");
      }
      found.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    return partitions;
  }

  private KafkaConsumer<String, byte[]> consumer() {
    return new KafkaConsumer<>(
        consumerConfig(), new StringDeserializer(), new ByteArrayDeserializer());
  }

  private Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    // The broker answers at once when there is something; asked less often, both have less to do.
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5_000);
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }

  @Override
  public void close() {
    session.close();
  }
}
