package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PauseWatchTest {
  private static long ms(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  @Test
  void beatsInTimeLoseNothing() {
    PauseWatch watch = new PauseWatch(0);
    watch.beat(ms(50));
    watch.beat(ms(100));

    assertThat(watch.lostNanos(ms(130))).isZero();
  }

  @Test
  void aPauseCountsBeforeAndAfterItsBeat() {
    PauseWatch watch = new PauseWatch(0);
    watch.beat(ms(50));

    assertThat(watch.lostNanos(ms(3_100))).isEqualTo(ms(3_000));
    watch.beat(ms(3_100));
    assertThat(watch.lostNanos(ms(3_120))).isEqualTo(ms(3_000));
    watch.beat(ms(3_160));
    assertThat(watch.lostNanos(ms(3_160))).isEqualTo(ms(3_010));
  }
}
