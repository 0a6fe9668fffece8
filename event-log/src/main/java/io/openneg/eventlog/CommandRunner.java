package io.openneg.eventlog;

import static java.util.Objects.requireNonNull;

import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.StreamFold.Folded;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands against the streams of one kind: fold, decide, and in one transaction append and
 * apply. What it returned as done is durable and visible to the next read. Thread-safe.
 */
public final class CommandRunner<S, C, E> {
  /** Other replicas may win a race this often before a command gives up. */
  private static final int ATTEMPTS = 20;

  private static final int LOCKS = 1024;

  private final Jdbi jdbi;
  private final EventStore store;
  private final Decider<S, C, E> decider;
  private final EventCodec<E> codec;
  private final Projection view;
  private final Runnable afterCommit;
  private final StreamFold<S, E> folds;
  // Writers of one stream queue here instead of failing each other's transactions; the primary key
  // of the event table stays the lock that counts, also between replicas.
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  /**
   * @param view applied in the transaction of the append
   * @param afterCommit called after each commit that appended, to wake the relay; must not block
   * @param cachedStreams how many folds are kept
   */
  public CommandRunner(
      Jdbi jdbi,
      EventStore store,
      Decider<S, C, E> decider,
      EventCodec<E> codec,
      Projection view,
      Runnable afterCommit,
      long cachedStreams) {
    this.jdbi = jdbi;
    this.store = store;
    this.decider = decider;
    this.codec = codec;
    this.view = view;
    this.afterCommit = afterCommit;
    this.folds = new StreamFold<>(store, decider, codec, cachedStreams);
    Arrays.setAll(locks, _ -> new ReentrantLock());
  }

  /** Runs a command that needs no facts from other streams. */
  public Outcome<S> run(String stream, C command, CommandContext context) {
    return run(stream, context, _ -> command);
  }

