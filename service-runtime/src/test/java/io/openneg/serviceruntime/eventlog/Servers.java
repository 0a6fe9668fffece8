package io.openneg.serviceruntime.eventlog;

import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** A database and a Kafka, given to the service as whoever runs it does. */
public final class Servers implements QuarkusTestResourceLifecycleManager {

  @Override
  public Map<String, String> start() {
    Database database = TestServers.freshDatabase();
    return Map.of(
        "OPENNEG_DATABASE_URL", database.jdbcUrl(),
        "OPENNEG_DATABASE_USER", database.user(),
        "OPENNEG_DATABASE_PASSWORD", database.password(),
        "OPENNEG_KAFKA_BOOTSTRAP", TestServers.kafkaBootstrap());
  }

  @Override
  public void stop() {
    // They are the JVM's.
  }
}
