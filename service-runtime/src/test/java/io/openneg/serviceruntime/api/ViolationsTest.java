package io.openneg.serviceruntime.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViolationsTest {

  @Test
  void withoutAFaultThereIsNoRejection() {
    Violations violations = new Violations();
    assertThat(violations.check(true, "name", "must be there")).isTrue();
    assertThat(violations.range(1, 1, 65_535, "port")).isTrue();
    assertThat(violations.range(65_535, 1, 65_535, "port")).isTrue();
    assertThat(violations.isEmpty()).isTrue();
    assertThat(violations.rejection()).isEmpty();
  }

  @Test
  void everyFaultIsNamed() {
    Violations violations = new Violations();
    assertThat(violations.range(0, 1, 65_535, "port")).isFalse();
    assertThat(violations.check(false, "name", "must be there")).isFalse();
    assertThat(violations.rejection())
        .contains(
            new Rejection(
                Kind.INVALID_ARGUMENT,
                "INVALID_ARGUMENT",
                "Invalid value for field 'port': it must be 1..65535, is 0 (and 1 more).",
                List.of(
                    new Violation("port", "must be 1..65535, is 0"),
                    new Violation("name", "must be there"))));
  }
}
