package io.openneg.eventlog;

/** Events to bytes and back; exhaustive in both directions. Thread-safe. */
public interface EventCodec<E> {

  /** The event's type, such as {@code openneg.neg.v1.EndpointAttached}; stable for ever. */
  String type(E event);

  byte[] encode(E event);

  /**
   * @throws IllegalArgumentException when the bytes are not an event of a known type
   */
  E decode(byte[] payload);
}
