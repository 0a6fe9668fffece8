package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.local.demo.DemoCommand;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code ./openneg demo} shows is also what is tested: spread, kill, attach, drain, 502. */
class StoryIT {

  @Test
  void everythingTheDemoAssertsHolds() {
    var demo = new DemoCommand(TestSystem.programs(), Map.of("NO_COLOR", "1"), System.out);

    assertThat(demo.run()).isZero();
  }
}
