package io.openneg.proxyconfigservice.history;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.serviceruntime.api.Violations;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Which revision a request is about. Thread-safe. */
public final class Moments {
  private final RoutingHistory history;
  private final Revisions revisions;

  public Moments(RoutingHistory history, Revisions revisions) {
    this.history = history;
    this.revisions = revisions;
  }

  /**
   * @param newestIfAbsent whether nothing named means the newest one; else none, 0
   * @throws RejectedException INVALID_ARGUMENT, REVISION_NOT_FOUND, REVISION_COMPACTED
   */
  public long revision(Moment moment, boolean newestIfAbsent) {
    long revision = moment.revision();
    @Nullable Timestamp time = moment.time();
    Violations violations = new Violations();
    violations.check(revision >= 0, moment.revisionField(), "must not be negative");
    violations.check(
        time == null || revision == 0,
        moment.timeField(),
        "must not be given with " + moment.revisionField());
    violations.check(
        time == null || Timestamps.isValid(time), moment.timeField(), "must be a valid time");
    violations.orThrow();
    if (time != null) {
      return history.at(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    }
    if (revision == 0) {
      return newestIfAbsent ? history.newest() : 0;
    }
    history.requireKept(revision);
    if (revisions.get(revision).isEmpty()) {
      throw new RejectedException(
          new Rejection(
              Kind.NOT_FOUND,
              "REVISION_NOT_FOUND",
              "there is no revision %d; the newest is %d".formatted(revision, history.newest())));
    }
    return revision;
  }
}
