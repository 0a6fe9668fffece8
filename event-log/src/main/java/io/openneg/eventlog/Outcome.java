package io.openneg.eventlog;

/** What came of a command. */
public sealed interface Outcome<S> {

  /**
   * The command holds and is durable.
   *
   * @param state of the stream right after it
   * @param version of the stream right after it; 0 when the stream has no event
   */
  record Done<S>(S state, long version) implements Outcome<S> {}

  record Refused<S>(Rejection rejection) implements Outcome<S> {}

  /**
   * @throws RejectedException when refused
   */
  default Done<S> orThrow() {
    return switch (this) {
      case Done<S> done -> done;
      case Refused<S> refused -> throw new RejectedException(refused.rejection());
    };
  }
}
