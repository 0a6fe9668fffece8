package io.openneg.proxyconfigservice.history;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import java.time.OffsetDateTime;
import org.jdbi.v3.core.Handle;

/**
 * The oldest revision that is kept. To be read in the same snapshot as the rows of a revision, so
 * that compaction in between cannot take some of them.
 */
final class OldestRevision {
  private OldestRevision() {}

  /** 0: nothing was compacted yet. */
  static long of(Handle tx) {
    return tx.createQuery("SELECT oldest_revision FROM routing_head").mapTo(Long.class).one();
  }

  /**
   * @param revision 0, the empty table before the first one, is always there
   * @throws RejectedException REVISION_COMPACTED when it is no longer kept
   */
  static void check(Handle tx, long revision) {
    if (revision > 0 && revision < of(tx)) {
      throw compacted(tx, "revision " + revision);
    }
  }

  /**
   * @param what what is no longer kept, for people
   */
  static RejectedException compacted(Handle tx, String what) {
    long oldest = of(tx);
    String since =
        tx.createQuery("SELECT at FROM revision WHERE revision = :oldest")
            .bind("oldest", oldest)
            .map((row, _) -> row.getObject("at", OffsetDateTime.class).toInstant().toString())
            .findOne()
            .orElse("an unknown time");
    return new RejectedException(
        new Rejection(
            Kind.NOT_FOUND,
            "REVISION_COMPACTED",
            "%s is no longer kept (openneg.history.retention); the oldest revision is %d, of %s"
                .formatted(what, oldest, since)));
  }
}
