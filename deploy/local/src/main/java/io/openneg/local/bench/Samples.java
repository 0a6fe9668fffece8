package io.openneg.local.bench;

import java.util.Arrays;

/** Durations measured, in order of size; never none. Immutable. */
final class Samples {
  private final long[] sorted;

  /**
   * @param nanoseconds at least one
   */
  Samples(long[] nanoseconds) {
    if (nanoseconds.length == 0) {
      throw new IllegalArgumentException("nanoseconds: must not be empty");
    }
    sorted = nanoseconds.clone();
    Arrays.sort(sorted);
  }

  /**
   * In milliseconds, by nearest rank: the smallest value that at least that share of all does not
   * exceed.
   */
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1e6;
  }

  double median() {
    return percentile(50);
  }

  double p99() {
    return percentile(99);
  }
}
