package io.openneg.eventlog;

import io.openneg.eventlog.CommandContext.RequestKey;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What request ids were used for, so that a repeated request gets its first answer. */
final class RequestTable {
  /** A repeat that comes later is a new request. */
  static final Duration KEPT = Duration.ofHours(24);

  private RequestTable() {}

  /**
   * The first use of an id: the digest of that request, and what it led to.
   *
   * @param answer null: it follows from the state at that version
   */
  @SuppressWarnings("ArrayRecordComponent") // a row, compared with Arrays.equals
  record FirstUse(byte[] digest, String stream, long version, byte @Nullable [] answer) {}

  static Optional<FirstUse> find(Handle tx, String requestId) {
    return tx.createQuery(
            "SELECT digest, stream, version, answer FROM request WHERE request_id = :id")
        .bind("id", requestId)
        .map(
            (row, _) ->
                new FirstUse(
                    row.getBytes("digest"),
                    row.getString("stream"),
                    row.getLong("version"),
                    row.getBytes("answer")))
        .findOne();
  }

  /** The id was used for another request. */
  static Rejection reused(RequestKey request) {
    return new Rejection(
        Rejection.Kind.INVALID_ARGUMENT,
        "REQUEST_ID_REUSED",
        "request_id %s was used for another request; a new request needs a new id"
            .formatted(request.id()));
  }

  /** Each new id takes out two that have expired, so the table does not grow for ever. */
  static void remember(
      Handle tx,
      RequestKey request,
      String stream,
      long version,
      byte @Nullable [] answer,
      Instant now) {
    tx.createUpdate(
            """
            WITH expired AS (
              DELETE FROM request WHERE request_id IN (
                SELECT request_id FROM request WHERE occurred_at < :expiry AND request_id <> :id
                ORDER BY occurred_at LIMIT 2 FOR UPDATE SKIP LOCKED))
            INSERT INTO request (request_id, digest, stream, version, answer, occurred_at)
            VALUES (:id, :digest, :stream, :version, :answer, :at)
            """)
        .bind("id", request.id())
        .bind("digest", request.digest())
        .bind("stream", stream)
        .bind("version", version)
        .bind("answer", answer)
        .bind("at", now.atOffset(ZoneOffset.UTC))
        .bind("expiry", now.minus(KEPT).atOffset(ZoneOffset.UTC))
        .execute();
  }
}
