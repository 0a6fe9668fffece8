package io.openneg.proxyconfigservice.history;

import com.google.protobuf.Timestamp;
import io.openneg.proxyconfig.v1.Revision;
import io.openneg.serviceruntime.api.Page;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;

/** What changed the routing table, and when. Thread-safe. */
public final class Revisions {
  private static final RowMapper<Revision> REVISION =
      (row, _) -> {
        OffsetDateTime at = row.getObject("at", OffsetDateTime.class);
        return Revision.newBuilder()
            .setRevision(row.getLong("revision"))
            .setTime(Timestamp.newBuilder().setSeconds(at.toEpochSecond()).setNanos(at.getNano()))
            .setCause(row.getString("cause"))
            .setActor(row.getString("actor"))
            .build();
      };

  private final Jdbi jdbi;

  public Revisions(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  public Optional<Revision> get(long revision) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("SELECT * FROM revision WHERE revision = :revision")
                .bind("revision", revision)
                .map(REVISION)
                .findOne());
  }

  /** Newest first; the page's key is the revision. */
  public Page.Of<Revision> list(Page page) {
    long before = page.after().isEmpty() ? Long.MAX_VALUE : Long.parseLong(page.after());
    List<Revision> found =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT * FROM revision WHERE revision < :before
                        ORDER BY revision DESC LIMIT :limit
                        """)
                    .bind("before", before)
                    .bind("limit", page.size() + 1)
                    .map(REVISION)
                    .list());
    return page.answer(found, revision -> Long.toString(revision.getRevision()));
  }
}
