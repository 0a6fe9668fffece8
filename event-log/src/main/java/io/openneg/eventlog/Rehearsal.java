package io.openneg.eventlog;

import io.openneg.eventlog.CommandRunner.Held;
import io.openneg.eventlog.CommandRunner.Refused;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.StreamFold.Folded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * The transaction in which {@link JointCommands} are decided. It writes the views, so that each
 * command reads what those before it lead to, and is rolled back. Not thread-safe.
 */
public final class Rehearsal {
  private final Handle tx;
  private CommandContext context;
  private final Map<String, Part<?, ?, ?>> parts = new LinkedHashMap<>();
  private final List<Slice> slices = new ArrayList<>();

  Rehearsal(Handle tx, CommandContext context) {
    this.tx = tx;
    this.context = context;
  }

  /** What the commands so far lead to can be read here; nothing may be written. */
  public Handle handle() {
    return tx;
  }

  /**
   * Decides a command.
   *
   * @param command makes it from facts it reads
   * @throws RejectedException when it is refused
   */
  public <S, C, E> Effect<S, C, E> run(
      CommandRunner<S, C, E> runner, String stream, Function<Handle, C> command) {
    Part<S, C, E> part = part(runner, stream);
    C made = command.apply(tx);
    Folded<S> before = part.now;
    return switch (runner.decide(stream, before, made, context)) {
      case Refused<S, E>(Rejection rejection) -> throw new RejectedException(rejection);
      case Held<S, E> held -> {
        int from = part.events.size();
        part.events.addAll(held.append().events());
        part.now = held.after();
        Slice slice = new Slice(runner, stream, from, part.events.size());
        slices.add(slice);
        runner.apply(tx, slice.of(EventStore.recorded("", part.append(), context)));
        yield held.effect(before, made);
      }
    };
  }

  @SuppressWarnings("unchecked") // a stream has one runner, which knows its kind
  private <S, C, E> Part<S, C, E> part(CommandRunner<S, C, E> runner, String stream) {
    Part<?, ?, ?> known = parts.get(stream);
    if (known == null) {
      Part<S, C, E> part = new Part<>(runner, stream, runner.fold(tx, stream));
      parts.put(stream, part);
      context = context.notBefore(part.now.time());
      return part;
    }
    if (known.runner != runner) {
      throw new IllegalArgumentException(stream + " belongs to another runner");
    }
    return (Part<S, C, E>) known;
  }

  /**
   * Records in a new transaction what was decided, as its first write.
   *
   * @return whether there was anything
   */
  boolean record(Handle recording, EventStore store) {
    List<StreamAppend> appends =
        parts.values().stream()
            .filter(part -> !part.events.isEmpty())
            .<StreamAppend>map(Part::append)
            .toList();
    Map<String, List<RecordedEvent>> recorded =
        store.append(recording, appends, context).stream()
            .collect(Collectors.groupingBy(RecordedEvent::stream));
    for (Slice slice : slices) {
      slice.runner.apply(recording, slice.of(recorded.getOrDefault(slice.stream, List.of())));
    }
    return !appends.isEmpty();
  }

  /** What the commands lead to on one stream. */
  private static final class Part<S, C, E> {
    private final CommandRunner<S, C, E> runner;
    private final String stream;
    private final long version;
    private final List<NewEvent> events = new ArrayList<>();
    private Folded<S> now;

    Part(CommandRunner<S, C, E> runner, String stream, Folded<S> before) {
      this.runner = runner;
      this.stream = stream;
      this.version = before.version();
      this.now = before;
    }

    StreamAppend append() {
      return new StreamAppend(stream, version, events);
    }
  }

  /** The events of one command among those of its stream, so that views see them in order. */
  private record Slice(CommandRunner<?, ?, ?> runner, String stream, int from, int to) {
    List<RecordedEvent> of(List<RecordedEvent> events) {
      return events.subList(from, to);
    }
  }
}
