package io.openneg.proxyconfigservice.history;

import com.google.protobuf.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * A revision or a time that a request names, and by which fields.
 *
 * @param revision 0: none
 * @param time null: none
 * @param timeField empty: there is no such field
 */
public record Moment(
    long revision, String revisionField, @Nullable Timestamp time, String timeField) {

  /** For requests that cannot name a time. */
  public Moment(long revision, String revisionField) {
    this(revision, revisionField, null, "");
  }
}
