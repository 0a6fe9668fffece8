package io.openneg.eventlog;

import static java.util.Objects.requireNonNull;

import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.StreamFold.Folded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands against the streams of one kind: fold, decide, and in one transaction append and
 * apply. What it returned as done is durable and visible to the next read. Thread-safe.
 *
 * <p>Each command has a transaction of its own: within another one a lost race could not be decided
 * again, and what was returned as done would not be durable.
 */
public final class CommandRunner<S, C, E> {
  private final Jdbi jdbi;
  private final EventStore store;
  private final Decider<S, C, E> decider;
  private final EventCodec<E> codec;
  private final Projection view;
  private final Runnable afterCommit;
  private final StreamFold<S, E> folds;
  private final StreamLocks locks = new StreamLocks();

  /**
   * @param view applied in the transaction of the append
   * @param afterCommit called after each commit that appended, to wake the relay; must not block
   * @param cachedWeight how many folds are kept, counted by {@link Decider#weight}
   */
  public CommandRunner(
      Jdbi jdbi,
      EventStore store,
      Decider<S, C, E> decider,
      EventCodec<E> codec,
      Projection view,
      Runnable afterCommit,
      long cachedWeight) {
    this.jdbi = jdbi;
    this.store = store;
    this.decider = decider;
    this.codec = codec;
    this.view = view;
    this.afterCommit = afterCommit;
    this.folds = new StreamFold<>(store, decider, codec, cachedWeight);
  }

  /** Runs a command that needs no facts from other streams. */
  public Outcome<S> run(String stream, C command, CommandContext context) {
    return run(stream, context, _ -> command);
  }

  /**
   * @param command makes the command from facts it reads in the transaction; it must not write. It
   *     is called again when another writer was first, or when a reference it relied on has gone by
   *     the time the view is written.
   * @return refused also when an event is larger than Kafka takes (EVENT_TOO_LARGE)
   * @throws JdbiException when the database fails; then nothing was recorded, unless the failure
   *     hit the commit itself (a repeat with the same request id finds out)
   * @throws IllegalStateException when called within a transaction of the same {@link Jdbi}
   */
  public Outcome<S> run(String stream, CommandContext context, Function<Handle, C> command) {
    return run(stream, context, command, _ -> List.of(), null).outcome();
  }

  /**
   * The same with commands on other streams that are recorded in the same transaction. One that is
   * refused refuses all.
   *
   * @param companions of the command, of which they take their facts; not asked for when it is
   *     refused by itself. Their views are applied before this one's.
   */
  public Outcome<S> run(
      String stream,
      CommandContext context,
      Function<Handle, C> command,
      Function<C, List<Companion<?, ?, ?>>> companions) {
    return run(stream, context, command, companions, null).outcome();
  }

  /** A command for {@link #run(String, CommandContext, Function, Function)} of any runner. */
  public Companion<S, C, E> companion(String stream, C command) {
    return new Companion<>(this, stream, command);
  }

  /**
   * The same for a command whose answer says more than the state behind it. The answer is kept with
   * the request id, so that a repeat gets the very same bytes, whatever has happened since.
   *
   * @param wording makes the answer; no I/O, and called again when the command is decided again
   * @throws RejectedException when the command is refused
   */
  public byte[] answer(
      String stream,
      CommandContext context,
      Function<Handle, C> command,
      Function<Effect<S, C, E>, byte[]> wording) {
    Attempt<S> result = run(stream, context, command, _ -> List.of(), wording);
    result.outcome().orThrow();
    return requireNonNull(result.answer(), "an older version kept no answer");
  }

  private Attempt<S> run(
      String stream,
      CommandContext context,
      Function<Handle, C> command,
      Function<C, List<Companion<?, ?, ?>>> companions,
      @Nullable Function<Effect<S, C, E>, byte[]> wording) {
    Attempt<S> result =
        locks.holding(
            List.of(stream),
            () -> decidedOnFacts(tx -> attempt(tx, stream, context, command, companions, wording)));
    if (result.folded() != null) {
      folds.remember(stream, result.folded());
    }
    result.companions().forEach(Companion.Accepted::committed);
    if (result.appended()) {
      afterCommit.run();
    }
    return result;
  }

  /**
   * What {@link #answer} would answer now; records nothing and looks at no request id.
   *
   * @throws RejectedException when the command would be refused
   */
  public byte[] preview(
      String stream, Function<Handle, C> command, Function<Effect<S, C, E>, byte[]> wording) {
    return jdbi.inTransaction(
        tx -> {
          Folded<S> before = folds.current(tx, stream);
          C made = command.apply(tx);
          CommandContext context = CommandContext.internal(before.time(), "preview", "preview");
          return switch (decide(stream, before, made, context)) {
            case Refused<S, E>(Rejection rejection) -> throw new RejectedException(rejection);
            case Held<S, E> held -> wording.apply(held.effect(before, made));
          };
        });
  }

