package io.openneg.eventlog;

import java.sql.Types;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Lets the writers of a stream queue instead of failing each other's transactions: those of this
 * process before they take a connection, then those of all replicas in PostgreSQL, first come,
 * first served. Without the latter a replica that commits one command after the other could keep
 * another one's for ever behind. The primary key of the event table stays the lock that counts.
 * Thread-safe.
 *
 * <p>Streams share a bounded number of locks, since PostgreSQL's lock table is bounded, too.
 */
final class StreamLocks {
  private static final int STRIPES = 256;
  // The first half of PostgreSQL's key; "NEG" in ASCII.
  private static final int LOCK_CLASS = 0x4e4547;

  private final ReentrantLock[] local = new ReentrantLock[STRIPES];

  StreamLocks() {
    Arrays.setAll(local, _ -> new ReentrantLock());
  }

  <R> R holding(Collection<String> streams, Supplier<R> work) {
    List<Integer> stripes = stripes(streams);
    stripes.forEach(stripe -> local[stripe].lock());
    try {
      return work.get();
    } finally {
      stripes.forEach(stripe -> local[stripe].unlock());
    }
  }

  /**
   * Waits for the writers of other replicas, until the end of the transaction. It is no write: the
   * transaction still has no id. What is read from now on is what they left.
   */
  static void acquire(Handle tx, Collection<String> streams) {
    tx.createQuery(
            "SELECT pg_advisory_xact_lock(:class, stripe) FROM unnest(:stripes) AS s (stripe)")
        .bind("class", LOCK_CLASS)
        .bindBySqlType("stripes", SqlArrays.of(tx, "int4", stripes(streams)), Types.ARRAY)
        .map((_, _) -> true)
        .list();
  }

  /**
   * The same until {@link #release}, over any number of transactions of the session. To be called
   * outside of one.
   */
  static void hold(Handle session, Collection<String> streams) {
    session
        .createQuery("SELECT pg_advisory_lock(:class, stripe) FROM unnest(:stripes) AS s (stripe)")
        .bind("class", LOCK_CLASS)
        .bindBySqlType("stripes", SqlArrays.of(session, "int4", stripes(streams)), Types.ARRAY)
        .map((_, _) -> true)
        .list();
  }

  /** Releases every advisory lock of the session; a session that has failed has released them. */
  static void release(Handle session) {
    session.createQuery("SELECT pg_advisory_unlock_all()").map((_, _) -> true).list();
  }

  /** In one order everywhere, so that two batches cannot wait for each other. */
  private static List<Integer> stripes(Collection<String> streams) {
    return streams.stream()
        .map(stream -> Math.floorMod(stream.hashCode(), STRIPES))
        .distinct()
        .sorted()
        .toList();
  }
}
