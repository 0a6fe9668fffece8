package io.openneg.proxyconfigservice.history;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.serviceruntime.api.Page;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;

/** Holds the proxies at a revision and lets them go, and remembers who did. Thread-safe. */
public final class Pins {
  private static final RowMapper<Change> CHANGE =
      (row, _) ->
          new Change(
              row.getLong("id"),
              row.getObject("at", OffsetDateTime.class).toInstant(),
              row.getString("actor"),
              row.getString("reason"),
              row.getObject("revision", Long.class));

  private final Jdbi jdbi;
  private final InstantSource clock;

  public Pins(Jdbi jdbi, InstantSource clock) {
    this.jdbi = jdbi;
    this.clock = clock;
  }

  /**
   * What was done.
   *
   * @param revision that the proxies are held at since; null: at none
   */
  public record Change(long id, Instant at, String actor, String reason, @Nullable Long revision) {}

  /**
   * Holds the proxies at a revision, instead of another one if there is a pin already.
   *
   * @throws RejectedException REVISION_NOT_FOUND, REVISION_COMPACTED
   */
  public Change pin(long revision, String actor, String reason) {
    return jdbi.inTransaction(
        tx -> {
          // Nobody makes the table anew meanwhile.
          tx.createQuery("SELECT revision FROM routing_head FOR UPDATE").mapTo(Long.class).one();
          OldestRevision.check(tx, revision);
          if (!exists(tx, revision)) {
            throw new RejectedException(
                new Rejection(
                    Kind.NOT_FOUND,
                    "REVISION_NOT_FOUND",
                    "there is no revision %d".formatted(revision)));
          }
          tx.execute("DELETE FROM pinned_row");
          tx.createUpdate(
                  """
                  INSERT INTO pinned_row (kind, key, content)
                  SELECT kind, key, content FROM routing_row
                  WHERE from_revision <= :revision
                    AND (to_revision IS NULL OR to_revision > :revision)
                  """)
              .bind("revision", revision)
              .execute();
          return record(tx, actor, reason, revision);
        });
  }

  private static boolean exists(Handle tx, long revision) {
    return tx.createQuery("SELECT EXISTS (SELECT 1 FROM revision WHERE revision = :revision)")
        .bind("revision", revision)
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Lets the proxies move to the newest revision.
   *
   * @throws RejectedException NOT_PINNED
   */
  public Change unpin(String actor, String reason) {
    return jdbi.inTransaction(
        tx -> {
          tx.createQuery("SELECT revision FROM routing_head FOR UPDATE").mapTo(Long.class).one();
          if (newest(tx).map(Change::revision).isEmpty()) {
            throw new RejectedException(
                new Rejection(
                    Kind.FAILED_PRECONDITION, "NOT_PINNED", "the proxies are not pinned"));
          }
          tx.execute("DELETE FROM pinned_row");
          return record(tx, actor, reason, null);
        });
  }

  private Change record(Handle tx, String actor, String reason, @Nullable Long revision) {
    return tx.createQuery(
            """
            INSERT INTO pin_change (at, actor, reason, revision)
            VALUES (:at, :actor, :reason, :revision) RETURNING *
            """)
        .bind("at", clock.instant().atOffset(ZoneOffset.UTC))
        .bind("actor", actor)
        .bind("reason", reason)
        .bind("revision", revision)
        .map(CHANGE)
        .one();
  }

  private static Optional<Change> newest(Handle tx) {
    return tx.createQuery("SELECT * FROM pin_change ORDER BY id DESC LIMIT 1")
        .map(CHANGE)
        .findOne();
  }

  /** Newest first; the page's key is the id. */
  public Page.Of<Change> list(Page page) {
    long before = page.after().isEmpty() ? Long.MAX_VALUE : Long.parseLong(page.after());
    List<Change> found =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT * FROM pin_change WHERE id < :before
                        ORDER BY id DESC LIMIT :limit
                        """)
                    .bind("before", before)
                    .bind("limit", page.size() + 1)
                    .map(CHANGE)
                    .list());
    return page.answer(found, change -> Long.toString(change.id()));
  }
}
