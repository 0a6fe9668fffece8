package io.openneg.proxyconfigservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;

/** A migrated database of a test's own. */
public final class TestDatabase {
  private TestDatabase() {}

  public static Jdbi create() {
    Database database = TestServers.freshDatabase();
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog", "db/migration")
        .load()
        .migrate();
    return Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }
}
