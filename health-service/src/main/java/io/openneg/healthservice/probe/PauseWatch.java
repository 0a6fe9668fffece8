package io.openneg.healthservice.probe;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;

/**
 * How much time this process has lost by not running: stopped, starved of processor time,
 * collecting garbage. A steady beat on the event loop comes late by as much. A probe that failed
 * while its own prober stood still says nothing about its target. Confined to its event loop.
 */
final class PauseWatch {
  private static final long BEAT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private long lost;
  private long due;

  PauseWatch(long now) {
    this.due = now + BEAT_NANOS;
  }

  /** Starts the beat; on the event loop. */
  static PauseWatch start(EventExecutor loop) {
    PauseWatch watch = new PauseWatch(System.nanoTime());
    // Each beat is set by the one before, so that beats missed in a pause do not come in a burst.
    var _ = loop.schedule(() -> watch.beatOn(loop), BEAT_NANOS, TimeUnit.NANOSECONDS);
    return watch;
  }

  private void beatOn(EventExecutor loop) {
    beat(System.nanoTime());
    if (!loop.isShuttingDown()) {
      var _ = loop.schedule(() -> beatOn(loop), BEAT_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  void beat(long now) {
    lost = lostNanos(now);
    due = now + BEAT_NANOS;
  }

  /**
   * Nanoseconds lost up to now, with those of a pause whose beat has yet to come: after a pause the
   * probes' own tasks may run before it.
   */
  long lostNanos(long now) {
    return lost + Math.max(0, now - due);
  }
}
