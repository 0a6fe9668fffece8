package io.openneg.healthservice.probe;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The timers of one event loop, in slots of 20 ms. Each probe sets three and cancels one; in the
 * ordered queue of the loop itself, with 10,000 targets waiting in it, that took a quarter of a
 * probe's processor time. A timer fires up to a slot late and never early. Confined to its event
 * loop.
 */
final class TimingWheel {
  private static final Logger LOG = LoggerFactory.getLogger(TimingWheel.class);

  /** Divides every interval, which is of whole seconds. */
  static final long SLOT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** Of a power of two; more than the intervals of most checks. */
  private static final int SLOTS = 512;

  private final EventExecutor loop;
  private final List<List<Timer>> wheel = new ArrayList<>(SLOTS);
  private List<Timer> spare = new ArrayList<>();
  // Slots are numbered from the origin of System.nanoTime; all up to this one have fired.
  private long fired;
  private long armed = Long.MAX_VALUE;
  private int waiting;

  /** What is to run, once. Confined to the wheel's event loop. */
  static final class Timer {
    private final long slot;
    private @Nullable Runnable task;

    private Timer(long slot, Runnable task) {
      this.slot = slot;
      this.task = task;
    }

    void cancel() {
      task = null;
    }
  }

  TimingWheel(EventExecutor loop) {
    this.loop = loop;
    this.fired = Math.floorDiv(System.nanoTime(), SLOT_NANOS);
    for (int i = 0; i < SLOTS; i++) {
      wheel.add(new ArrayList<>(0));
    }
  }

  /**
   * @param atNanos of {@link System#nanoTime}; what is past fires in the next slot
   */
  Timer schedule(long atNanos, Runnable task) {
    long due = -Math.floorDiv(-atNanos, SLOT_NANOS);
    Timer timer = new Timer(Math.max(due, fired + 1), task);
    slot(timer.slot).add(timer);
    waiting++;
    if (timer.slot < armed) {
      arm(timer.slot);
    }
    return timer;
  }

  private List<Timer> slot(long number) {
    return wheel.get((int) (number & (SLOTS - 1)));
  }

  private void arm(long slot) {
    armed = slot;
    var _ =
        loop.schedule(
            () -> turn(slot), slot * SLOT_NANOS - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  private void turn(long slot) {
    // One that was set for a later slot, before an earlier one was asked for.
    if (slot != armed) {
      return;
    }
    // What is set meanwhile is seen at the end.
    armed = Long.MIN_VALUE;
    long now = Math.floorDiv(System.nanoTime(), SLOT_NANOS);
    // After a pause of more than a turn each slot is looked at once.
    for (long next = Math.max(fired + 1, now - SLOTS + 1); next <= now; next++) {
      fire(next, now);
    }
    armed = Long.MAX_VALUE;
    if (waiting > 0) {
      arm(nextOccupied());
    }
  }

  private void fire(long slot, long now) {
    fired = slot;
    List<Timer> timers = slot(slot);
    if (timers.isEmpty()) {
      return;
    }
    wheel.set((int) (slot & (SLOTS - 1)), spare);
    for (Timer timer : timers) {
      Runnable task = timer.task;
      if (task != null && timer.slot > now) {
        slot(timer.slot).add(timer);
        continue;
      }
      waiting--;
      if (task != null) {
        run(task);
      }
    }
    timers.clear();
    spare = timers;
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a timer's task failed", e);
    }
  }

  private long nextOccupied() {
    long next = fired + 1;
    while (slot(next).isEmpty()) {
      next++;
    }
    return next;
  }
}
