package io.openneg.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KafkaBrokerIT {

  @Test
  void acknowledgedRecordsSurviveAKillAndARestart(@TempDir Path directory) throws Exception {
    try (var broker = KafkaBroker.start(ServerSettings.keptIn(directory))) {
      createTopic(broker.bootstrap(), "facts");
      produce(broker.bootstrap(), "facts", List.of("a", "b", "c"));

      broker.kill();
      broker.restart();

      produce(broker.bootstrap(), "facts", List.of("d"));
      assertThat(consume(broker.bootstrap(), "facts", 4)).containsExactly("a", "b", "c", "d");
    }
  }

  @Test
  void keepsRecordsOverACleanStopInAnotherInstance(@TempDir Path directory) throws Exception {
    int port;
    try (var broker = KafkaBroker.start(ServerSettings.keptIn(directory))) {
      port = broker.port();
      createTopic(broker.bootstrap(), "facts");
      produce(broker.bootstrap(), "facts", List.of("a"));
    }
    try (var broker = KafkaBroker.start(ServerSettings.keptIn(directory).withPort(port))) {
      assertThat(consume(broker.bootstrap(), "facts", 1)).containsExactly("a");
    }
  }

  @Test
  void theSharedBrokerServes() throws Exception {
    String topic = "facts-" + UUID.randomUUID();
    createTopic(TestServers.kafkaBootstrap(), topic);
    produce(TestServers.kafkaBootstrap(), topic, List.of("a"));
    assertThat(consume(TestServers.kafkaBootstrap(), topic, 1)).containsExactly("a");
  }

  @Test
  void theReasonOfAFailedStartIsInTheException(@TempDir Path directory) throws Exception {
    try (var taken = new ServerSocket(FreePorts.next(), 1, InetAddress.ofLiteral("127.0.0.1"))) {
      var settings = ServerSettings.keptIn(directory).withPort(taken.getLocalPort());
      assertThatThrownBy(() -> KafkaBroker.start(settings))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("Address already in use")
          .hasMessageContaining("kafka.log");
    }
  }

  private static void createTopic(String bootstrap, String topic) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static void produce(String bootstrap, String topic, List<String> values)
      throws Exception {
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrap),
            new StringSerializer(),
            new StringSerializer())) {
      for (String value : values) {
        producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static List<String> consume(String bootstrap, String topic, int count) {
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      var values = new ArrayList<String>();
      while (values.size() < count) {
        consumer.poll(Duration.ofSeconds(1)).forEach(message -> values.add(message.value()));
      }
      return values;
    }
  }
}
