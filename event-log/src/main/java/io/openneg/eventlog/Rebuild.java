package io.openneg.eventlog;

import org.jdbi.v3.core.Jdbi;

/** Makes an inline projection anew from the event table. */
public final class Rebuild {
  private static final int CHUNK = 5_000;

  private Rebuild() {}

  /**
   * Empties the projection and replays the whole log through the same {@code apply} that serves
   * live commands. One transaction; commands wait, reads see the old tables until it commits.
   */
  public static void inline(Jdbi jdbi, EventStore store, Projection projection) {
    jdbi.useTransaction(
        tx -> {
          tx.execute("LOCK TABLE append IN SHARE ROW EXCLUSIVE MODE");
          projection.clear(tx);
          store.readAll(tx, CHUNK, events -> projection.apply(tx, events));
        });
  }
}
