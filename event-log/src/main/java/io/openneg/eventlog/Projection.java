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
   * gaps and once; streams may be mixed. Side effects outside the transaction are not allowed.
   */
  void apply(Handle tx, List<RecordedEvent> events);

  /** Empties its tables, inside the caller's transaction. */
  void clear(Handle tx);
}
