package io.openneg.eventlog;

import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that one replica at a time does, on a thread of its own: holds a PostgreSQL advisory lock
 * and hands the very session that holds it to the work. When the session is lost, so are the lock
 * and whatever the work had not committed; nobody commits on a lock that has passed to another.
 *
 * <p>The thread is a platform thread on purpose: an interrupt (which is how it is closed) then does
 * not cut JDBC short in the middle of a statement, as it does on a virtual one.
 */
final class ActiveSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveSession.class);
  private static final String KEY = "hashtextextended(:name, 0)";
  private static final Duration STANDBY_POLL = Duration.ofMillis(250);
  private static final Duration MIN_BACKOFF = Duration.ofMillis(50);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(10);

  enum State {
    CONNECTING,
    /** Another replica holds the lock. */
    STANDBY,
    ACTIVE
  }

  /** What to do with the session. */
  interface Work {

    /** While active: runs until interrupted or failed; the session belongs to it meanwhile. */
    void run(Handle session) throws InterruptedException;

    /** While another replica is active: called again and again. */
    default void standBy(Handle session) throws InterruptedException {}
  }

  private final Jdbi sessions;
  private final String name;
  private final Work work;
  private final Thread thread;
  private volatile boolean closed;
  private volatile State state = State.CONNECTING;

  /**
   * @param sessions opens sessions of their own, not from a pool that would reset or retire them
   * @param name of the lock within the database
   */
  ActiveSession(Jdbi sessions, String name, Work work) {
    this.sessions = sessions;
    this.name = name;
    this.work = work;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  State state() {
    return state;
  }

  private void loop() {
    Duration backoff = MIN_BACKOFF;
    while (!closed) {
      Instant begin = Instant.now();
      try (Handle session = sessions.open()) {
        session.execute("SET synchronous_commit = on");
        while (!tryLock(session)) {
          state = State.STANDBY;
          work.standBy(session);
          Thread.sleep(STANDBY_POLL);
        }
        state = State.ACTIVE;
        LOG.info("{} is active", name);
        work.run(session);
      } catch (InterruptedException e) {
        // Only close() interrupts.
        return;
      } catch (Exception | Error e) {
        // An error, too: with this thread gone nothing would be done any more, and nobody told.
        if (closed) {
          return;
        }
        // After a good while it is news, and likely to pass at once.
        if (Duration.between(begin, Instant.now()).compareTo(MAX_BACKOFF) > 0) {
          backoff = MIN_BACKOFF;
        }
        LOG.warn("{} failed, trying again in {} ms: {}", name, backoff.toMillis(), e.toString());
        LOG.debug("{} failed", name, e);
      } finally {
        state = State.CONNECTING;
      }
      try {
        Thread.sleep(backoff);
      } catch (InterruptedException e) {
        return;
      }
      Duration doubled = backoff.multipliedBy(2);
      backoff = doubled.compareTo(MAX_BACKOFF) < 0 ? doubled : MAX_BACKOFF;
    }
  }

  private boolean tryLock(Handle session) {
    return session
        .createQuery("SELECT pg_try_advisory_lock(" + KEY + ")")
        .bind("name", name)
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Keeps every replica from becoming active until the end of a transaction.
   *
   * @throws IllegalStateException when one is active
   */
  static void exclude(Handle tx, String name) {
    boolean excluded =
        tx.createQuery("SELECT pg_try_advisory_xact_lock(" + KEY + ")")
            .bind("name", name)
            .mapTo(Boolean.class)
            .one();
    if (!excluded) {
      throw new IllegalStateException(name + " is running; stop it first");
    }
  }

  /** Stops the work, and waits for it, though not for ever. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      if (!thread.join(CLOSED_WITHIN)) {
        LOG.warn("{} still runs {} s after it was stopped", name, CLOSED_WITHIN.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
