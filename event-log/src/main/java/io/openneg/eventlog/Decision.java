package io.openneg.eventlog;

import java.util.List;

/** What a decider makes of a command. */
public sealed interface Decision<E> {

  /** The command holds; these events are its whole effect. None: it changes nothing. */
  record Accepted<E>(List<E> events) implements Decision<E> {
    public Accepted {
      events = List.copyOf(events);
    }
  }

  /** The command is refused and leaves no trace. */
  record Rejected<E>(Rejection rejection) implements Decision<E> {}

  @SafeVarargs
  @SuppressWarnings("varargs")
  static <E> Decision<E> accepted(E... events) {
    return new Accepted<>(List.of(events));
  }

  static <E> Decision<E> accepted(List<E> events) {
    return new Accepted<>(events);
  }

  static <E> Decision<E> rejected(Rejection rejection) {
    return new Rejected<>(rejection);
  }

  static <E> Decision<E> rejected(Rejection.Kind kind, String reason, String message) {
    return new Rejected<>(new Rejection(kind, reason, message));
  }
}
