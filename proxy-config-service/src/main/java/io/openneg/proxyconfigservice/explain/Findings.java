package io.openneg.proxyconfigservice.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The links found so far, in order. Not thread-safe. */
final class Findings {
  private final List<Finding> all = new ArrayList<>();

  /** Says whether it holds, so that a chain can end there. */
  boolean add(Finding finding) {
    all.add(finding);
    return finding.holds();
  }

  /** Adds a link that holds; true. */
  boolean holds(String resource, String text) {
    return add(new Finding(resource, true, text, ""));
  }

  /** Adds a link that does not hold; false. */
  boolean fails(String resource, String text, String advice) {
    return add(new Finding(resource, false, text, advice));
  }

  /** How many there are. */
  int size() {
    return all.size();
  }

  /** The first link that does not hold, in words; empty: all hold. */
  Optional<String> firstFailure() {
    return firstFailureSince(0);
  }

  /**
   * The first link that does not hold, in words; empty: all hold.
   *
   * @param begin how many links there were before those that are asked about
   */
  Optional<String> firstFailureSince(int begin) {
    return all.stream()
        .skip(begin)
        .filter(finding -> !finding.holds())
        .findFirst()
        .map(finding -> finding.resource() + ": " + finding.text());
  }

  List<Finding> list() {
    return List.copyOf(all);
  }
}
