package io.openneg.backendservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** What the service under test runs on. */
public class BackendServiceResource implements QuarkusTestResourceLifecycleManager {

  @Override
  public Map<String, String> start() {
    Database database = TestServers.freshDatabase();
    return Map.of(
        "quarkus.datasource.jdbc.url", database.jdbcUrl(),
        "quarkus.datasource.username", database.user(),
        "quarkus.datasource.password", database.password(),
        "openneg.kafka.bootstrap", TestServers.kafkaBootstrap(),
        "openneg.neg-service", "127.0.0.1:" + FreePorts.next());
  }

  @Override
  public void stop() {}
}
