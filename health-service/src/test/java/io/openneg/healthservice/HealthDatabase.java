package io.openneg.healthservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** A migrated database of its own for a test class. */
public final class HealthDatabase {
  private HealthDatabase() {}

  public static Jdbi fresh() {
    return migrate(TestServers.freshDatabase());
  }

  public static Jdbi migrate(Database database) {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog", "db/migration")
        .load()
        .migrate();
    return Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }

  /** Every row of some tables as text, for comparing. */
  public static List<String> rows(Jdbi jdbi, String... tables) {
    return jdbi.withHandle(
        handle ->
            List.of(tables).stream()
                .flatMap(
                    table ->
                        handle
                            .createQuery("SELECT t::text FROM " + table + " t ORDER BY t::text")
                            .mapTo(String.class)
                            .stream()
                            .map(row -> table + row))
                .toList());
  }
}
