package io.openneg.proxyconfigservice.ingest;

import com.google.protobuf.InvalidProtocolBufferException;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.HealthEvent;
import io.openneg.neg.v1.NegEvent;

/** An event of another service, read. */
sealed interface ParsedEvent {
  String NEG_TOPIC = "neg.events.v1";
  String BACKEND_TOPIC = "backend.events.v1";
  String HEALTH_TOPIC = "health.events.v1";

  RecordedEvent recorded();

  record OfNeg(RecordedEvent recorded, NegEvent content) implements ParsedEvent {}

  record OfBackend(RecordedEvent recorded, BackendEvent content) implements ParsedEvent {}

  record OfHealth(RecordedEvent recorded, HealthEvent content) implements ParsedEvent {}

  /**
   * @throws IllegalArgumentException when it is not an event of these topics
   */
  static ParsedEvent of(RecordedEvent event) {
    try {
      return switch (event.topic()) {
        case NEG_TOPIC -> new OfNeg(event, NegEvent.parseFrom(event.payload()));
        case BACKEND_TOPIC -> new OfBackend(event, BackendEvent.parseFrom(event.payload()));
        case HEALTH_TOPIC -> new OfHealth(event, HealthEvent.parseFrom(event.payload()));
        default -> throw new IllegalArgumentException("no topic of ours: " + event.topic());
      };
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(event.id() + " is no event of " + event.topic(), e);
    }
  }
}
