package io.openneg.serviceruntime.api;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.openneg.eventlog.RejectedException;
import java.time.Instant;

/** Times as messages have them. */
public final class WireTime {
  private WireTime() {}

  public static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  /**
   * Reads a field of a request.
   *
   * @throws RejectedException INVALID_ARGUMENT when it is out of protobuf's range
   */
  public static Instant instant(String field, Timestamp timestamp) {
    Violations violations = new Violations();
    violations.check(
        Timestamps.isValid(timestamp), field, "must be a time between the years 1 and 9999");
    violations.orThrow();
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
