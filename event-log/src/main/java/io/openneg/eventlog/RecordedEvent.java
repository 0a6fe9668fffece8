package io.openneg.eventlog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An event as the log has it. The payload is shared, not copied: do not change it.
 *
 * @param topic where it is published
 * @param stream the resource's name; the key on Kafka
 * @param version 1, 2, 3 … in its stream
 * @param appendEnd version of the last event of the same append; equal to {@code version} on the
 *     last one
 * @param requestId of the command, if the client gave one
 * @param cause what led to it when no client did, such as {@code stream@version} of another event
 */
@SuppressWarnings("ArrayRecordComponent") // bytes travel untouched; nobody compares whole events
public record RecordedEvent(
    String topic,
    String stream,
    long version,
    long appendEnd,
    String type,
    byte[] payload,
    Instant occurredAt,
    String actor,
    @Nullable String requestId,
    @Nullable String cause) {

  /** {@code stream@version}, unique within the topic. */
  public String id() {
    return stream + "@" + version;
  }
}
