package io.openneg.healthservice.probe;

import java.time.Duration;

/**
 * When the probes of a target start: on a grid of one interval, shifted by a phase that follows
 * from the target's name. Thousands of targets so spread evenly, whatever moment they came at, and
 * a target keeps its place. Those of one slot start together: a process that wakes for each of
 * 2,000 probes a second spends more on waking than on probing. Times are of {@link
 * System#nanoTime}. Pure.
 *
 * @param phaseNanos {@code 0 <= phaseNanos < intervalNanos}
 */
record ProbeSchedule(long intervalNanos, long phaseNanos) {
  static ProbeSchedule of(String name, Duration interval) {
    long nanos = interval.toNanos();
    return new ProbeSchedule(
        nanos, Math.floorMod(mix(name), nanos / TimingWheel.SLOT_NANOS) * TimingWheel.SLOT_NANOS);
  }

  /** The first start on the grid after a moment. */
  long firstAfter(long now) {
    return now + intervalNanos - Math.floorMod(now - phaseNanos, intervalNanos);
  }

  /**
   * The start after a probe. One that took up to its whole interval (a timeout of the same length)
   * is followed at once by the next, so a target that does not answer is not probed half as often;
   * what was missed beyond that is left out.
   *
   * @param started when the probe started
   * @param ended when it ended
   */
  long next(long started, long ended) {
    long due = firstAfter(started);
    if (due - ended >= 0) {
      return due;
    }
    return ended - due < intervalNanos ? ended : firstAfter(ended);
  }

  /** FNV-1a, then MurmurHash3's finalizer: names that differ in one digit end up far apart. */
  private static long mix(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }
}
