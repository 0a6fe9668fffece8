package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class WakeupTest {
  private static final Duration FOR_EVER = Duration.ofHours(1);

  @Test
  @Timeout(10)
  void aSignalBeforeTheWaitIsNotLost() throws Exception {
    Wakeup wakeup = new Wakeup();
    wakeup.signal();
    wakeup.await(FOR_EVER);
  }

  @Test
  @Timeout(10)
  void manySignalsWakeOnce() throws Exception {
    Wakeup wakeup = new Wakeup();
    for (int i = 0; i < 1_000; i++) {
      wakeup.signal();
    }
    wakeup.await(FOR_EVER);
    long begin = System.nanoTime();
    wakeup.await(Duration.ofMillis(20));
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(15));
  }

  /** The waiter would sleep for ever on work that is there. */
  @Test
  @Timeout(60)
  void aSignalThatMeetsTheEndOfAWaitIsNotLost() throws Exception {
    Wakeup wakeup = new Wakeup();
    AtomicLong work = new AtomicLong();
    AtomicLong seen = new AtomicLong();
    long rounds = 200_000;
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (seen.get() < rounds) {
                      wakeup.await(FOR_EVER);
                      seen.set(work.get());
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    for (long i = 0; i < rounds; i++) {
      work.incrementAndGet();
      wakeup.signal();
      // Now and then the waiter gets to its wait.
      if (i % 3 == 0) {
        while (seen.get() < work.get()) {
          Thread.onSpinWait();
        }
      }
    }
    waiter.join();
    assertThat(seen).hasValue(rounds);
  }
}
