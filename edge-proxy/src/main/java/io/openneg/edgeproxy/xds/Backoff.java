package io.openneg.edgeproxy.xds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling up to a limit, with jitter, so that proxies
 * that lost the same server do not come back at the same moment. Not thread-safe.
 */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LAST = Duration.ofSeconds(5);

  private final RandomGenerator random;
  private Duration next = FIRST;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** Between half of the current step and all of it. */
  Duration next() {
    long millis = next.toMillis();
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LAST) > 0 ? LAST : doubled;
    return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
  }

  /** After a success. */
  void reset() {
    next = FIRST;
  }
}
