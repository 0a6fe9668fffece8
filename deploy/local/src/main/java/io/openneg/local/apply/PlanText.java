package io.openneg.local.apply;

import io.openneg.backend.v1.ApplyResponse;
import io.openneg.backend.v1.Change;
import io.openneg.backend.v1.Change.Action;
import io.openneg.backend.v1.FieldChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Changes for people to read, like a diff. Pure. */
final class PlanText {
  private PlanText() {}

  /** Lines: what is made ({@code +}), changed ({@code ~}) and deleted ({@code -}), and a sum. */
  static List<String> of(ApplyResponse response, boolean planned) {
    List<String> lines = new ArrayList<>();
    Map<Action, Integer> counts = new TreeMap<>();
    for (Change change : response.getChangesList()) {
      counts.merge(change.getAction(), 1, Integer::sum);
      if (change.getAction() != Action.UNCHANGED) {
        lines.add(sign(change.getAction()) + " " + withoutProject(change.getName()));
        change.getFieldsList().forEach(field -> lines.add("    " + text(field)));
      }
    }
    lines.add(sum(counts, planned));
    return lines;
  }

  private static String sign(Action action) {
    return switch (action) {
      case CREATE -> "+";
      case UPDATE -> "~";
      case DELETE -> "-";
      case UNCHANGED, ACTION_UNSPECIFIED, UNRECOGNIZED -> " ";
    };
  }

  /** As files name it. */
  private static String withoutProject(String name) {
    return name.split("/", 3)[2];
  }

  private static String text(FieldChange field) {
    String before = field.hasOldValue() ? field.getOldValue() : "(none)";
    String after = field.hasNewValue() ? field.getNewValue() : "(none)";
    return "%s: %s -> %s".formatted(field.getField(), before, after);
  }

  private static String sum(Map<Action, Integer> counts, boolean planned) {
    boolean idle = counts.keySet().stream().allMatch(action -> action == Action.UNCHANGED);
    if (idle) {
      return "nothing to change (%d resources)".formatted(counts.getOrDefault(Action.UNCHANGED, 0));
    }
    return counts.entrySet().stream()
        .map(count -> count.getValue() + " " + verb(count.getKey(), planned))
        .collect(Collectors.joining(", "));
  }

  private static String verb(Action action, boolean planned) {
    return switch (action) {
      case CREATE -> planned ? "to create" : "created";
      case UPDATE -> planned ? "to update" : "updated";
      case DELETE -> planned ? "to delete" : "deleted";
      case UNCHANGED -> "unchanged";
      case ACTION_UNSPECIFIED, UNRECOGNIZED -> "of an unknown kind";
    };
  }
}
