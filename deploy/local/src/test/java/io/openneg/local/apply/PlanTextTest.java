package io.openneg.local.apply;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.ApplyResponse;
import io.openneg.backend.v1.Change;
import io.openneg.backend.v1.Change.Action;
import io.openneg.backend.v1.FieldChange;
import org.junit.jupiter.api.Test;

class PlanTextTest {

  private static Change.Builder change(Action action, String name) {
    return Change.newBuilder().setAction(action).setName("projects/p/" + name);
  }

  private static final ApplyResponse CHANGES =
      ApplyResponse.newBuilder()
          .addChanges(change(Action.DELETE, "global/forwardingRules/old"))
          .addChanges(change(Action.CREATE, "global/healthChecks/web"))
          .addChanges(
              change(Action.UPDATE, "regions/lab/backendServices/web")
                  .addFields(
                      FieldChange.newBuilder()
                          .setField("backends[0].max_rate")
                          .setOldValue("10")
                          .setNewValue("20"))
                  .addFields(FieldChange.newBuilder().setField("description").setNewValue("new")))
          .addChanges(change(Action.UNCHANGED, "global/urlMaps/web"))
          .build();

  @Test
  void readsLikeADiffWithASumBelow() {
    assertThat(PlanText.of(CHANGES, false))
        .containsExactly(
            "- global/forwardingRules/old",
            "+ global/healthChecks/web",
            "~ regions/lab/backendServices/web",
            "    backends[0].max_rate: 10 -> 20",
            "    description: (none) -> new",
            "1 created, 1 updated, 1 deleted, 1 unchanged");
    assertThat(PlanText.of(CHANGES, true))
        .last()
        .isEqualTo("1 to create, 1 to update, 1 to delete, 1 unchanged");
  }

  @Test
  void saysWhenThereIsNothingToDo() {
    assertThat(
            PlanText.of(
                ApplyResponse.newBuilder()
                    .addChanges(change(Action.UNCHANGED, "global/urlMaps/web"))
                    .build(),
                false))
        .containsExactly("nothing to change (1 resources)");
  }
}
