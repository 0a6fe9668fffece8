package io.openneg.backendservice.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backendservice.apply.Plan.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final List<String> KINDS = List.of("checks", "services", "rules");

  @Test
  void listenersGoFirstThenAllIsMadeInOrderThenTheRestGoesFromItsEnd() {
    assertThat(
            Plan.of(
                KINDS,
                Map.of("checks", List.of("c2", "c1"), "rules", List.of("r1")),
                Map.of(
                    "checks", List.of("c1", "c9"),
                    "services", List.of("s9"),
                    "rules", List.of("r9"))))
        .containsExactly(
            new Step("rules", "r9", -1),
            new Step("checks", "c2", 0),
            new Step("checks", "c1", 1),
            new Step("rules", "r1", 0),
            new Step("services", "s9", -1),
            new Step("checks", "c9", -1));
  }

  /** Random configurations: each resource is dealt with once, and behind what it may refer to. */
  @Test
  void eachResourceIsDealtWithOnceAndInOrder() {
    Random random = new Random(4);
    for (int run = 0; run < 2_000; run++) {
      Map<String, List<String>> wanted = random(random);
      Map<String, List<String>> surplus = random(random);
      List<Step> steps = Plan.of(KINDS, wanted, surplus);
      for (String kind : KINDS) {
        List<String> made = names(steps, kind, false);
        assertThat(made).isEqualTo(wanted.get(kind));
        List<String> gone = new ArrayList<>(surplus.getOrDefault(kind, List.of()));
        gone.removeAll(made);
        assertThat(names(steps, kind, true)).isEqualTo(gone);
      }
      List<Integer> places =
          steps.stream()
              .map(
                  step -> {
                    int kind = KINDS.indexOf(step.kind());
                    if (!step.deletes()) {
                      return 1 + kind;
                    }
                    return kind == 2 ? 0 : 10 - kind;
                  })
              .toList();
      assertThat(places).isSorted();
    }
  }

  private static List<String> names(List<Step> steps, String kind, boolean deleted) {
    return steps.stream()
        .filter(step -> step.kind().equals(kind) && step.deletes() == deleted)
        .map(Step::name)
        .toList();
  }

  private static Map<String, List<String>> random(Random random) {
    Map<String, List<String>> names = new TreeMap<>();
    for (String kind : KINDS) {
      List<String> ofKind = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        if (random.nextBoolean()) {
          ofKind.add(kind + i);
        }
      }
      names.put(kind, ofKind);
    }
    return names;
  }
}
