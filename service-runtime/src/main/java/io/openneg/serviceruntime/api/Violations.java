package io.openneg.serviceruntime.api;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects every fault of a request, so that the answer names all of them. Not thread-safe. */
public final class Violations {
  private final List<Violation> found = new ArrayList<>();

  /** Notes a fault of a field unless the condition holds; says whether it held. */
  public boolean check(boolean holds, String field, String rule) {
    if (!holds) {
      found.add(new Violation(field, rule));
    }
    return holds;
  }

  /** Notes a number outside of its range. */
  public boolean range(long value, long min, long max, String field) {
    return check(
        value >= min && value <= max, field, "must be %d..%d, is %d".formatted(min, max, value));
  }

  /** Notes faults found elsewhere. */
  public void addAll(List<Violation> violations) {
    found.addAll(violations);
  }

  /** All faults noted so far. */
  public List<Violation> found() {
    return List.copyOf(found);
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * @throws RejectedException INVALID_ARGUMENT with all faults, when there are any
   */
  public void orThrow() {
    Optional<Rejection> rejection = rejection();
    if (rejection.isPresent()) {
      throw new RejectedException(rejection.get());
    }
  }

  /** INVALID_ARGUMENT with all faults, or empty when there are none. */
  public Optional<Rejection> rejection() {
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Violation first = found.getFirst();
    String more = found.size() == 1 ? "" : " (and %d more)".formatted(found.size() - 1);
    return Optional.of(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "INVALID_ARGUMENT",
            "Invalid value for field '%s': it %s%s."
                .formatted(first.subject(), first.description(), more),
            found));
  }
}
