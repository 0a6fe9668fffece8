package io.openneg.eventlog;

/**
 * The rules of one kind of stream, as pure functions: no I/O, no clock, no randomness. Time, ids,
 * the actor and other streams' facts travel inside the command.
 *
 * @param <S> state, immutable; cheap to evolve (persistent collections)
 * @param <C> commands, imperative
 * @param <E> events, past tense
 */
public interface Decider<S, C, E> {

  /** The state of a stream without events. */
  S initial();

  Decision<E> decide(S state, C command);

  /**
   * @throws IllegalStateException when the event cannot follow the state: a corrupt stream is a
   *     fault and never skipped
   */
  S evolve(S state, E event);

  /**
   * What a state costs to keep in memory, in a unit of the decider's own; at least 1. States whose
   * size grows with their stream say so, or a cache of them has no bound.
   */
  default int weight(S state) {
    return 1;
  }
}
