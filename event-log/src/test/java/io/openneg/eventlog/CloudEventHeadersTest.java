package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CloudEventHeadersTest {

  @Test
  void anEventComesBackAsItWent() {
    for (RecordedEvent event : new RecordedEvent[] {event("request", "cause"), event(null, null)}) {
      RecordedEvent back = CloudEventHeaders.toEvent(received(toRecord(event)));
      assertThat(back).usingRecursiveComparison().isEqualTo(event);
    }
  }

  @Test
  void whatEventsShareIsNotTakenFromOnesThatDiffer() {
    RecordedEvent event = event("request", "cause");
    Instant later = event.occurredAt().plusSeconds(1);
    var writer = new CloudEventHeaders.Writer("/test");
    for (RecordedEvent next :
        List.of(
            event,
            event,
            like(event, "other", event.type(), 7, 9, event.occurredAt(), "Jürgen"),
            like(event, event.stream(), "Other", 7, 9, event.occurredAt(), "Jürgen"),
            like(event, event.stream(), event.type(), 8, 9, event.occurredAt(), "Jürgen"),
            like(event, event.stream(), event.type(), 9, 10, event.occurredAt(), "Jürgen"),
            like(event, event.stream(), event.type(), 10, 10, later, "Jürgen"),
            like(event, event.stream(), event.type(), 11, 11, later, "Ada"),
            event("request", null),
            event(null, null),
            event(null, "cause"))) {
      assertThat(CloudEventHeaders.toEvent(received(writer.toRecord(next))))
          .usingRecursiveComparison()
          .isEqualTo(next);
    }
  }

  private static RecordedEvent like(
      RecordedEvent event,
      String stream,
      String type,
      long version,
      long appendEnd,
      Instant at,
      String actor) {
    return new RecordedEvent(
        event.topic(),
        stream,
        version,
        appendEnd,
        type,
        event.payload(),
        at,
        actor,
        event.requestId(),
        event.cause());
  }

  @Test
  void headersAreThoseOfCloudEventsInBinaryMode() {
    ProducerRecord<String, byte[]> record = toRecord(event("request", null));
    var headers = new TreeMap<String, String>();
    record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), UTF_8)));
    assertThat(headers)
        .containsOnlyKeys(
            "content-type",
            "ce_specversion",
            "ce_id",
            "ce_type",
            "ce_source",
            "ce_subject",
            "ce_time",
            "ce_streamversion",
            "ce_appendend",
            "ce_actor",
            "ce_requestid")
        .containsEntry("ce_specversion", "1.0")
        .containsEntry("ce_id", "projects/p/zones/z/networkEndpointGroups/n@7")
        .containsEntry("ce_source", "/test")
        .containsEntry("ce_time", "2026-11-23T08:00:00.123456Z");
    // The key decides the partition, and with it the order.
    assertThat(record.key()).isEqualTo("projects/p/zones/z/networkEndpointGroups/n");
  }

  @Test
  void whatIsAmissIsNamed() {
    ProducerRecord<String, byte[]> record = toRecord(event(null, null));
    record.headers().remove("ce_actor");
    assertThatThrownBy(() -> CloudEventHeaders.toEvent(received(record)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("record without header ce_actor");
  }

  private static ProducerRecord<String, byte[]> toRecord(RecordedEvent event) {
    return new CloudEventHeaders.Writer("/test").toRecord(event);
  }

  private static RecordedEvent event(@Nullable String requestId, @Nullable String cause) {
    return new RecordedEvent(
        "topic",
        "projects/p/zones/z/networkEndpointGroups/n",
        7,
        9,
        "openneg.neg.v1.EndpointAttached",
        new byte[] {0, 1, -1},
        Instant.parse("2026-11-23T08:00:00.123456Z"),
        "Jürgen",
        requestId,
        cause);
  }

  private static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
    return new ConsumerRecord<>(
        sent.topic(),
        0,
        0,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        sent.key(),
        sent.value(),
        sent.headers(),
        Optional.empty());
  }
}
