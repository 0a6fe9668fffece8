package io.openneg.negservice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NegEvent.EventCase;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** What others learn of groups: the topic, from its beginning. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegEventsIT {
  private static final String TOPIC = "neg.events.v1";

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @ConfigProperty(name = "openneg.kafka.bootstrap")
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  String bootstrap;

  @Test
  void everyEventArrivesInOrderWithItsAttributes() throws Exception {
    String requestId = UUID.randomUUID().toString();
    String name;
    long id;
    try (NegClient client =
        new NegClient(service, "events-" + UUID.randomUUID().toString().substring(0, 8))) {
      name = client.name("web");
      id = client.create("web").getId();
      client
          .stub()
          .attachNetworkEndpoints(
              client
                  .attachRequest("web", NegClient.endpoints("10.0.0.2", "10.0.0.1"))
                  .setRequestId(requestId)
                  .build());
      client.detach("web", "10.0.0.2");
    }

    List<ConsumerRecord<String, byte[]>> records = records(name, 4);
    List<NegEvent> events = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      ConsumerRecord<String, byte[]> record = records.get(i);
      NegEvent event = NegEvent.parseFrom(record.value());
      events.add(event);
      assertThat(header(record, "ce_specversion")).isEqualTo("1.0");
      assertThat(header(record, "ce_id")).isEqualTo(name + "@" + (i + 1));
      assertThat(header(record, "ce_source")).isEqualTo("/neg-service");
      assertThat(header(record, "ce_subject")).isEqualTo(name);
      assertThat(header(record, "ce_type")).startsWith("openneg.neg.v1.");
      assertThat(header(record, "ce_streamversion")).isEqualTo(Integer.toString(i + 1));
      assertThat(header(record, "ce_actor")).isEqualTo("anonymous");
      assertThat(Instant.parse(header(record, "ce_time"))).isBefore(Instant.now());
      assertThat(header(record, "content-type")).isEqualTo("application/protobuf");
    }
    assertThat(events)
        .extracting(NegEvent::getEventCase)
        .containsExactly(
            EventCase.NEG_CREATED,
            EventCase.ENDPOINT_ATTACHED,
            EventCase.ENDPOINT_ATTACHED,
            EventCase.ENDPOINT_DETACHED);
    assertThat(events.get(0).getNegCreated().getNetworkEndpointGroup().getId()).isEqualTo(id);
    var attached = events.get(1).getEndpointAttached().getNetworkEndpoint();
    assertThat(attached.getIpAddress()).isEqualTo("10.0.0.2");
    assertThat(attached.getPort()).as("the default port is filled in").isEqualTo(8080);
    assertThat(events.get(3).getEndpointDetached().getIpAddress()).isEqualTo("10.0.0.2");
    assertThat(header(records.get(1), "ce_appendend")).as("one call").isEqualTo("3");
    assertThat(header(records.get(2), "ce_requestid")).isEqualTo(requestId);
  }

  private List<ConsumerRecord<String, byte[]>> records(String key, int count) {
    List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
    Instant deadline = Instant.now().plusSeconds(30);
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(p -> new TopicPartition(TOPIC, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (found.size() < count && Instant.now().isBefore(deadline)) {
        consumer
            .poll(Duration.ofMillis(200))
            .records(TOPIC)
            .forEach(
                record -> {
                  if (record.key().equals(key)) {
                    found.add(record);
                  }
                });
      }
    }
    assertThat(found).hasSize(count);
    return found;
  }

  private static String header(ConsumerRecord<String, byte[]> record, String name) {
    var header = record.headers().lastHeader(name);
    assertThat(header).as(name).isNotNull();
    return new String(header.value(), UTF_8);
  }
}
