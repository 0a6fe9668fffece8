package io.openneg.proxyconfigservice.history;

import com.google.protobuf.Timestamp;
import io.openneg.proxyconfig.v1.ChangedRow;
import io.openneg.proxyconfig.v1.Revision;
import io.openneg.serviceruntime.api.Page;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  private static final int SHOWN_CHANGES = 10;

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
    Page.Of<Revision> listed =
        page.answer(found, revision -> Long.toString(revision.getRevision()));
    return new Page.Of<>(withChanges(listed.items()), listed.nextPageToken());
  }

  private List<Revision> withChanges(List<Revision> revisions) {
    if (revisions.isEmpty()) {
      return revisions;
    }
    Map<Long, Revision.Builder> byNumber = new LinkedHashMap<>();
    revisions.forEach(one -> byNumber.put(one.getRevision(), one.toBuilder()));
    jdbi.useHandle(
        handle ->
            handle
                .createQuery(
                    """
                    WITH begun AS (
                      SELECT kind, key, from_revision AS revision, 1 AS new FROM routing_row
                      WHERE from_revision BETWEEN :low AND :high),
                    ended AS (
                      SELECT kind, key, to_revision AS revision, 1 AS old FROM routing_row
                      WHERE to_revision BETWEEN :low AND :high),
                    changed AS (
                      SELECT kind, key, revision,
                        CASE WHEN old IS NULL THEN 'ADDED'
                             WHEN new IS NULL THEN 'REMOVED' ELSE 'UPDATED' END AS change
                      FROM begun FULL JOIN ended USING (kind, key, revision))
                    SELECT * FROM (
                      SELECT kind, key, revision, change,
                        count(*) OVER (PARTITION BY revision) AS total,
                        row_number() OVER (PARTITION BY revision ORDER BY kind, key) AS rank
                      FROM changed) ranked
                    WHERE rank <= :shown ORDER BY revision, rank
                    """)
                .bind("low", revisions.getLast().getRevision())
                .bind("high", revisions.getFirst().getRevision())
                .bind("shown", SHOWN_CHANGES)
                .map(
                    (row, _) ->
                        Objects.requireNonNull(byNumber.get(row.getLong("revision")))
                            .setChangedRows(row.getInt("total"))
                            .addChanges(
                                ChangedRow.newBuilder()
                                    .setKind(row.getString("kind"))
                                    .setKey(row.getString("key"))
                                    .setChange(ChangedRow.Change.valueOf(row.getString("change")))))
                .list());
    return byNumber.values().stream().map(Revision.Builder::build).toList();
  }
}
