package io.openneg.eventlog;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
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
  private static final Duration POLL = Duration.ofMillis(200);

  private final String name;
  private final Set<String> topics;
  private final Map<String, Object> kafka;
  private final Runnable afterCommit;
  private final ProjectedBatch batches;
  private final ActiveSession active;
  private volatile boolean caughtUp;
  private volatile boolean replayRequested;

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
    this.kafka = kafka;
    this.afterCommit = afterCommit;
    this.batches = new ProjectedBatch(name, projection);
    this.active = new ActiveSession(sessions, "projector " + name, this::run);
  }

  public void start() {
    active.start();
  }

  /** How far this replica's projector is. */
  public enum State {
    /** Not connected yet, or not any more. */
    CONNECTING,
    /** Another replica projects. */
    STANDBY,
    /** What is absent from the tables is unknown, not empty. */
    CATCHING_UP,
    /** Everything that the topics held when this replica became active was applied. */
    LIVE
  }

  public String name() {
    return name;
  }

  public State state() {
    return switch (active.state()) {
      case CONNECTING -> caughtUp ? State.LIVE : State.CONNECTING;
      case STANDBY -> State.STANDBY;
      case ACTIVE -> caughtUp ? State.LIVE : State.CATCHING_UP;
    };
  }

  /** Tries parked events again, soon and in the background; a restart does so by itself. */
  public void replayParked() {
    replayRequested = true;
  }

  /** What could not be applied, oldest version first. */
  public List<ParkedEvents.Parked> parked(Handle handle) {
    return new ParkedEvents(name).list(handle);
  }

  /**
   * Empties the projection and forgets its offsets, so that it follows from the topics anew. Takes
   * effect in the caller's transaction; the projector must not be running.
   */
  public void reset(Handle tx) {
    batches.reset(tx);
  }

  private void run(Handle session) throws InterruptedException {
    Topics.ensure(kafka, topics);
    session.useTransaction(batches::replayParked);
    try (Consumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            consumerConfig(), new StringDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      Map<TopicPartition, Long> next = batches.offsets(session);
      for (TopicPartition partition : partitions) {
        consumer.seek(partition, next.getOrDefault(partition, 0L));
      }
      Map<TopicPartition, Long> goal = consumer.endOffsets(partitions);
      while (true) {
        caughtUp = caughtUp || reached(consumer, goal);
        ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          project(session, records, positions(consumer, records.partitions()));
        }
        if (replayRequested) {
          replayRequested = false;
          session.useTransaction(batches::replayParked);
          afterCommit.run();
        }
      }
    }
  }

  private void project(
      Handle session,
      ConsumerRecords<String, byte[]> records,
      Map<TopicPartition, Long> positions) {
    List<RecordedEvent> events = new ArrayList<>(records.count());
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        events.add(CloudEventHeaders.toEvent(record));
      } catch (IllegalArgumentException | java.time.DateTimeException e) {
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
      session.useTransaction(tx -> batches.project(tx, events, positions));
    } catch (RuntimeException e) {
      if (SqlErrors.isTransient(e)) {
        throw e;
      }
      LOG.warn(
          "{}: a batch of {} failed, applying one by one: {}", name, events.size(), e.toString());
      session.useTransaction(tx -> batches.projectOneByOne(tx, events, positions));
    }
    afterCommit.run();
  }

  private List<TopicPartition> partitions(Consumer<String, byte[]> consumer) {
    return topics.stream()
        .flatMap(topic -> consumer.partitionsFor(topic).stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  private static boolean reached(Consumer<?, ?> consumer, Map<TopicPartition, Long> goal) {
    return goal.entrySet().stream().allMatch(g -> consumer.position(g.getKey()) >= g.getValue());
  }

  private static Map<TopicPartition, Long> positions(
      Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(p -> positions.put(p, consumer.position(p)));
    return positions;
  }

  private Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }

  @Override
  public void close() {
    active.close();
  }
}
