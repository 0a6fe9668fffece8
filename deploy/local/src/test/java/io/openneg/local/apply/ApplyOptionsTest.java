package io.openneg.local.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ApplyOptionsTest {

  @Test
  void readsThemInAnyOrder() {
    assertThat(ApplyOptions.parse(List.of("-f", "a.yaml")))
        .isEqualTo(new ApplyOptions("a.yaml", "demo", false, false, false));
    assertThat(
            ApplyOptions.parse(
                List.of("--wait", "--prune", "--project", "p", "--dry-run", "--file", "-")))
        .isEqualTo(new ApplyOptions("-", "p", true, true, true));
  }

  @Test
  void saysWhatIsWrongAndHowItIsUsed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApplyOptions.parse(List.of()))
        .withMessageContaining("-f FILE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApplyOptions.parse(List.of("-f")))
        .withMessageContaining("-f needs a value");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ApplyOptions.parse(List.of("--dry", "-f", "a")))
        .withMessageContaining("no such argument: --dry");
  }
}
