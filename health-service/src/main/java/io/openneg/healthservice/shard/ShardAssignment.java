package io.openneg.healthservice.shard;

import io.openneg.eventlog.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which shards Kafka gives to this replica: those of the partitions that a consumer group assigns
 * to it. Nothing is consumed; the group is there for its membership. While Kafka is away the last
 * assignment holds. Thread-safe.
 */
public final class ShardAssignment implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardAssignment.class);
  private static final String GROUP = "health-service-probers";

  /** After this time without a word a replica counts as dead; brokers allow no less by default. */
  private static final int SESSION_MS = 6_000;

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration REST = Duration.ofSeconds(1);

  private final String topic;
  private final Map<String, Object> kafka;
  private final Runnable onChange;
  private final Thread thread = Thread.ofPlatform().name("shards").daemon().unstarted(this::loop);
  private volatile Assigned assigned = new Assigned(Set.of(), 0);
  private volatile boolean doubted;
  private volatile boolean closed;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> current;

  /**
   * @param round counts how often the replicas shared the shards out anew: what Kafka said in a
   *     later round it said knowing of all the replicas that took part
   */
  public record Assigned(Set<Integer> shards, long round) {}

  /**
   * @param topic whose partitions stand for the shards; all replicas name the same
   * @param kafka client configuration, at least {@code bootstrap.servers}
   * @param onChange called after each change; must not block
   */
  public ShardAssignment(String topic, Map<String, Object> kafka, Runnable onChange) {
    this.topic = topic;
    this.kafka = Map.copyOf(kafka);
    this.onChange = onChange;
  }

  /** Joins the group; from then on shards are taken from other replicas. */
  public void start() {
    thread.start();
  }

  /** The shards of this replica. */
  public Assigned assigned() {
    return assigned;
  }

  /**
   * Has the replicas share the shards out anew, soon: somebody else claimed what Kafka had given to
   * this one. A replica that is cut off from Kafka gets no answer, and so claims nothing back.
   */
  public void doubt() {
    doubted = true;
  }

  private void loop() {
    while (!closed) {
      try {
        Topics.ensure(kafka, List.of(topic));
        takePart();
      } catch (WakeupException | InterruptedException _) {
        // Only close() does that, and it has set closed.
        return;
      } catch (KafkaException e) {
        LOG.warn("joining the replicas again: {}", e.toString());
        rest();
      }
    }
  }

  private void takePart() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      current = consumer;
      consumer.subscribe(List.of(topic), new Rebalances(consumer));
      while (!closed) {
        var _ = consumer.poll(POLL);
        if (doubted) {
          doubted = false;
          consumer.enforceRebalance("another replica has claimed shards of this one");
        }
      }
    } finally {
      current = null;
      // A new consumer is a new member, which has nothing yet.
      set(Set.of(), assigned.round());
    }
  }

  private static void rest() {
    try {
      Thread.sleep(REST);
    } catch (InterruptedException _) {
      // As above.
    }
  }

  private Map<String, Object> config() {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, SESSION_MS / 4);
    config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    // Who keeps a shard probes on while others move.
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return config;
  }

  private void set(Set<Integer> shards, long round) {
    Assigned before = assigned;
    assigned = new Assigned(Set.copyOf(shards), round);
    if (!shards.equals(before.shards())) {
      LOG.info("shards of this replica: {}", new TreeSet<>(shards));
    }
    onChange.run();
  }

  private final class Rebalances implements ConsumerRebalanceListener {
    private final KafkaConsumer<?, ?> consumer;

    private Rebalances(KafkaConsumer<?, ?> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      consumer.pause(partitions);
      // Also called with none at the end of each round.
      Set<Integer> now = new TreeSet<>(assigned.shards());
      partitions.forEach(partition -> now.add(partition.partition()));
      set(now, assigned.round() + 1);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      Set<Integer> now = new TreeSet<>(assigned.shards());
      partitions.forEach(partition -> now.remove(partition.partition()));
      set(now, assigned.round());
    }
  }

  @Override
  public void close() {
    closed = true;
    KafkaConsumer<byte[], byte[]> consumer = current;
    if (consumer == null) {
      thread.interrupt();
    } else {
      // It says goodbye then, so that the others need not wait for the session to end.
      consumer.wakeup();
    }
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
