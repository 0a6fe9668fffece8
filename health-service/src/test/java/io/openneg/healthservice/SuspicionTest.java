package io.openneg.healthservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.healthservice.Suspicion.Answer;
import io.openneg.healthservice.probe.SelfCheck.Since;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SuspicionTest {
  private static final List<Since> ANSWERS = List.of(Since.values());

  @Test
  void failuresAreHeldOnlyIfNearlyAllFailAndTheProberToo() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      long total = random.nextLong(1, 201);
      long observed = random.nextLong(total + 1);
      long failing = observed == 0 ? 0 : random.nextLong(observed + 1);
      long recent = random.nextLong(total + 1);
      Since self = ANSWERS.get(random.nextInt(ANSWERS.size()));

      // Without fractions, and one rule after the other.
      Answer expected;
      if (20 * recent < total || self == Since.PASSED) {
        expected = Answer.ANNOUNCE;
      } else if (self == Since.UNKNOWN || 10 * observed < 9 * total) {
        expected = Answer.WAIT;
      } else {
        expected = 10 * failing >= 9 * observed ? Answer.HOLD : Answer.ANNOUNCE;
      }
      assertThat(new Suspicion(total, recent, observed, failing).answer(self))
          .as(
              "%d lately, %d failing of %d observed of %d, %s",
              recent, failing, observed, total, self)
          .isEqualTo(expected);
    }
  }

  @Test
  void aFewDeadEndpointsWaitForNobody() {
    assertThat(new Suspicion(1_000, 49, 400, 60).isWorthAsking()).isFalse();
    assertThat(new Suspicion(1_000, 50, 400, 50).isWorthAsking()).isTrue();
    assertThat(new Suspicion(1, 1, 1, 1).isWorthAsking()).isTrue();
  }
}
