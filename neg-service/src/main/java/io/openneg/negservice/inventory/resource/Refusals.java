package io.openneg.negservice.inventory.resource;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;

/** Refusals that every resource of the inventory has. */
public final class Refusals {
  private static final int NAMED = 5;

  private Refusals() {}

  public static Rejection alreadyExists(String name) {
    return new Rejection(
        Kind.ALREADY_EXISTS, "ALREADY_EXISTS", "The resource '%s' already exists.".formatted(name));
  }

  public static Rejection notFound(String name) {
    return new Rejection(
        Kind.NOT_FOUND, "NOT_FOUND", "The resource '%s' was not found.".formatted(name));
  }

  /**
   * Names the users: all of them as violations, the first ones in the message.
   *
   * @param users full names, not empty
   */
  public static Rejection inUse(String name, List<String> users) {
    String more = users.size() > NAMED ? " and %d more".formatted(users.size() - NAMED) : "";
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "RESOURCE_IN_USE",
        "The resource '%s' is already being used by %s%s."
            .formatted(name, String.join(", ", users.stream().limit(NAMED).toList()), more),
        users.stream().map(user -> new Violation(user, "uses " + name)).toList());
  }

  /** A field names a resource that does not exist. */
  public static Rejection missing(String field, String name) {
    return precondition(
        "REFERENCE_NOT_FOUND", field, "names '%s', which does not exist".formatted(name));
  }

  /** A field is well-formed, and what there is speaks against it. */
  public static Rejection precondition(String reason, String field, String rule) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        reason,
        "Invalid value for field '%s': it %s.".formatted(field, rule),
        List.of(new Violation(field, rule)));
  }

  /** A field is not well-formed. */
  public static Rejection invalid(String field, String rule) {
    return new Rejection(
        Kind.INVALID_ARGUMENT,
        "INVALID_ARGUMENT",
        "Invalid value for field '%s': it %s.".formatted(field, rule),
        List.of(new Violation(field, rule)));
  }

  /** The fingerprint sent is not the current one. */
  public static Rejection changedMeanwhile(String field) {
    return precondition(
        "CONDITION_NOT_MET", field, "is not the current one: the resource was changed meanwhile");
  }
}
