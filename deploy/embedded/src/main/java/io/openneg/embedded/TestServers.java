package io.openneg.embedded;

/**
 * One PostgreSQL and one Kafka per JVM, for tests: started when first asked for, stopped when the
 * JVM ends. Tests share the servers and keep apart by {@link #freshDatabase()} and topic names of
 * their own. A test that kills or stops a server starts one of its own instead.
 */
public final class TestServers {
  private TestServers() {}

  public static PostgresServer postgres() {
    return Postgres.SERVER;
  }

  public static KafkaBroker kafka() {
    return Kafka.BROKER;
  }

  /** An empty database of its own for a test class. */
  public static Database freshDatabase() {
    return postgres().freshDatabase();
  }

  /** For {@code bootstrap.servers}. */
  public static String kafkaBootstrap() {
    return kafka().bootstrap();
  }

  private static <T extends AutoCloseable> T closedAtExit(T server) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    server.close();
                  } catch (Exception e) {
                    System.err.println("a test server did not stop: " + e);
                  }
                }));
    return server;
  }

  private static final class Postgres {
    static final PostgresServer SERVER =
        closedAtExit(PostgresServer.start(ServerSettings.temporary()));
  }

  private static final class Kafka {
    static final KafkaBroker BROKER = closedAtExit(KafkaBroker.start(ServerSettings.temporary()));
  }
}
