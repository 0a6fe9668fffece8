package io.openneg.eventlog;

import java.util.List;

/**
 * Why a command was refused; nothing was recorded.
 *
 * @param kind the class of refusal, which decides the status a client sees
 * @param reason machine-readable, UPPER_SNAKE, stable
 * @param message one sentence for people; names what was wrong and the rule
 * @param violations every bad field, or every resource in the way; may be empty
 */
public record Rejection(Kind kind, String reason, String message, List<Violation> violations) {

  /** The classes of refusal, as the gRPC status codes of the same names mean them. */
  public enum Kind {
    INVALID_ARGUMENT,
    NOT_FOUND,
    ALREADY_EXISTS,
    FAILED_PRECONDITION,
    RESOURCE_EXHAUSTED,
    UNAVAILABLE
  }

  /**
   * One fault of a request.
   *
   * @param subject the field's path in the request ({@code network_endpoints[3].port}), or the name
   *     of the resource that is in the way
   * @param description what is wrong with it, and the rule
   */
  public record Violation(String subject, String description) {}

  public Rejection {
    violations = List.copyOf(violations);
  }

  public Rejection(Kind kind, String reason, String message) {
    this(kind, reason, message, List.of());
  }
}
