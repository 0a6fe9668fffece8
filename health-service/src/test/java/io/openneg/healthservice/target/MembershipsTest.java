package io.openneg.healthservice.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.healthservice.target.Targets.Memberships;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MembershipsTest {
  private static boolean renewed(Map<String, Long> before, Map<String, Long> now) {
    return new Memberships(now).renewedSince(new Memberships(before));
  }

  @Test
  void anEndpointThatLeftAndCameBackIsAnotherOne() {
    assertThat(renewed(Map.of("a", 3L), Map.of("a", 9L))).isTrue();
    assertThat(renewed(Map.of("a", 3L, "b", 1L), Map.of("a", 9L))).isTrue();
  }

  @Test
  void anEndpointThatOneGroupKeptIsTheSame() {
    assertThat(renewed(Map.of("a", 3L), Map.of("a", 3L))).isFalse();
    assertThat(renewed(Map.of("a", 3L, "b", 1L), Map.of("a", 9L, "b", 1L))).isFalse();
  }

  @Test
  void anEndpointThatMovesToAnotherGroupIsTheSame() {
    assertThat(renewed(Map.of("blue", 3L), Map.of("green", 5L))).isFalse();
  }
}
