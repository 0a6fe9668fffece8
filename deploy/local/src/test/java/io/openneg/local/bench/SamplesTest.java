package io.openneg.local.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void percentilesAreByNearestRankInMilliseconds() {
    // 200 ms down to 1 ms.
    var samples =
        new Samples(
            LongStream.iterate(200, n -> n - 1).limit(200).map(n -> n * 1_000_000).toArray());
    assertThat(samples.median()).isEqualTo(100);
    assertThat(samples.p99()).isEqualTo(198);
    assertThat(samples.percentile(100)).isEqualTo(200);
  }

  @Test
  void oneSampleIsEveryPercentile() {
    var samples = new Samples(new long[] {2_500_000});
    assertThat(samples.median()).isEqualTo(2.5);
    assertThat(samples.p99()).isEqualTo(2.5);
  }

  @Test
  void noSamplesAreRefused() {
    assertThatThrownBy(() -> new Samples(new long[0])).isInstanceOf(IllegalArgumentException.class);
  }
}
