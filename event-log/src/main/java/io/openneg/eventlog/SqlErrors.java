package io.openneg.eventlog;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Which database errors are a lost race, which pass by themselves, and which are faults. */
public final class SqlErrors {
  private SqlErrors() {}

  /**
   * Another transaction was first: a unique key, a reference, a serialization failure or a
   * deadlock. Deciding again on fresh facts gives the right answer.
   */
  public static boolean isConflict(Throwable error) {
    String state = sqlState(error);
    return state != null
        && (state.equals("23505")
            || state.equals("23503")
            || state.equals("23P01")
            || state.equals("40001")
            || state.equals("40P01"));
  }

  /**
   * The database is gone, starting, stopping, or out of something: the same call may hold later.
   */
  public static boolean isTransient(Throwable error) {
    if (error instanceof org.jdbi.v3.core.ConnectionException) {
      return true;
    }
    String state = sqlState(error);
    return state != null
        && (state.startsWith("08")
            || state.startsWith("53")
            || state.startsWith("57P")
            || state.equals("57014")
            || state.equals("25P03")
            || state.equals("40001")
            || state.equals("40P01"));
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
