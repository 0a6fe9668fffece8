package io.openneg.healthservice;

import io.openneg.healthservice.probe.SelfCheck;
import java.util.Collection;

/**
 * Whether what looks like the death of all targets is more likely a fault of this prober: since its
 * self-check began to fail, nearly all targets have failed. Pure.
 *
 * @param total targets
 * @param recent those that have failed since the self-check passed last
 * @param observed those of which something was observed since the self-check began to fail
 * @param failing those of them whose newest probe failed
 */
record Suspicion(long total, long recent, long observed, long failing) {
  /** Below this share of targets that failed lately nobody is suspected, and nothing waits. */
  private static final double FEW = 0.05;

  private static final double NEARLY_ALL = 0.9;

  /**
   * @param lastPass {@link System#nanoTime} when the last self-check began that passed
   * @param failingSince when the first one began that failed after it
   */
  static Suspicion since(long lastPass, long failingSince, Collection<Watch> watches) {
    long recent = 0;
    long observed = 0;
    long failing = 0;
    for (Watch watch : watches) {
      recent += watch.isFailing() && watch.isObservedSince(lastPass) ? 1 : 0;
      if (watch.isObservedSince(failingSince)) {
        observed++;
        failing += watch.isFailing() ? 1 : 0;
      }
    }
    return new Suspicion(watches.size(), recent, observed, failing);
  }

  /** What to do with endpoints that are about to be called unhealthy. */
  enum Answer {
    ANNOUNCE,
    /** It is not known yet whether the fault is this prober's. */
    WAIT,
    /** The fault is more likely this prober's. */
    HOLD
  }

  boolean isWorthAsking() {
    return recent >= FEW * total;
  }

  /**
   * @param self of a self-check that began after the newest failure
   */
  Answer answer(SelfCheck.Since self) {
    if (!isWorthAsking()) {
      return Answer.ANNOUNCE;
    }
    return switch (self) {
      case PASSED -> Answer.ANNOUNCE;
      case UNKNOWN -> Answer.WAIT;
      case FAILED -> {
        if (observed < NEARLY_ALL * total) {
          // One interval after the self-check began to fail all have been heard of.
          yield Answer.WAIT;
        }
        yield failing >= NEARLY_ALL * observed ? Answer.HOLD : Answer.ANNOUNCE;
      }
    };
  }
}
