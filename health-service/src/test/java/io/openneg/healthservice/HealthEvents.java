package io.openneg.healthservice;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.eventlog.Topics;
import io.openneg.health.v1.HealthEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/** What a reader of health.events.v1 sees, from the first event on. */
final class HealthEvents implements AutoCloseable {
  static final String TOPIC = "health.events.v1";

  private final KafkaConsumer<String, byte[]> consumer;
  private final List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
  // A relay that is killed may publish an event again: readers know it by its id.
  private final Set<String> ids = new HashSet<>();

  HealthEvents(String kafkaBootstrap) throws InterruptedException {
    Map<String, Object> kafka = Map.of("bootstrap.servers", kafkaBootstrap);
    // Whoever comes first, owner or reader, creates the topic.
    Topics.ensure(kafka, List.of(TOPIC));
    consumer = new KafkaConsumer<>(kafka, new StringDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(TOPIC).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Every event of a stream so far. */
  List<ConsumerRecord<String, byte[]>> of(String stream) {
    for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
      if (ids.add(new String(record.headers().lastHeader("ce_id").value(), UTF_8))) {
        records.add(record);
      }
    }
    return records.stream().filter(record -> record.key().equals(stream)).toList();
  }

  List<HealthEvent> awaitOf(String stream, Predicate<List<HealthEvent>> condition) {
    List<HealthEvent> events = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              events.clear();
              of(stream).forEach(record -> events.add(parse(record)));
              return condition.test(events);
            });
    return events;
  }

  private static HealthEvent parse(ConsumerRecord<String, byte[]> record) {
    try {
      return HealthEvent.parseFrom(record.value());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
