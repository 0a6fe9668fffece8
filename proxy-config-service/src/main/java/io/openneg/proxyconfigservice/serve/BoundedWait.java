package io.openneg.proxyconfigservice.serve;

/**
 * A wait for something a client should do, but not for ever: after the bound it is as if it had
 * been done. Not thread-safe.
 */
final class BoundedWait {
  private final long boundNanos;
  private boolean waiting;
  private long since;

  BoundedWait(long boundNanos) {
    this.boundNanos = boundNanos;
  }

  /**
   * Whether to wait (on).
   *
   * @param now as of {@link System#nanoTime}
   */
  boolean blocks(boolean done, long now) {
    if (done) {
      waiting = false;
      return false;
    }
    if (!waiting) {
      waiting = true;
      since = now;
    }
    return now - since < boundNanos;
  }

  /** What was waited for has had its effect; the next wait is a new one. */
  void over() {
    waiting = false;
  }

  /** When it will no longer block, as of {@link System#nanoTime}. */
  long end() {
    return since + boundNanos;
  }
}
