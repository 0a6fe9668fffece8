package io.openneg.serviceruntime.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.neg.v1.Instance;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class FingerprintTest {
  @Test
  void changesWithTheContentAndNotWithTheOrderOfAMap() {
    Instance.Builder one = Instance.newBuilder().putLabels("a", "1").putLabels("b", "2");
    Instance.Builder other = Instance.newBuilder().putLabels("b", "2").putLabels("a", "1");

    assertThat(Fingerprint.of(one.build())).isEqualTo(Fingerprint.of(other.build()));
    assertThat(Fingerprint.of(one.putLabels("a", "2").build()))
        .isNotEqualTo(Fingerprint.of(other.build()));
  }

  @Test
  void isTheSameInEitherAlphabetWithOrWithoutPadding() {
    byte[] bytes = {-1, -1, -1, -1, -1, -2, -3, -4};
    String current = Base64.getUrlEncoder().encodeToString(bytes);

    assertThat(current).contains("_").endsWith("=");
    assertThat(Fingerprint.matches(Base64.getEncoder().encodeToString(bytes), current)).isTrue();
    assertThat(
            Fingerprint.matches(
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), current))
        .isTrue();
    assertThat(Fingerprint.matches("AAAAAAAAAAA=", current)).isFalse();
  }
}
