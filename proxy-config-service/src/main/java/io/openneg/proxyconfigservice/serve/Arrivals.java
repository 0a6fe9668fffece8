package io.openneg.proxyconfigservice.serve;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lets a few arriving streams at a time have all that there is; the others wait, first come first
 * served. When a thousand come back at once, what is on its way to them is bounded, in memory and
 * on the network, and those that are there go on meanwhile. Thread-safe.
 */
final class Arrivals {
  private final int places;
  private final Deque<Ticket> waiting = new ArrayDeque<>();
  private int inside;

  /** A stream's place. */
  static final class Ticket {
    private final Runnable admit;
    private volatile boolean admitted;
    private boolean over;

    private Ticket(Runnable admit) {
      this.admit = admit;
    }

    /** Whether it is its turn, or was. */
    boolean isAdmitted() {
      return admitted;
    }
  }

  Arrivals(int places) {
    this.places = places;
  }

  /**
   * @param admit called when the turn comes later than at once; must not block
   */
  synchronized Ticket ask(Runnable admit) {
    Ticket ticket = new Ticket(admit);
    if (inside < places) {
      inside++;
      ticket.admitted = true;
    } else {
      waiting.add(ticket);
    }
    return ticket;
  }

  /** It has all that there is, or is gone. */
  void leave(Ticket ticket) {
    Ticket next = over(ticket);
    if (next != null) {
      next.admit.run();
    }
  }

  private synchronized @Nullable Ticket over(Ticket ticket) {
    if (ticket.over) {
      return null;
    }
    ticket.over = true;
    if (!ticket.admitted) {
      waiting.remove(ticket);
      return null;
    }
    Ticket next = waiting.poll();
    if (next == null) {
      inside--;
    } else {
      next.admitted = true;
    }
    return next;
  }
}
