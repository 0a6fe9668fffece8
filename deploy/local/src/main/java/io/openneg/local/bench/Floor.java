package io.openneg.local.bench;

import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.openneg.embedded.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What no implementation on this stack can beat, measured on the same servers: one insert and
 * commit, one record through Kafka, one unary call to a service. Not thread-safe.
 */
final class Floor implements AutoCloseable {
  private final Connection connection;
  private final PreparedStatement insert;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic = "bench-" + UUID.randomUUID();
  private final HealthGrpc.HealthBlockingStub service;
  private final byte[] payload = new byte[200];

  /** What was measured, each step and all three one after the other. */
  record Measured(Samples commit, Samples hop, Samples call, Samples together) {}

  Floor(Database database, String kafkaBootstrap, Channel service) {
    this.service = HealthGrpc.newBlockingStub(service);
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafkaBootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      connection = database.connect();
      try (var statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, payload bytea)");
      }
      connection.setAutoCommit(false);
      insert = connection.prepareStatement("INSERT INTO bench_floor (payload) VALUES (?)");
    } catch (SQLException | ExecutionException e) {
      throw new IllegalStateException("the floor cannot be prepared", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    // As the services' own: durable in Kafka's sense, nothing held back.
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafkaBootstrap, "acks", "all", "linger.ms", 0),
            new ByteArraySerializer(),
            new ByteArraySerializer());
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
    consumer.assign(List.of(new TopicPartition(topic, 0)));
  }

  Measured measure(int warmUp, int rounds) {
    for (int i = 0; i < warmUp; i++) {
      commit();
      hop();
      call();
    }
    var commits = new long[rounds];
    var hops = new long[rounds];
    var calls = new long[rounds];
    var together = new long[rounds];
    for (int i = 0; i < rounds; i++) {
      long begin = System.nanoTime();
      commit();
      long committed = System.nanoTime();
      hop();
      long consumed = System.nanoTime();
      call();
      long answered = System.nanoTime();
      commits[i] = committed - begin;
      hops[i] = consumed - committed;
      calls[i] = answered - consumed;
      together[i] = answered - begin;
    }
    return new Measured(
        new Samples(commits), new Samples(hops), new Samples(calls), new Samples(together));
  }

  private void commit() {
    try {
      insert.setBytes(1, payload);
      insert.executeUpdate();
      connection.commit();
    } catch (SQLException e) {
      throw new IllegalStateException("insert failed", e);
    }
  }

  private void hop() {
    var _ = producer.send(new ProducerRecord<>(topic, payload));
    while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) {
      // Nothing came within a second: asked again.
    }
  }

  private void call() {
    var _ = service.check(HealthCheckRequest.getDefaultInstance());
  }

  @Override
  public void close() {
    producer.close();
    consumer.close();
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
