package io.openneg.eventlog;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a command beside its content; it ends up in the events' metadata.
 *
 * @param now the time of all its events, unless the stream has a later one already: within a stream
 *     time never goes back, whatever the order of the commands and the clocks of the replicas
 * @param actor who sent it
 * @param request the client's idempotency key; null: none
 * @param cause what led to it when no client did; null otherwise
 */
public record CommandContext(
    Instant now, String actor, @Nullable RequestKey request, @Nullable String cause) {

  /**
   * @param id chosen by the client
   * @param digest of the whole request, so that the same id with another body is noticed
   */
  @SuppressWarnings("ArrayRecordComponent") // compared with Arrays.equals where it is checked
  public record RequestKey(String id, byte[] digest) {}

  public CommandContext {
    // PostgreSQL keeps microseconds: what is applied live must equal what a replay reads back.
    now = now.truncatedTo(ChronoUnit.MICROS);
  }

  /** A command of the system itself. */
  public static CommandContext internal(Instant now, String actor, String cause) {
    return new CommandContext(now, actor, null, cause);
  }

  /** This one, or with a later time the same at that time. */
  CommandContext notBefore(Instant moment) {
    return moment.isAfter(now) ? new CommandContext(moment, actor, request, cause) : this;
  }
}
