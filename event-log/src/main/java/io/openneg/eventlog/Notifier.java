package io.openneg.eventlog;

import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends PostgreSQL's NOTIFY to the other replicas, on a session and a thread of its own: however
 * many signals come while one is sent, they are one more. A transaction that notifies keeps all
 * others that do from committing at the same time, so those of commands must not. What cannot be
 * sent is lost; the listeners poll besides. Thread-safe.
 */
final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final Duration LOOK_EVERY = Duration.ofMinutes(1);

  private final Jdbi sessions;
  private final String channel;
  private final Wakeup signals = new Wakeup();
  private final Thread thread;
  private @Nullable Handle session;

  /**
   * @param sessions opens sessions of their own, not pooled
   * @param channel a plain identifier
   */
  Notifier(Jdbi sessions, String channel) {
    this.sessions = sessions;
    this.channel = channel;
    this.thread = Thread.ofPlatform().name("notify " + channel).daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** Never blocks. */
  void signal() {
    signals.signal();
  }

  private void loop() {
    try {
      while (true) {
        if (signals.await(LOOK_EVERY)) {
          send();
        }
      }
    } catch (InterruptedException e) {
      // Only close() interrupts.
    } finally {
      disconnect();
    }
  }

  private void send() {
    try {
      if (session == null) {
        session = sessions.open();
        session.execute("SET synchronous_commit = off");
      }
      session.execute("NOTIFY " + channel);
    } catch (RuntimeException e) {
      LOG.debug("cannot notify {}: {}", channel, e.toString());
      disconnect();
    }
  }

  private void disconnect() {
    if (session != null) {
      try {
        session.close();
      } catch (RuntimeException e) {
        LOG.debug("cannot close the session that notifies {}: {}", channel, e.toString());
      }
      session = null;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
