package io.openneg.eventlog;

import io.openneg.eventlog.CommandContext.RequestKey;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * Many commands on streams of any kinds, recorded as one: each is decided on what those before it
 * lead to, and all hold or none. Thread-safe.
 *
 * <p>An append is the first write of its transaction ({@code docs/adr/0001}), but a command may
 * need to read what the one before it wrote. So the commands are decided in a {@link Rehearsal},
 * which writes the views only and is rolled back, and what they led to is recorded by one append in
 * a transaction behind it. The streams stay locked over both; what other streams' commands change
 * in between is found by the constraints of the views, and then all is decided again.
 */
public final class JointCommands {
  private final Jdbi jdbi;
  private final EventStore store;
  private final Runnable afterCommit;

  /**
   * @param afterCommit called after each commit that appended, to wake the relay; must not block
   */
  public JointCommands(Jdbi jdbi, EventStore store, Runnable afterCommit) {
    this.jdbi = jdbi;
    this.store = store;
    this.afterCommit = afterCommit;
  }

  /**
   * Runs commands and keeps the answer with the request id, so that a repeat gets the very same
   * bytes.
   *
   * @param streams whose other writers wait meanwhile
   * @param guard takes further advisory locks of the session; they are released with the others
   * @param subject what the request is about, kept with its id
   * @param script runs the commands and makes the answer; it reads by the rehearsal's handle only,
   *     has no other effects, and is called again when another writer was first
   * @throws RejectedException when the script throws it; nothing was recorded then
   * @throws JdbiException when the database fails
   */
  public byte[] answer(
      Collection<String> streams,
      Consumer<Handle> guard,
      String subject,
      CommandContext context,
      Function<Rehearsal, byte[]> script) {
    Answered answered =
        locked(
            streams,
            guard,
            session -> {
              byte @Nullable [] before = answeredBefore(session, context);
              if (before != null) {
                return new Answered(before, false);
              }
              Decided decided = rehearse(session, context, script);
              return new Answered(decided.answer(), record(session, decided, subject, context));
            });
    if (answered.appended()) {
      afterCommit.run();
    }
    return answered.bytes();
  }

  /**
   * What {@link #answer} would answer now, by the same way but for the recording; looks at no
   * request id.
   */
  public byte[] preview(
      Collection<String> streams,
      Consumer<Handle> guard,
      CommandContext context,
      Function<Rehearsal, byte[]> script) {
    return locked(streams, guard, session -> rehearse(session, context, script).answer());
  }

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Answered(byte[] bytes, boolean appended) {}

  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Decided(Rehearsal rehearsal, byte[] answer) {}

  private <R> R locked(
      Collection<String> streams, Consumer<Handle> guard, Function<Handle, R> attempt) {
    return jdbi.withHandle(
        session -> {
          if (session.isInTransaction()) {
            throw new IllegalStateException("joint commands need transactions of their own");
          }
          try {
            StreamLocks.hold(session, streams);
            guard.accept(session);
            return SqlErrors.again(() -> attempt.apply(session));
          } finally {
            StreamLocks.release(session);
          }
        });
  }

  private static byte @Nullable [] answeredBefore(Handle session, CommandContext context) {
    RequestKey request = context.request();
    if (request == null) {
      return null;
    }
    RequestTable.FirstUse first = RequestTable.find(session, request.id()).orElse(null);
    if (first == null) {
      return null;
    }
    if (!Arrays.equals(first.digest(), request.digest())) {
      throw new RejectedException(RequestTable.reused(request));
    }
    return first.answer();
  }

  private static Decided rehearse(
      Handle session, CommandContext context, Function<Rehearsal, byte[]> script) {
    session.begin();
    try {
      Rehearsal rehearsal = new Rehearsal(session, context);
      return new Decided(rehearsal, script.apply(rehearsal));
    } finally {
      session.rollback();
    }
  }

  private boolean record(Handle session, Decided decided, String subject, CommandContext context) {
    return session.inTransaction(
        tx -> {
          boolean appended = decided.rehearsal().record(tx, store);
          RequestKey request = context.request();
          if (request != null) {
            RequestTable.remember(tx, request, subject, 0, decided.answer(), context.now());
          }
          return appended;
        });
  }
}
