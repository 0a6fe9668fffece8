package io.openneg.eventlog;

import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * Rows for one statement, a column as an array for {@code unnest}; but what is the same in all rows
 * goes once, which for 500 rows saves up to a third of the statement's time. The statement names
 * its columns {@code <column>}, and where they come from, at its end, {@code <rows>}.
 *
 * @param <T> what a row is made of
 */
public final class SqlRows<T> {
  private final List<T> items;
  private final List<Column<T>> columns = new ArrayList<>();

  private record Column<T>(
      String name, String sqlType, Function<? super T, ? extends @Nullable Object> value) {}

  /**
   * @param items at least one, or the statement must not be run
   */
  public SqlRows(List<T> items) {
    this.items = List.copyOf(items);
  }

  /**
   * @param sqlType what PostgreSQL takes it for, such as {@code text} or {@code int4}; the
   *     statement casts it further
   */
  public SqlRows<T> column(
      String name, String sqlType, Function<? super T, ? extends @Nullable Object> value) {
    columns.add(new Column<>(name, sqlType, value));
    return this;
  }

  /** Gives the statement its columns and their values. */
  public <S extends SqlStatement<S>> S bind(Handle handle, S statement) {
    List<String> arrays = new ArrayList<>();
    for (Column<T> column : columns) {
      String name = column.name();
      @Nullable Object first = column.value().apply(items.getFirst());
      if (items.stream().allMatch(item -> Objects.equals(first, column.value().apply(item)))) {
        statement.define(name, "CAST(:%s AS %s)".formatted(name, column.sqlType()));
        statement.bind(name, first);
      } else {
        arrays.add(name);
        statement.define(name, "a." + name);
        statement.bindBySqlType(
            name, SqlArrays.of(handle, column.sqlType(), items, column.value()), Types.ARRAY);
      }
    }
    return statement.define("rows", from(arrays));
  }

  private String from(List<String> arrays) {
    if (arrays.isEmpty()) {
      return items.size() == 1 ? "" : "FROM generate_series(1, %d)".formatted(items.size());
    }
    return "FROM unnest(:%s) AS a (%s)"
        .formatted(String.join(", :", arrays), String.join(", ", arrays));
  }
}
