package io.openneg.eventlog;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.ds.PGSimpleDataSource;

/** A migrated database, reached as a service reaches its own: by a pool and by single sessions. */
final class TestDatabase implements AutoCloseable {
  private final Database database;
  private final AgroalDataSource pool;
  private final Jdbi jdbi;

  private TestDatabase(Database database) {
    this.database = database;
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog", "db/test")
        .load()
        .migrate();
    try {
      this.pool =
          AgroalDataSource.from(
              new AgroalDataSourceConfigurationSupplier()
                  .connectionPoolConfiguration(
                      p ->
                          p.maxSize(24)
                              .acquisitionTimeout(Duration.ofSeconds(30))
                              .validateOnBorrow(true)
                              .connectionFactoryConfiguration(
                                  c ->
                                      c.jdbcUrl(database.jdbcUrl())
                                          .principal(new NamePrincipal(database.user()))
                                          .credential(new SimplePassword(database.password())))));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    this.jdbi = Jdbi.create(pool);
  }

  /** An empty one on the shared server. */
  static TestDatabase fresh() {
    return new TestDatabase(TestServers.freshDatabase());
  }

  static TestDatabase on(Database database) {
    return new TestDatabase(database);
  }

  /** From the pool. */
  Jdbi jdbi() {
    return jdbi;
  }

  /** Opens sessions of their own; the server knows them by the given name. */
  Jdbi sessions(String applicationName) {
    PGSimpleDataSource single = new PGSimpleDataSource();
    single.setUrl(database.jdbcUrl());
    single.setUser(database.user());
    single.setPassword(database.password());
    single.setApplicationName(applicationName);
    return Jdbi.create(single);
  }

  CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner(EventStore store, Runnable wake) {
    return runner(store, new BasketTables(), wake);
  }

  CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner(
      EventStore store, Projection view, Runnable wake) {
    return new CommandRunner<>(jdbi, store, Basket.DECIDER, Basket.CODEC, view, wake, 10_000);
  }

  /** Ends sessions of that name as an administrator does, and says how many there were. */
  int terminate(String applicationName) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE application_name = :name AND datname = current_database()
                    """)
                .bind("name", applicationName)
                .mapTo(Integer.class)
                .one());
  }

  List<String> dump() {
    return jdbi.withHandle(BasketTables::dump);
  }

  @Override
  public void close() {
    pool.close();
  }
}
