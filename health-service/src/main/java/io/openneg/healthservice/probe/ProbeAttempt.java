package io.openneg.healthservice.probe;

import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One probe: one deadline over connecting, TLS and reading, one end. Confined to its event loop.
 *
 * <p>On a kept connection that turns out to be broken before anything came back, it connects anew
 * once within its deadline: servers end idle connections when they like.
 */
final class ProbeAttempt {
  private final Connector connector;
  private final Duration timeout;
  private final Transcript transcript;
  private final Consumer<ProbeEnd> onEnd;
  private @Nullable Connection connection;
  private TimingWheel.@Nullable Timer deadline;
  private boolean reused;
  private boolean answered;
  private boolean connected;
  private boolean open;
  private boolean ended;

  private ProbeAttempt(
      Connector connector, Duration timeout, Transcript transcript, Consumer<ProbeEnd> onEnd) {
    this.connector = connector;
    this.timeout = timeout;
    this.transcript = transcript;
    this.onEnd = onEnd;
  }

  /**
   * Starts a probe; on the event loop.
   *
   * @param onEnd called once on the event loop, unless the probe is cancelled before
   */
  static ProbeAttempt start(
      Connector connector, Duration timeout, Transcript transcript, Consumer<ProbeEnd> onEnd) {
    ProbeAttempt attempt = new ProbeAttempt(connector, timeout, transcript, onEnd);
    attempt.deadline =
        connector.lane().timers().schedule(System.nanoTime() + timeout.toNanos(), attempt::timeOut);
    Connection kept = connector.takeKept();
    if (kept == null) {
      attempt.connection = connector.open(attempt);
    } else {
      attempt.reused = true;
      attempt.connected = true;
      attempt.connection = kept;
      attempt.onOpen(kept);
    }
    return attempt;
  }

  /**
   * Called when the connection stands, before TLS.
   *
   * @return whether to go on
   */
  boolean onConnected(SocketAddress local, SocketAddress remote) {
    connected = true;
    if (transcript instanceof Transcript.Kept) {
      transcript.step("connected from " + local);
    }
    // With a free port of the ephemeral range on this very machine, TCP may connect to itself.
    if (local.equals(remote)) {
      end(
          ProbeEnd.failure(
              ProbeReason.CONNECTION_REFUSED, "connection refused by %s".formatted(peer())));
    }
    return !ended;
  }

  /** Called when all is ready for the conversation. */
  void onOpen(Connection opened) {
    open = true;
    if (!ended) {
      opened.use(this);
    }
  }

  /** Called when the server said something. */
  void onAnswer() {
    answered = true;
  }

  private void timeOut() {
    String within = " within %d ms".formatted(timeout.toMillis());
    if (!connected) {
      end(ProbeEnd.failure(ProbeReason.CONNECT_TIMEOUT, "no connection to " + peer() + within));
    } else {
      end(
          ProbeEnd.failure(
              ProbeReason.TIMEOUT,
              "no complete " + (open ? "answer from " : "TLS handshake with ") + peer() + within));
    }
  }

  /** The target's address. */
  String host() {
    return connector.host();
  }

  /** The target's address and port, for texts. */
  String peer() {
    return connector.peer();
  }

  Transcript transcript() {
    return transcript;
  }

  boolean hasEnded() {
    return ended;
  }

  /** The verdict is in and the connection of no more use. */
  void end(ProbeEnd end) {
    if (!ended) {
      cancel();
      onEnd.accept(end);
    }
  }

  /** The connection broke, which says nothing of the target if it was an old one. */
  void broken(ProbeEnd end) {
    if (!ended && reused && !answered) {
      reused = false;
      connected = false;
      open = false;
      close();
      connection = connector.open(this);
    } else {
      end(end);
    }
  }

  /**
   * The verdict is in and nothing more is to come.
   *
   * @param reusable whether the next probe may use the connection; if not, the server was asked to
   *     close it and gets a moment to do so
   */
  void endWithWholeAnswer(ProbeEnd end, boolean reusable) {
    if (ended) {
      return;
    }
    settle();
    Connection used = connection;
    if (used != null && !(reusable && connector.keep(used))) {
      if (reusable) {
        used.close();
      } else {
        used.closeAfterServer();
      }
    }
    onEnd.accept(end);
  }

  /** Gives up without an end. */
  void cancel() {
    settle();
    close();
  }

  private void settle() {
    ended = true;
    if (deadline != null) {
      deadline.cancel();
    }
  }

  private void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
