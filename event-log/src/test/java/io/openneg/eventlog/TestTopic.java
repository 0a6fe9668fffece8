package io.openneg.eventlog;

import static org.awaitility.Awaitility.await;

import io.openneg.embedded.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic of a test's own, to look into and to put records into as no relay would. */
final class TestTopic implements AutoCloseable {
  private final String name;
  private final String bootstrap;
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, byte[]> producer;
  private final List<RecordedEvent> seen = new ArrayList<>();

  private TestTopic(String name, String bootstrap) {
    this.name = name;
    this.bootstrap = bootstrap;
    try {
      Topics.ensure(kafka(), List.of(name));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    this.consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        IntStream.range(0, Topics.PARTITIONS)
            .mapToObj(partition -> new TopicPartition(name, partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 0),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  static TestTopic fresh() {
    return on(TestServers.kafkaBootstrap());
  }

  static TestTopic on(String bootstrap) {
    return new TestTopic("test-" + UUID.randomUUID() + ".events.v1", bootstrap);
  }

  String name() {
    return name;
  }

  Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", bootstrap);
  }

  EventStore store() {
    return new EventStore(name);
  }

  /** Puts an event into the topic, whatever its version. */
  void publish(RecordedEvent... events) {
    for (RecordedEvent event : events) {
      send(new CloudEventHeaders.Writer("/test").toRecord(event));
    }
  }

  void send(ProducerRecord<String, byte[]> record) {
    try {
      producer.send(record).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  RecordedEvent event(String stream, long version, String thing) {
    return new RecordedEvent(
        name,
        stream,
        version,
        version,
        "openneg.test.ThingPut",
        Basket.CODEC.encode(new Basket.ThingPut(thing)),
        Instant.EPOCH.plusSeconds(version),
        "test",
        null,
        null);
  }

  /** Everything in the topic, in order within a stream, once it satisfies the condition. */
  List<RecordedEvent> eventsUntil(Predicate<List<RecordedEvent>> condition) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                seen.add(CloudEventHeaders.toEvent(record));
              }
              return condition.test(seen);
            });
    return List.copyOf(seen);
  }

  List<RecordedEvent> eventsUntil(int count) {
    return eventsUntil(events -> events.size() >= count);
  }

  @Override
  public void close() {
    consumer.close();
    producer.close();
  }
}
