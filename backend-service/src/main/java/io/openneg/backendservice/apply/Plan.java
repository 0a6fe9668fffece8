package io.openneg.backendservice.apply;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** In which order resources become what a configuration says. Pure. */
final class Plan {
  private Plan() {}

  /**
   * One resource to be dealt with.
   *
   * @param kind its list in a configuration
   * @param index where it stands in that list; -1: it is to go
   */
  record Step(String kind, String name, int index) {
    boolean deletes() {
      return index < 0;
    }
  }

  /**
   * What refers to something is dealt with behind it, and goes before it. Those to which nothing
   * refers go first of all, so that others can have the addresses they listen on.
   *
   * @param kinds each behind those it can refer to; to the last one nothing refers
   * @param wanted names by kind, in the order of the configuration
   * @param surplus names, by kind, of those that are to go if they are not wanted
   */
  static List<Step> of(
      List<String> kinds, Map<String, List<String>> wanted, Map<String, List<String>> surplus) {
    List<Step> steps = new ArrayList<>(deletions(kinds.getLast(), wanted, surplus));
    for (String kind : kinds) {
      List<String> names = wanted.getOrDefault(kind, List.of());
      for (int i = 0; i < names.size(); i++) {
        steps.add(new Step(kind, names.get(i), i));
      }
    }
    for (String kind : kinds.reversed().subList(1, kinds.size())) {
      steps.addAll(deletions(kind, wanted, surplus));
    }
    return List.copyOf(steps);
  }

  private static List<Step> deletions(
      String kind, Map<String, List<String>> wanted, Map<String, List<String>> surplus) {
    Set<String> kept = new HashSet<>(wanted.getOrDefault(kind, List.of()));
    return surplus.getOrDefault(kind, List.of()).stream()
        .filter(name -> !kept.contains(name))
        .map(name -> new Step(kind, name, -1))
        .toList();
  }
}
