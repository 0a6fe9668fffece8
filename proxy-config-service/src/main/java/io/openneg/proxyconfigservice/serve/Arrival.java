package io.openneg.proxyconfigservice.serve;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream from its first request until it has had all that there is, or is given up. One thread at
 * a time works on it; {@link #isOver} and {@link #leave} may be called by any.
 */
final class Arrival {
  /** How long one may take to ask for the next type, before another has its turn. */
  private static final Duration IDLE = Duration.ofMillis(250);

  private final Arrivals arrivals;
  private final Duration bound;
  private final ScheduledExecutorService timer;
  private final Runnable signal;

  /** Null: it has not asked for its turn. */
  private volatile Arrivals.@Nullable Ticket place;

  private volatile boolean over;
  private volatile boolean gone;
  private boolean begun;
  private @Nullable ScheduledFuture<?> turnEnd;

  /** When it last sent or received; as of {@link System#nanoTime}. */
  private long lastMoved;

  /**
   * @param bound how long the client may take to acknowledge
   * @param signal called when the turn comes, or may be over; must not block
   */
  Arrival(Arrivals arrivals, Duration bound, ScheduledExecutorService timer, Runnable signal) {
    this.arrivals = arrivals;
    this.bound = bound;
    this.timer = timer;
    this.signal = signal;
  }

  /** Whether it is one of those that are there. */
  boolean isOver() {
    return over;
  }

  /** Whether its turn has not come yet. */
  boolean waits() {
    return !over && !begun;
  }

  /** It has sent or received. */
  void moved() {
    lastMoved = System.nanoTime();
  }

  /** Whether it may be told what there is. To be asked when there is something. */
  boolean mayBeTold() {
    if (over) {
      return true;
    }
    Arrivals.@Nullable Ticket mine = place;
    if (mine == null) {
      mine = arrivals.ask(signal);
      place = mine;
      if (gone) {
        arrivals.leave(mine);
      }
    }
    if (mine.isAdmitted() && !begun) {
      begun = true;
      moved();
    }
    return begun;
  }

  /**
   * Gives its place to the next one when it has all, or is given up: it does not acknowledge, or
   * does not ask for more.
   *
   * @param quiet whether no answer is on its way to it
   */
  void note(boolean hasAll, boolean quiet) {
    Arrivals.@Nullable Ticket mine = place;
    if (over || mine == null || !begun) {
      return;
    }
    if (turnEnd != null) {
      turnEnd.cancel(false);
      turnEnd = null;
    }
    long left = lastMoved + (quiet ? IDLE : bound).toNanos() - System.nanoTime();
    if (hasAll || left <= 0) {
      over = true;
      arrivals.leave(mine);
    } else {
      turnEnd = timer.schedule(signal, left, TimeUnit.NANOSECONDS);
    }
  }

  /** The stream is gone. */
  void leave() {
    gone = true;
    Arrivals.@Nullable Ticket mine = place;
    if (mine != null) {
      arrivals.leave(mine);
    }
  }
}
