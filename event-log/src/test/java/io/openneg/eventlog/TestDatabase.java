package io.openneg.eventlog;

import static org.awaitility.Awaitility.await;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ConnectionValidator;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
                              .connectionValidator(ConnectionValidator.defaultValidator())
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

  /** The same one, by another pool: what another replica of the service has. */
  TestDatabase again() {
    return new TestDatabase(database);
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
    return sessions(applicationName, new AtomicBoolean(true));
  }

  /**
   * The same for a replica that can be cut off.
   *
   * @param reachable whether the replica can open new sessions
   */
  Jdbi sessions(String applicationName, AtomicBoolean reachable) {
    PGSimpleDataSource single = new PGSimpleDataSource();
    single.setUrl(database.jdbcUrl());
    single.setUser(database.user());
    single.setPassword(database.password());
    single.setApplicationName(applicationName);
    return Jdbi.create(
        () -> {
          if (!reachable.get()) {
            throw new SQLException("cut off", "08001");
          }
          return single.getConnection();
        });
  }

  /** Waits until a session of that name waits for a lock that someone else holds. */
  void awaitBlocked(String applicationName) {
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                one(
                        """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE application_name = '%s' AND wait_event_type = 'Lock'
                          AND datname = current_database()
                        """
                            .formatted(applicationName))
                    > 0);
  }

  /** The number that a query gives. */
  long one(String query) {
    return jdbi.withHandle(
        handle -> handle.createQuery(query).mapTo(Long.class).findOne().orElse(0L));
  }

  CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner(EventStore store, Runnable wake) {
    return runner(store, new BasketTables(), wake);
  }

  CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner(
      EventStore store, Projection view, Runnable wake) {
    return new CommandRunner<>(jdbi, store, Basket.DECIDER, Basket.CODEC, view, wake, 10_000);
  }

  /** Ends the sessions of that name as an administrator does, and says how many there were. */
  long terminate(String applicationName) {
    return signal("pg_terminate_backend", applicationName);
  }

  /**
   * @param function {@code pg_terminate_backend} or {@code pg_cancel_backend}
   */
  long signal(String function, String applicationName) {
    // Not in the WHERE clause, where it could come first and be called on everyone.
    return one(
        """
        SELECT count(%s(pid)) FROM pg_stat_activity
        WHERE application_name = '%s' AND datname = current_database()
        """
            .formatted(function, applicationName));
  }

  /** The versions of a stream that were applied to {@link BasketTables}, in that order. */
  List<Long> versions(String stream) {
    return jdbi.withHandle(handle -> BasketTables.versions(handle, stream));
  }

  /** What {@link BasketTables} hold. */
  List<String> dump() {
    return jdbi.withHandle(BasketTables::dump);
  }

  @Override
  public void close() {
    pool.close();
  }
}
