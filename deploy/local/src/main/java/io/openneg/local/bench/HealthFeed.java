package io.openneg.local.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.health.v1.HealthChanged;
import io.openneg.health.v1.HealthEvent;
import io.openneg.health.v1.HealthState;
import io.openneg.local.client.HttpLoadBalancer.Address;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What health-service tells to everyone, by Kafka, and when that is here. Thread-safe. */
final class HealthFeed implements AutoCloseable {
  private static final String TOPIC = "health.events.v1";
  private static final Duration PAUSE = Duration.ofMillis(100);

  private record Told(HealthState state, long atNanos) {}

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<Address, Told> newest = new ConcurrentHashMap<>();
  private final Thread thread = Thread.ofPlatform().name("feed").daemon().unstarted(this::follow);

  /** Everything told from the beginning. */
  HealthFeed(String kafkaBootstrap) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                kafkaBootstrap,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "fetch.min.bytes",
                1),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(
        consumer.partitionsFor(TOPIC).stream()
            .map(partition -> new TopicPartition(TOPIC, partition.partition()))
            .toList());
    thread.start();
  }

  private void follow() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> event : consumer.poll(Duration.ofSeconds(1))) {
          note(event.value());
        }
      }
    } catch (WakeupException _) {
      // Only close() wakes it.
    }
  }

  private void note(byte[] payload) {
    try {
      HealthEvent event = HealthEvent.parseFrom(payload);
      if (event.hasHealthChanged()) {
        HealthChanged change = event.getHealthChanged();
        newest.put(
            new Address(change.getIpAddress(), change.getPort()),
            new Told(change.getNewState(), System.nanoTime()));
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(TOPIC + " holds what is no HealthEvent", e);
    }
  }

  /**
   * Waits until the newest that was told of each is this state.
   *
   * @throws IllegalStateException saying how many are missing, when that takes too long
   */
  void await(Collection<Address> endpoints, HealthState state, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      long missing = endpoints.stream().filter(endpoint -> !isTold(endpoint, state)).count();
      if (missing == 0) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            "%,d of %,d endpoints are not %s after %d s"
                .formatted(missing, endpoints.size(), state, patience.toSeconds()));
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private boolean isTold(Address endpoint, HealthState state) {
    Told told = newest.get(endpoint);
    return told != null && told.state() == state;
  }

  /** When the newest state of an endpoint was here, as {@link System#nanoTime}. */
  long toldAt(Address endpoint) {
    Told told = newest.get(endpoint);
    if (told == null) {
      throw new IllegalStateException("nothing was told of " + endpoint);
    }
    return told.atNanos();
  }

  @Override
  public void close() {
    consumer.wakeup();
  }
}
