package io.openneg.eventlog;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A signal that is not lost when it comes early, and counts once however often it comes. One thread
 * waits, any may signal.
 */
final class Wakeup {
  private final Semaphore permits = new Semaphore(0);

  void signal() {
    if (permits.availablePermits() == 0) {
      permits.release();
    }
  }

  /** Whether a signal came in time. */
  boolean await(Duration atMost) throws InterruptedException {
    boolean signalled = permits.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    if (signalled) {
      permits.drainPermits();
    }
    return signalled;
  }
}
