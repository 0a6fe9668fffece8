package io.openneg.eventlog;

import io.openneg.eventlog.CommandRunner.Held;
import io.openneg.eventlog.CommandRunner.Refused;
import io.openneg.eventlog.CommandRunner.Verdict;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.StreamFold.Folded;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * A command on another stream, also one of another kind, that is recorded in the transaction of the
 * command it belongs to: both or neither. Made by {@link CommandRunner#companion}.
 */
public final class Companion<S, C, E> {
  private final CommandRunner<S, C, E> runner;
  private final String stream;
  private final C command;

  Companion(CommandRunner<S, C, E> runner, String stream, C command) {
    this.runner = runner;
    this.stream = stream;
    this.command = command;
  }

  String stream() {
    return stream;
  }

  Ready<S, C, E> ready(Handle tx) {
    return new Ready<>(this, runner.fold(tx, stream));
  }

  /** The companion and the state it will be decided on. */
  record Ready<S, C, E>(Companion<S, C, E> companion, Folded<S> before) {
    Instant time() {
      return before.time();
    }

    /**
     * @throws RejectedException when it is refused, and with it the command it belongs to
     */
    Accepted<S, C, E> decide(CommandContext context) {
      Verdict<S, E> verdict =
          companion.runner.decide(companion.stream, before, companion.command, context);
      return switch (verdict) {
        case Refused<S, E>(Rejection rejection) -> throw new RejectedException(rejection);
        case Held<S, E>(_, StreamAppend append, Folded<S> after) ->
            new Accepted<>(companion, append, after);
      };
    }
  }

  /** What is left to be done. */
  record Accepted<S, C, E>(Companion<S, C, E> companion, StreamAppend append, Folded<S> after) {
    void apply(Handle tx, List<RecordedEvent> recorded) {
      companion.runner.apply(tx, recorded);
    }

    void committed() {
      companion.runner.remember(companion.stream, after);
    }
  }
}