  /**
   * @param command makes the command from facts it reads in the transaction; it must not write. It
   *     is called again when another writer was first, or when a reference it relied on has gone by
   *     the time the view is written.
   * @throws JdbiException when the database fails; then nothing was recorded, unless the failure
   *     hit the commit itself (a repeat with the same request id finds out)
   */
  public Outcome<S> run(String stream, CommandContext context, Function<Handle, C> command) {
    ReentrantLock lock = locks[Math.floorMod(stream.hashCode(), LOCKS)];
    lock.lock();
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          Attempt<S> result = jdbi.inTransaction(tx -> attempt(tx, stream, context, command));
          if (result.folded() != null) {
            folds.remember(stream, result.folded());
          }
          if (result.appended()) {
            afterCommit.run();
          }
          return result.outcome();
        } catch (JdbiException e) {
          if (!SqlErrors.isConflict(e) || attempt == ATTEMPTS) {
            throw e;
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs one command for each of many streams in one transaction. Each is decided for itself: a
   * refused one does not hold up the others.
   *
   * @return the outcome for every stream, in the order of the commands
   */
  public Map<String, Outcome<S>> runAll(Map<String, C> commands, CommandContext context) {
    for (int attempt = 1; ; attempt++) {
      try {
        Batch<S> batch = jdbi.inTransaction(tx -> attemptAll(tx, commands, context));
        batch.folds().forEach(folds::remember);
        if (batch.appended()) {
          afterCommit.run();
        }
        return batch.outcomes();
      } catch (JdbiException e) {
        if (!SqlErrors.isConflict(e) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** The state of a stream now. */
  public Outcome.Done<S> current(String stream) {
    Folded<S> folded = jdbi.withHandle(handle -> folds.current(handle, stream));
    return new Outcome.Done<>(folded.state(), folded.version());
  }

  private record Attempt<S>(Outcome<S> outcome, @Nullable Folded<S> folded, boolean appended) {}

  private Attempt<S> attempt(
      Handle tx, String stream, CommandContext context, Function<Handle, C> command) {
    RequestKey request = context.request();
    if (request != null) {
      Outcome<S> answered = answeredBefore(tx, request);
      if (answered != null) {
        return new Attempt<>(answered, null, false);
      }
    }
    Folded<S> before = folds.current(tx, stream);
    return switch (decider.decide(before.state(), command.apply(tx))) {
      case Decision.Rejected<E>(Rejection rejection) ->
          new Attempt<>(new Outcome.Refused<>(rejection), before, false);
      case Decision.Accepted<E>(List<E> events) -> {
        Folded<S> after = evolve(before, events);
        List<RecordedEvent> recorded =
            store.append(
                tx, List.of(new StreamAppend(stream, before.version(), encode(events))), context);
        if (!recorded.isEmpty()) {
          view.apply(tx, recorded);
        }
        if (request != null) {
          rememberRequest(tx, request, stream, after.version(), context);
        }
        yield new Attempt<>(
            new Outcome.Done<>(after.state(), after.version()), after, !recorded.isEmpty());
      }
    };
  }

  private record Batch<S>(
      Map<String, Outcome<S>> outcomes, Map<String, Folded<S>> folds, boolean appended) {}

  private Batch<S> attemptAll(Handle tx, Map<String, C> commands, CommandContext context) {
    Map<String, Outcome<S>> outcomes = new LinkedHashMap<>();
    Map<String, Folded<S>> after = new LinkedHashMap<>();
    List<StreamAppend> appends = new ArrayList<>();
    Map<String, Folded<S>> before = folds.current(tx, commands.keySet());
    commands.forEach(
        (stream, command) -> {
          Folded<S> folded = requireNonNull(before.get(stream));
          switch (decider.decide(folded.state(), command)) {
            case Decision.Rejected<E>(Rejection rejection) ->
                outcomes.put(stream, new Outcome.Refused<>(rejection));
            case Decision.Accepted<E>(List<E> events) -> {
              Folded<S> next = evolve(folded, events);
              appends.add(new StreamAppend(stream, folded.version(), encode(events)));
              after.put(stream, next);
              outcomes.put(stream, new Outcome.Done<>(next.state(), next.version()));
            }
          }
        });
    List<RecordedEvent> recorded = store.append(tx, appends, context);
    if (!recorded.isEmpty()) {
      view.apply(tx, recorded);
    }
    return new Batch<>(outcomes, after, !recorded.isEmpty());
  }

  private List<NewEvent> encode(List<E> events) {
    return events.stream().map(e -> new NewEvent(codec.type(e), codec.encode(e))).toList();
  }

  private Folded<S> evolve(Folded<S> folded, List<E> events) {
    S state = folded.state();
    for (E event : events) {
      state = decider.evolve(state, event);
    }
    return new Folded<>(state, folded.version() + events.size());
  }

  private @Nullable Outcome<S> answeredBefore(Handle tx, RequestKey request) {
    @SuppressWarnings("ArrayRecordComponent") // a row, compared with Arrays.equals
    record Answered(byte[] digest, String stream, long version) {}
    Answered answered =
        tx.createQuery("SELECT digest, stream, version FROM request WHERE request_id = :id")
            .bind("id", request.id())
            .map(
                (row, _) ->
                    new Answered(
                        row.getBytes("digest"), row.getString("stream"), row.getLong("version")))
            .findOne()
            .orElse(null);
    if (answered == null) {
      return null;
    }
    if (!Arrays.equals(answered.digest(), request.digest())) {
      return new Outcome.Refused<>(
          new Rejection(
              Rejection.Kind.INVALID_ARGUMENT,
              "REQUEST_ID_REUSED",
              "request_id %s was used for another request; a new request needs a new id"
                  .formatted(request.id())));
    }
    Folded<S> then = folds.at(tx, answered.stream(), answered.version());
    return new Outcome.Done<>(then.state(), then.version());
  }

  private static void rememberRequest(
      Handle tx, RequestKey request, String stream, long version, CommandContext context) {
    tx.createUpdate(
            """
            INSERT INTO request (request_id, digest, stream, version, occurred_at)
            VALUES (:id, :digest, :stream, :version, :at)
            """)
        .bind("id", request.id())
        .bind("digest", request.digest())
        .bind("stream", stream)
        .bind("version", version)
        .bind("at", context.now().atOffset(ZoneOffset.UTC))
        .execute();
  }
}
