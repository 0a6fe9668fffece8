package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProbeScheduleTest {
  private static final ProbeSchedule EVERY_SECOND = new ProbeSchedule(1_000, 300);

  @Test
  void startsLieOnTheGrid() {
    assertThat(EVERY_SECOND.firstAfter(0)).isEqualTo(300);
    assertThat(EVERY_SECOND.firstAfter(299)).isEqualTo(300);
    assertThat(EVERY_SECOND.firstAfter(300)).isEqualTo(1_300);
    assertThat(EVERY_SECOND.firstAfter(-5_000)).isEqualTo(-4_700);
  }

  @Test
  void aLateStartDoesNotShiftTheGrid() {
    assertThat(EVERY_SECOND.next(304, 350)).isEqualTo(1_300);
  }

  @Test
  void aTargetThatAnswersNothingIsNotProbedHalfAsOften() {
    // With a timeout as long as the interval, the deadline fires just after the next start was due.
    assertThat(EVERY_SECOND.next(300, 1_301)).isEqualTo(1_301);
    assertThat(EVERY_SECOND.next(1_301, 2_302)).isEqualTo(2_302);
  }

  @Test
  void startsMissedInALongPauseAreLeftOut() {
    assertThat(EVERY_SECOND.next(300, 60_000)).isEqualTo(60_300);
  }

  @Test
  void aTargetKeepsItsPhase() {
    assertThat(ProbeSchedule.of("hc/targets/10.0.0.1:80", Duration.ofSeconds(5)))
        .isEqualTo(ProbeSchedule.of("hc/targets/10.0.0.1:80", Duration.ofSeconds(5)));
  }

  @Test
  void startsLieWhereSlotsOfTheTimersBegin() {
    Random random = new Random(2);
    for (int i = 0; i < 1_000; i++) {
      ProbeSchedule schedule = ProbeSchedule.of("target " + i, Duration.ofSeconds(1 + i % 300));
      assertThat(schedule.firstAfter(random.nextLong() / 2) % TimingWheel.SLOT_NANOS).isZero();
    }
  }

  @Test
  void neighboursAreSpreadEvenlyOverTheInterval() {
    Duration interval = Duration.ofSeconds(5);
    int[] perSlice = new int[100];
    for (int i = 0; i < 10_000; i++) {
      String name =
          "projects/p/global/healthChecks/hc/targets/10.0.%d.%d:8080".formatted(i / 250, i % 250);
      ProbeSchedule schedule = ProbeSchedule.of(name, interval);
      perSlice[(int) (schedule.phaseNanos() * perSlice.length / interval.toNanos())]++;
    }
    // 100 expected in each; evenly thrown dice stay within 5 standard deviations of 10.
    assertThat(Arrays.stream(perSlice)).allMatch(count -> count >= 50 && count <= 150);
  }

  @Test
  void theNextStartIsNeverBeforeTheEndAndNeverFartherThanAnInterval() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      ProbeSchedule schedule = new ProbeSchedule(1_000, random.nextInt(1_000));
      long started = random.nextLong();
      long ended = started + random.nextInt(5_000);
      long next = schedule.next(started, ended);
      assertThat(next - ended).isBetween(0L, 1_000L);
    }
  }
}
