package io.openneg.eventlog;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns PostgreSQL's NOTIFY, of any replica, into a signal; reconnects for ever. A notification
 * sent while it is disconnected is lost, so it signals after each connect, and its users poll
 * besides.
 */
public final class NotificationListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NotificationListener.class);
  private static final int WAIT_MS = 500;
  // Who only listens does not notice that nobody is there any more.
  private static final Duration SILENCE = Duration.ofSeconds(10);

  private final Jdbi sessions;
  private final String channel;
  private final Runnable signal;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param sessions opens sessions of their own, not pooled
   * @param channel a plain identifier
   * @param signal called on the listener's thread; must not block
   */
  public NotificationListener(Jdbi sessions, String channel, Runnable signal) {
    this.sessions = sessions;
    this.channel = channel;
    this.signal = signal;
    this.thread = Thread.ofPlatform().name("listen " + channel).daemon().unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  private void loop() {
    while (!closed) {
      try (Handle session = sessions.open()) {
        session.execute("LISTEN " + channel);
        signal.run();
        listen(session);
      } catch (SQLException | RuntimeException e) {
        if (closed) {
          return;
        }
        LOG.debug("lost the notifications of {}: {}", channel, e.toString());
        try {
          Thread.sleep(250);
        } catch (InterruptedException _) {
          return;
        }
      }
    }
  }

  private void listen(Handle session) throws SQLException {
    PGConnection connection = session.getConnection().unwrap(PGConnection.class);
    Instant lastHeard = Instant.now();
    while (!closed) {
      var notifications = connection.getNotifications(WAIT_MS);
      if (notifications != null && notifications.length > 0) {
        signal.run();
        lastHeard = Instant.now();
      } else if (lastHeard.plus(SILENCE).isBefore(Instant.now())) {
        session.execute("SELECT 1");
        lastHeard = Instant.now();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
