package io.openneg.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScrapeTest {
  private static final Scrape EARLY = Scrape.parse(text(100, 100, 100, 7));

  private static String text(int upTo1, int upTo2, int all, int timeouts) {
    return """
        # HELP delay_seconds How late
        # TYPE delay_seconds histogram
        delay_seconds_bucket{le="0.001"} %d
        delay_seconds_bucket{le="0.002"} %d
        delay_seconds_bucket{le="+Inf"} %d
        delay_seconds_count %3$d
        probes_total{outcome="SUCCESS"} 1.0E3
        probes_total{outcome="TIMEOUT"} %d
        probes_totals 5
        """
        .formatted(upTo1, upTo2, all, timeouts);
  }

  @Test
  void tellsTheBoundThatAShareOfWhatIsNewDoesNotExceed() {
    Scrape late = Scrape.parse(text(150, 199, 200, 7));

    assertThat(late.bound("delay_seconds", 0.5, EARLY)).isEqualTo(0.001);
    assertThat(late.bound("delay_seconds", 0.99, EARLY)).isEqualTo(0.002);
    assertThat(late.bound("delay_seconds", 1, EARLY)).isInfinite();
  }

  @Test
  void refusesToTellOfNothing() {
    assertThatThrownBy(() -> EARLY.bound("delay_seconds", 0.99, EARLY))
        .hasMessage("nothing was recorded in delay_seconds");
    assertThatThrownBy(() -> EARLY.bound("other", 0.99, EARLY))
        .hasMessage("nothing was recorded in other");
  }

  @Test
  void addsUpCountersWhateverTheirLabels() {
    assertThat(Scrape.parse(text(1, 1, 1, 9)).growth("probes_total", EARLY)).isEqualTo(2);
  }
}
