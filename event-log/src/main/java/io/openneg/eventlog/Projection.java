package io.openneg.eventlog;

import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Tables that follow from events. The same {@link #apply} serves the live path and the rebuild,
 * whatever the batching, so a rebuilt projection equals the live one.
 */
public interface Projection {

  /**
   * Applies events in order, inside the caller's transaction. Events of one stream arrive without
   * gaps and once; streams may be mixed. Side effects outside the transaction are not allowed:
   * after a failure the same events come again, in smaller parts. Constraints are checked by the
   * statement, not deferred to the commit, where no event could be blamed.
   */
  void apply(Handle tx, List<RecordedEvent> events);

  /**
   * Empties its tables, inside the caller's transaction. By {@code DELETE}: {@code TRUNCATE} would
   * lock out those who read until the rebuild is done.
   */
  void clear(Handle tx);
}
