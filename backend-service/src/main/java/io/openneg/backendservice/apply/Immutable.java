package io.openneg.backendservice.apply;

import com.google.protobuf.Message;
import io.openneg.backend.v1.FieldChange;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;

/** Changes that no command can make. */
final class Immutable {
  private Immutable() {}

  /**
   * @param called how refusals call the resource
   * @throws RejectedException IMMUTABLE_FIELD when they differ in any field that is not output only
   */
  static <M extends Message> void check(String called, M current, M wanted) {
    List<FieldChange> changes = FieldDifferences.between(current, wanted);
    if (changes.isEmpty()) {
      return;
    }
    List<Violation> violations =
        changes.stream()
            .map(
                change ->
                    new Violation(
                        called + "." + change.getField(),
                        "cannot be changed from '%s' to '%s': delete the resource first"
                            .formatted(change.getOldValue(), change.getNewValue())))
            .toList();
    Violation first = violations.getFirst();
    throw new RejectedException(
        new Rejection(
            Kind.INVALID_ARGUMENT,
            "IMMUTABLE_FIELD",
            "Invalid value for field '%s': it %s.".formatted(first.subject(), first.description()),
            violations));
  }
}
