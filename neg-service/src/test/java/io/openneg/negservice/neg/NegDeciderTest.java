package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.attached;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Scenario.fold;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NegDeciderTest {
  private final NegDecider decider = new NegDecider();

  @Test
  void aStateWeighsMoreWithEveryEndpointAndNeverNothing() {
    List<NegEvent> log = new ArrayList<>(List.of(created()));
    int empty = decider.weight(fold(log));
    assertThat(decider.weight(decider.initial())).isPositive();
    assertThat(empty).isPositive();
    log.add(attached("10.0.0.1:80"));
    log.add(attached("10.0.0.2:80"));
    assertThat(decider.weight(fold(log))).isEqualTo(empty + 2);
    log.add(new NegDeletionStarted());
    assertThat(decider.weight(fold(log))).isEqualTo(empty + 2);
  }
}
