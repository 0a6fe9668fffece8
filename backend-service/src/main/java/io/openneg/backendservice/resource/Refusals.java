package io.openneg.backendservice.resource;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import java.util.List;
import java.util.Optional;

/** Refusals that every resource has, worded as compute v1 words them. */
public final class Refusals {
  private Refusals() {}

  public static Rejection alreadyExists(String name) {
    return new Rejection(
        Kind.ALREADY_EXISTS, "ALREADY_EXISTS", "The resource '%s' already exists".formatted(name));
  }

  public static Rejection notFound(String name) {
    return new Rejection(
        Kind.NOT_FOUND, "NOT_FOUND", "The resource '%s' was not found".formatted(name));
  }

  /** Names every user (terraform-provider-google#20206: "in use" with no word by whom). */
  public static Optional<Rejection> inUse(String name, List<String> users) {
    if (users.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Rejection(
            Kind.FAILED_PRECONDITION,
            "RESOURCE_IN_USE",
            "The resource '%s' is already being used by '%s'"
                .formatted(name, String.join("', '", users)),
            users.stream().map(user -> new Violation(user, "uses " + name)).toList()));
  }

  /** A field names a resource that does not exist. */
  public static Optional<Rejection> missing(Facts facts, String field, String name) {
    if (facts.existing().contains(name)) {
      return Optional.empty();
    }
    return Optional.of(notThere(field, name));
  }

  /** The same where it is known that it does not. */
  public static Rejection notThere(String field, String name) {
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "REFERENCE_NOT_FOUND",
        "Invalid value for field '%s': '%s'. The referenced resource was not found."
            .formatted(field, name),
        List.of(new Violation(field, "names '%s', which does not exist".formatted(name))));
  }

  /** The fingerprint sent is not the current one. */
  public static Rejection changedMeanwhile(String field) {
    String rule = "is not the current one: the resource was changed meanwhile";
    return new Rejection(
        Kind.FAILED_PRECONDITION,
        "CONDITION_NOT_MET",
        "Invalid value for field '%s': it %s.".formatted(field, rule),
        List.of(new Violation(field, rule)));
  }
}
