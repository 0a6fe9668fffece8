package io.openneg.eventlog;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that one replica at a time does, on a thread of its own: holds a PostgreSQL advisory lock
 * and hands the very session that holds it to the work. When the session is lost, so are the lock
 * and whatever the work had not committed; nobody commits on a lock that has passed to another.
 */
final class ActiveSession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveSession.class);
  private static final Duration STANDBY_POLL = Duration.ofMillis(250);
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(2);

  enum State {
    CONNECTING,
    /** Another replica holds the lock. */
    STANDBY,
    ACTIVE
  }

  /** What to do while active. */
  interface Work {

    /** Runs until interrupted or failed; the session belongs to it meanwhile. */
    void run(Handle session) throws InterruptedException;
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
    ThreadFactory threads = Thread.ofPlatform().name(name).daemon().factory();
    this.thread = threads.newThread(this::loop);
  }

  void start() {
    thread.start();
  }

  State state() {
    return state;
  }

  private void loop() {
    Duration backoff = Duration.ofMillis(50);
    while (!closed) {
      try (Handle session = sessions.open()) {
        session.execute("SET synchronous_commit = on");
        while (!tryLock(session)) {
          state = State.STANDBY;
          Thread.sleep(STANDBY_POLL);
        }
        backoff = Duration.ofMillis(50);
        state = State.ACTIVE;
        LOG.info("{} is active", name);
        work.run(session);
      } catch (InterruptedException e) {
        if (closed) {
          return;
        }
      } catch (RuntimeException e) {
        if (closed) {
          return;
        }
        LOG.warn("{} failed, trying again in {} ms: {}", name, backoff.toMillis(), e.toString());
        LOG.debug("{} failed", name, e);
        try {
          Thread.sleep(backoff);
        } catch (InterruptedException _) {
          // Only close() interrupts, and it has set closed.
        }
        backoff =
            backoff.multipliedBy(2).compareTo(MAX_BACKOFF) < 0
                ? backoff.multipliedBy(2)
                : MAX_BACKOFF;
      } finally {
        state = State.CONNECTING;
      }
    }
  }

  private boolean tryLock(Handle session) {
    return session
        .createQuery("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
        .bind("name", name)
        .mapTo(Boolean.class)
        .one();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
