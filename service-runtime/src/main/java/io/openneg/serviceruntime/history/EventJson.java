package io.openneg.serviceruntime.history;

import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.util.JsonFormat;
import io.openneg.eventlog.RecordedEvent;

/** Payloads as JSON, without the envelope: the event's type says what it is. Thread-safe. */
final class EventJson {
  private final Parser<? extends Message> parser;
  private final OneofDescriptor events;
  private final JsonFormat.Printer printer = JsonFormat.printer().omittingInsignificantWhitespace();

  /**
   * @param envelope a message with one {@code oneof} of messages
   */
  EventJson(Message envelope) {
    this.parser = envelope.getParserForType();
    this.events = envelope.getDescriptorForType().getOneofs().getFirst();
  }

  /** Empty when the payload cannot be read, as after a step back to an older version. */
  String of(RecordedEvent event) {
    try {
      Message envelope = parser.parseFrom(event.payload());
      return envelope.hasOneof(events)
          ? printer.print((Message) envelope.getField(envelope.getOneofFieldDescriptor(events)))
          : "";
    } catch (InvalidProtocolBufferException _) {
      return "";
    }
  }
}
