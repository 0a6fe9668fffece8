package io.openneg.eventlog;

import java.sql.Array;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToCreateStatementException;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL arrays for {@code unnest}: thousands of rows by one statement. Bind with {@code
 * bindBySqlType(name, array, Types.ARRAY)}.
 */
public final class SqlArrays {
  private SqlArrays() {}

  /**
   * @param sqlType the element type: {@code text}, {@code int8}, {@code bytea} …
   */
  public static Array of(Handle handle, String sqlType, Collection<?> elements) {
    return of(handle, sqlType, elements, element -> element);
  }

  /** One column of some items. */
  public static <T> Array of(
      Handle handle,
      String sqlType,
      Collection<? extends T> items,
      Function<? super T, ? extends @Nullable Object> column) {
    try {
      return handle
          .getConnection()
          .createArrayOf(sqlType, items.stream().map(column).toArray(Object[]::new));
    } catch (SQLException e) {
      throw new UnableToCreateStatementException(e);
    }
  }
}
