package io.openneg.eventlog;

import java.sql.Array;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToCreateStatementException;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL arrays for {@code unnest}: thousands of rows by one statement. Bind with {@code
 * bindBySqlType(name, array, Types.ARRAY)}.
 */
public final class SqlArrays {
  /** Those the driver sends in binary form; it takes {@code byte[]} in no other. */
  private static final Set<Class<?>> BINARY =
      Set.of(Long.class, Integer.class, Boolean.class, Double.class, String.class, byte[].class);

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
          .createArrayOf(sqlType, typed(items.stream().<@Nullable Object>map(column).toArray()));
    } catch (SQLException e) {
      throw new UnableToCreateStatementException(e);
    }
  }

  /** The driver chooses the form by the array's class, not by what is in it. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // the class is that of every element
  private static @Nullable Object[] typed(@Nullable Object[] elements) {
    Class<?> type = null;
    for (Object element : elements) {
      if (element != null) {
        if (type != null && type != element.getClass()) {
          return elements;
        }
        type = element.getClass();
      }
    }
    return type == null || !BINARY.contains(type)
        ? elements
        : Arrays.copyOf(elements, elements.length, (Class) type.arrayType());
  }
}