  /**
   * Runs one command for each of many streams in one transaction. Each is decided for itself: a
   * refused one does not hold up the others. A request id is noted with the events, but a repeat is
   * not recognized.
   *
   * @return the outcome for every stream, in the order of the commands
   */
  public Map<String, Outcome<S>> runAll(Map<String, C> commands, CommandContext context) {
    Batch<S> batch =
        locks.holding(
            commands.keySet(), () -> decidedOnFacts(tx -> attemptAll(tx, commands, context)));
    batch.folds().forEach(folds::remember);
    if (batch.appended()) {
      afterCommit.run();
    }
    return batch.outcomes();
  }

  /** The state of a stream now. */
  public Outcome.Done<S> current(String stream) {
    Folded<S> folded = jdbi.withHandle(handle -> folds.current(handle, stream));
    return new Outcome.Done<>(folded.state(), folded.version());
  }

  private <R> R decidedOnFacts(HandleCallback<R, RuntimeException> attempt) {
    return SqlErrors.again(
        () ->
            jdbi.withHandle(
                handle -> {
                  if (handle.isInTransaction()) {
                    throw new IllegalStateException("a command needs a transaction of its own");
                  }
                  return handle.inTransaction(attempt);
                }));
  }

  /**
   * @param folded null: nothing was decided, since the request was answered before
   * @param companions those that were recorded, too
   * @param answer null when none was asked for, or the command is refused
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Attempt<S>(
      Outcome<S> outcome,
      @Nullable Folded<S> folded,
      List<Companion.Accepted<?, ?, ?>> companions,
      boolean appended,
      byte @Nullable [] answer) {

    static <S> Attempt<S> refused(Rejection rejection, @Nullable Folded<S> folded) {
      return new Attempt<>(new Outcome.Refused<>(rejection), folded, List.of(), false, null);
    }
  }

  private Attempt<S> attempt(
      Handle tx,
      String stream,
      CommandContext context,
      Function<Handle, C> command,
      Function<C, List<Companion<?, ?, ?>>> companions,
      @Nullable Function<Effect<S, C, E>, byte[]> wording) {
    StreamLocks.acquire(tx, List.of(stream));
    RequestKey request = context.request();
    if (request != null) {
      Attempt<S> answered = answeredBefore(tx, request);
      if (answered != null) {
        return answered;
      }
    }
    // Before the facts: whatever they touch, the version must be known before this transaction
    // has an id.
    Folded<S> before = folds.current(tx, stream);
    C made = command.apply(tx);
    List<Companion.Ready<?, ?, ?>> ready = ready(tx, companions.apply(made));
    CommandContext timed = context.notBefore(before.time());
    for (Companion.Ready<?, ?, ?> companion : ready) {
      timed = timed.notBefore(companion.time());
    }
    return switch (decide(stream, before, made, timed)) {
      case Refused<S, E>(Rejection rejection) -> Attempt.refused(rejection, before);
      case Held<S, E> held -> {
        List<Companion.Accepted<?, ?, ?>> accepted = new ArrayList<>();
        try {
          for (Companion.Ready<?, ?, ?> companion : ready) {
            accepted.add(companion.decide(timed));
          }
        } catch (RejectedException e) {
          yield Attempt.refused(e.rejection(), before);
        }
        Folded<S> after = held.after();
        byte @Nullable [] answer =
            wording == null ? null : wording.apply(held.effect(before, made));
        boolean appended = append(tx, accepted, held.append(), timed);
        if (request != null) {
          RequestTable.remember(tx, request, stream, after.version(), answer, context.now());
        }
        yield new Attempt<>(
            new Outcome.Done<>(after.state(), after.version()), after, accepted, appended, answer);
      }
    };
  }

  /** Their streams' writers wait, as those of the command's own stream do. */
  private static List<Companion.Ready<?, ?, ?>> ready(
      Handle tx, List<Companion<?, ?, ?>> companions) {
    if (companions.isEmpty()) {
      return List.of();
    }
    StreamLocks.acquire(tx, companions.stream().<String>map(Companion::stream).toList());
    List<Companion.Ready<?, ?, ?>> ready = new ArrayList<>();
    companions.forEach(companion -> ready.add(companion.ready(tx)));
    return ready;
  }

  Folded<S> fold(Handle tx, String stream) {
    return folds.current(tx, stream);
  }

