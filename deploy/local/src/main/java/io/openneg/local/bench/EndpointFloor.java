package io.openneg.local.bench;

import io.openneg.embedded.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What PostgreSQL needs at least for endpoints: the same rows into a table of the same shape as
 * neg-service's, and nothing else. Thread-safe.
 */
final class EndpointFloor {
  private final Database database;

  /**
   * @param database neg-service's
   */
  EndpointFloor(Database database) {
    this.database = database;
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS bench_endpoint (LIKE neg_endpoint INCLUDING ALL)");
    } catch (SQLException e) {
      throw new IllegalStateException("the floor cannot be prepared", e);
    }
  }

  /** A session of its own; the caller closes it. */
  Session open() {
    try {
      return new Session(database.connect());
    } catch (SQLException e) {
      throw new IllegalStateException("no session for the floor", e);
    }
  }

  /** Not thread-safe. */
  static final class Session implements AutoCloseable {
    private final Connection connection;
    private final PreparedStatement insert;

    private Session(Connection connection) throws SQLException {
      this.connection = connection;
      connection.setAutoCommit(false);
      insert =
          connection.prepareStatement(
              """
                INSERT INTO bench_endpoint (neg, ip, port, instance, annotations)
                SELECT e.neg, e.ip::inet, e.port, e.instance, e.annotations::jsonb
                FROM unnest(?, ?, ?, ?, ?) AS e (neg, ip, port, instance, annotations)
                """);
    }

    /** Inserts the endpoints of a group by one statement in one transaction. */
    void insert(String neg, List<String> ips, int port) {
      run(
          () -> {
            int count = ips.size();
            insert.setArray(1, connection.createArrayOf("text", filled(count, neg)));
            insert.setArray(2, connection.createArrayOf("text", ips.toArray(String[]::new)));
            var ports = new Integer[count];
            Arrays.fill(ports, port);
            insert.setArray(3, connection.createArrayOf("int4", ports));
            insert.setArray(4, connection.createArrayOf("text", filled(count, "")));
            insert.setArray(5, connection.createArrayOf("text", filled(count, "{}")));
            insert.executeUpdate();
            connection.commit();
            return null;
          });
    }

    @Override
    public void close() {
      run(
          () -> {
            connection.close();
            return null;
          });
    }

    private static String[] filled(int count, String value) {
      var values = new String[count];
      Arrays.fill(values, value);
      return values;
    }

    private static void run(Callable<?> work) {
      try {
        work.call();
      } catch (Exception e) {
        throw new IllegalStateException("the floor failed", e);
      }
    }
  }
}
