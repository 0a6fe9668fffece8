package io.openneg.eventlog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * An event as a Kafka record: CloudEvents 1.0, Kafka protocol binding, binary mode. Attributes of
 * our own: {@code ce_streamversion}, {@code ce_appendend}, {@code ce_actor}, {@code ce_requestid},
 * {@code ce_cause}.
 */
final class CloudEventHeaders {
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private CloudEventHeaders() {}

  /**
   * Makes records of a source's events. The headers that the events of an append share are made
   * once; they were most of what publishing hundreds of small events cost. Not thread-safe.
   */
  static final class Writer {
    private final String source;
    private @Nullable RecordedEvent before;
    private List<Header> shared = List.of();

    Writer(String source) {
      this.source = source;
    }

    ProducerRecord<String, byte[]> toRecord(RecordedEvent event) {
      if (before == null || !sharesHeaders(before, event)) {
        shared = shared(event);
      }
      before = event;
      List<Header> headers = new ArrayList<>(shared.size() + 2);
      headers.addAll(shared);
      put(headers, "ce_id", event.id());
      put(headers, "ce_streamversion", Long.toString(event.version()));
      return new ProducerRecord<>(event.topic(), null, event.stream(), event.payload(), headers);
    }

    private static boolean sharesHeaders(RecordedEvent one, RecordedEvent other) {
      return one.stream().equals(other.stream())
          && one.type().equals(other.type())
          && one.appendEnd() == other.appendEnd()
          && one.occurredAt().equals(other.occurredAt())
          && one.actor().equals(other.actor())
          && Objects.equals(one.requestId(), other.requestId())
          && Objects.equals(one.cause(), other.cause());
    }

    private List<Header> shared(RecordedEvent event) {
      List<Header> headers = new ArrayList<>();
      put(headers, "content-type", "application/protobuf");
      put(headers, "ce_specversion", "1.0");
      put(headers, "ce_type", event.type());
      put(headers, "ce_source", source);
      put(headers, "ce_subject", event.stream());
      put(headers, "ce_time", event.occurredAt().toString());
      put(headers, "ce_appendend", Long.toString(event.appendEnd()));
      put(headers, "ce_actor", event.actor());
      put(headers, "ce_requestid", event.requestId());
      put(headers, "ce_cause", event.cause());
      return headers;
    }
  }

  /**
   * What PostgreSQL could not take, not even to park it, is not an event of ours either.
   *
   * @throws IllegalArgumentException or a {@link java.time.DateTimeException} when the record is
   *     not an event of ours, naming what is amiss
   */
  static RecordedEvent toEvent(ConsumerRecord<String, byte[]> record) {
    if (record.key() == null || record.value() == null) {
      throw new IllegalArgumentException("record without key or value");
    }
    if (record.key().indexOf('\0') >= 0) {
      throw new IllegalArgumentException("record whose key has a NUL, which no stream's name has");
    }
    Headers headers = record.headers();
    long version = Long.parseLong(require(headers, "ce_streamversion"));
    if (version < 1) {
      throw new IllegalArgumentException("ce_streamversion must be positive, is " + version);
    }
    Instant time = Instant.parse(require(headers, "ce_time"));
    if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
      throw new IllegalArgumentException("ce_time is out of PostgreSQL's range: " + time);
    }
    return new RecordedEvent(
        record.topic(),
        record.key(),
        version,
        Long.parseLong(require(headers, "ce_appendend")),
        require(headers, "ce_type"),
        record.value(),
        time,
        require(headers, "ce_actor"),
        get(headers, "ce_requestid"),
        get(headers, "ce_cause"));
  }

  private static void put(List<Header> headers, String name, @Nullable String value) {
    if (value != null) {
      headers.add(new RecordHeader(name, value.getBytes(UTF_8)));
    }
  }

  private static @Nullable String get(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    if (header == null) {
      return null;
    }
    String value = new String(header.value(), UTF_8);
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("header " + name + " has a NUL");
    }
    return value;
  }

  private static String require(Headers headers, String name) {
    String value = get(headers, name);
    if (value == null) {
      throw new IllegalArgumentException("record without header " + name);
    }
    return value;
  }
}