  void apply(Handle tx, List<RecordedEvent> recorded) {
    if (!recorded.isEmpty()) {
      view.apply(tx, recorded);
    }
  }

  void remember(String stream, Folded<S> folded) {
    folds.remember(stream, folded);
  }

  private boolean append(
      Handle tx,
      List<Companion.Accepted<?, ?, ?>> companions,
      StreamAppend own,
      CommandContext context) {
    List<StreamAppend> appends = new ArrayList<>();
    companions.forEach(companion -> appends.add(companion.append()));
    appends.add(own);
    List<RecordedEvent> recorded = store.append(tx, appends, context);
    int from = 0;
    for (Companion.Accepted<?, ?, ?> companion : companions) {
      int to = from + companion.append().events().size();
      companion.apply(tx, recorded.subList(from, to));
      from = to;
    }
    apply(tx, recorded.subList(from, recorded.size()));
    return !recorded.isEmpty();
  }

  private record Batch<S>(
      Map<String, Outcome<S>> outcomes, Map<String, Folded<S>> folds, boolean appended) {}

  private Batch<S> attemptAll(Handle tx, Map<String, C> commands, CommandContext context) {
    StreamLocks.acquire(tx, commands.keySet());
    Map<String, Folded<S>> before = folds.current(tx, commands.keySet());
    CommandContext timed = context;
    for (Folded<S> each : before.values()) {
      timed = timed.notBefore(each.time());
    }
    return decideAll(tx, commands, before, timed);
  }

  private Batch<S> decideAll(
      Handle tx, Map<String, C> commands, Map<String, Folded<S>> before, CommandContext context) {
    Map<String, Outcome<S>> outcomes = new LinkedHashMap<>();
    Map<String, Folded<S>> after = new HashMap<>();
    List<StreamAppend> appends = new ArrayList<>();
    commands.forEach(
        (stream, command) -> {
          switch (decide(stream, requireNonNull(before.get(stream)), command, context)) {
            case Refused<S, E>(Rejection rejection) ->
                outcomes.put(stream, new Outcome.Refused<>(rejection));
            case Held<S, E>(_, StreamAppend append, Folded<S> folded) -> {
              appends.add(append);
              after.put(stream, folded);
              outcomes.put(stream, new Outcome.Done<>(folded.state(), folded.version()));
            }
          }
        });
    return new Batch<>(outcomes, after, append(tx, appends, context));
  }

  /** A decision, ready to be recorded. */
  sealed interface Verdict<S, E> {}

  record Refused<S, E>(Rejection rejection) implements Verdict<S, E> {}

  record Held<S, E>(List<E> events, StreamAppend append, Folded<S> after) implements Verdict<S, E> {

    <C> Effect<S, C, E> effect(Folded<S> before, C command) {
      return new Effect<>(before.state(), command, events, after.state(), after.version());
    }
  }

  Verdict<S, E> decide(String stream, Folded<S> before, C command, CommandContext context) {
    return switch (decider.decide(before.state(), command)) {
      case Decision.Rejected<E>(Rejection rejection) -> new Refused<>(rejection);
      case Decision.Accepted<E>(List<E> events) -> {
        List<NewEvent> encoded =
            events.stream().map(e -> new NewEvent(codec.type(e), codec.encode(e))).toList();
        for (NewEvent event : encoded) {
          if (event.payload().length > EventStore.MAX_PAYLOAD) {
            yield new Refused<>(tooLarge(event));
          }
        }
        yield new Held<>(
            events,
            new StreamAppend(stream, before.version(), encoded),
            folds.evolve(before, events, encoded, context.now()));
      }
    };
  }

  private static Rejection tooLarge(NewEvent event) {
    return new Rejection(
        Rejection.Kind.INVALID_ARGUMENT,
        "EVENT_TOO_LARGE",
        "the change makes an event of %d bytes; the limit is %d"
            .formatted(event.payload().length, EventStore.MAX_PAYLOAD));
  }

  private boolean append(Handle tx, List<StreamAppend> appends, CommandContext context) {
    List<RecordedEvent> recorded = store.append(tx, appends, context);
    apply(tx, recorded);
    return !recorded.isEmpty();
  }

  private @Nullable Attempt<S> answeredBefore(Handle tx, RequestKey request) {
    RequestTable.FirstUse first = RequestTable.find(tx, request.id()).orElse(null);
    if (first == null) {
      return null;
    }
    if (!Arrays.equals(first.digest(), request.digest())) {
      return Attempt.refused(RequestTable.reused(request), null);
    }
    Folded<S> then = folds.at(tx, first.stream(), first.version());
    return new Attempt<>(
        new Outcome.Done<>(then.state(), then.version()), null, List.of(), false, first.answer());
  }
}
