package io.openneg.healthservice;

import io.openneg.healthservice.probe.SelfCheck;
import io.openneg.healthservice.probe.SelfCheck.Since;
import java.util.Collection;
import java.util.LongSummaryStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds endpoints back from being called unhealthy while the fault is more likely this prober's:
 * one that has lost its own network must not empty every service. Confined to the monitor's thread.
 */
final class FailureBrake {
  private static final Logger LOG = LoggerFactory.getLogger(FailureBrake.class);

  private final SelfCheck selfCheck;
  private boolean suspect;

  FailureBrake(SelfCheck selfCheck) {
    this.selfCheck = selfCheck;
  }

  /** Whether the prober is suspect: PROBER_SUSPECT. */
  boolean isSuspect() {
    return suspect;
  }

  void reset() {
    suspect = false;
  }

  /**
   * Whether those that are due and failing must wait.
   *
   * @param due watches with a transition that is due
   * @param all what is watched
   */
  boolean holds(Collection<Watch> due, Collection<Watch> all) {
    if (suspect) {
      // Until the self-check passes: recovery is not to be taken for the death of the rest.
      return true;
    }
    LongSummaryStatistics failures =
        due.stream()
            .filter(Watch::isFailing)
            .mapToLong(Watch::lastStartedNanos)
            .summaryStatistics();
    if (failures.getCount() == 0) {
      return false;
    }
    Suspicion suspicion =
        Suspicion.since(selfCheck.lastPassNanos(), selfCheck.failingSinceNanos(), all);
    // Only a check of ourselves that is younger than the failures can tell.
    Since self = suspicion.isWorthAsking() ? selfCheck.since(failures.getMax()) : Since.PASSED;
    return switch (suspicion.answer(self)) {
      case ANNOUNCE -> false;
      case WAIT -> true;
      case HOLD -> {
        suspect = true;
        LOG.error(
            "PROBER_SUSPECT: nearly all of {} targets fail, and this prober's own self-check"
                + " fails too; healthy endpoints stay so until it passes",
            all.size());
        yield true;
      }
    };
  }

  /** Whether suspicion ends now; true once. */
  boolean isReleased() {
    if (!suspect || selfCheck.fails()) {
      return false;
    }
    suspect = false;
    LOG.warn("PROBER_SUSPECT is over: the self-check passes, counting starts anew");
    return true;
  }
}
