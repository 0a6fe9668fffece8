package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.ParkedEvents.Parking;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ParkingTest {
  private static final RecordedEvent EVENT =
      new RecordedEvent(
          "topic", "stream", 2, 2, "type", new byte[0], Instant.EPOCH, "actor", null, null);

  /** Parking must not fail on the very error that it keeps. */
  @Test
  void anErrorIsKeptSoThatPostgresTakesIt() {
    var long0 = new IllegalStateException("a NUL \0 and " + "very ".repeat(10_000) + "long");
    String error = Parking.because(long0, EVENT).error();
    assertThat(error)
        .startsWith("java.lang.IllegalStateException: a NUL  and very ")
        .doesNotContain("\0")
        .hasSize(2_000);
  }

  @Test
  void aLongWaitBehindAnOlderTransactionCostsFewQueriesAndAShortOneLittleDelay() {
    assertThat(OutboxRelay.gatedPoll(Duration.ZERO)).isEqualTo(Duration.ofMillis(1));
    assertThat(OutboxRelay.gatedPoll(Duration.ofMillis(50))).isEqualTo(Duration.ofMillis(5));
    assertThat(OutboxRelay.gatedPoll(Duration.ofSeconds(10))).isEqualTo(Duration.ofMillis(20));
  }
}
