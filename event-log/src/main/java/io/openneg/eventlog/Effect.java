package io.openneg.eventlog;

import java.util.List;

/**
 * What a command that holds leads to, for whoever words its answer.
 *
 * @param before the state it was decided on
 * @param events none: it changes nothing
 * @param after the state behind the events
 * @param version of the stream behind the events
 */
public record Effect<S, C, E>(S before, C command, List<E> events, S after, long version) {}
