package io.openneg.eventlog;

import java.sql.SQLException;
import java.util.Set;
import java.util.function.Supplier;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Which database errors are a lost race, which pass by themselves, and which are faults. */
public final class SqlErrors {
  private static final Set<String> CONFLICT =
      Set.of(
          "23505", // unique key
          "23503", // reference
          "23P01", // exclusion
          "40001", // serialization failure
          "40P01"); // deadlock
  private static final Set<String> TRANSIENT =
      Set.of(
          "25006", // read only: a former primary
          "25P03", // idle in transaction for too long
          "25P04", // transaction took too long
          "40001", "40P01", "55P03", // waited for a lock for too long
          "57014"); // statement took too long, or was cancelled

  /** Other transactions may void a decision this often before its command gives up. */
  private static final int ATTEMPTS = 20;

  private SqlErrors() {}

  /** Again with a new transaction, as long as another one that was first voids the decision. */
  static <R> R again(Supplier<R> attempt) {
    for (int count = 1; ; count++) {
      try {
        return attempt.get();
      } catch (JdbiException e) {
        if (!isConflict(e) || count == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Another transaction was first: a unique key, a reference, a serialization failure or a
   * deadlock. Deciding again on fresh facts gives the right answer.
   */
  public static boolean isConflict(Throwable error) {
    String state = sqlState(error);
    return state != null && CONFLICT.contains(state);
  }

  /**
   * The database is gone, starting, stopping, busy, or out of something: the same call may hold
   * later.
   */
  public static boolean isTransient(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof ConnectionException) {
        return true;
      }
    }
    String state = sqlState(error);
    return state != null
        && (TRANSIENT.contains(state)
            || state.startsWith("08") // connection
            || state.startsWith("53") // resources
            || state.startsWith("57P")); // shutdown, start-up
  }

  private static @Nullable String sqlState(Throwable error) {
    for (Throwable t = error; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql && sql.getSQLState() != null) {
        return sql.getSQLState();
      }
    }
    return null;
  }
}
