package io.openneg.negservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;

/** What the service under test runs on. */
public class NegServiceResource implements QuarkusTestResourceLifecycleManager {
  static final int QUOTA = 100;

  @Override
  public Map<String, String> start() {
    Database database = TestServers.freshDatabase();
    return Map.of(
        "quarkus.datasource.jdbc.url",
        database.jdbcUrl(),
        "quarkus.datasource.username",
        database.user(),
        "quarkus.datasource.password",
        database.password(),
        "openneg.kafka.bootstrap",
        TestServers.kafkaBootstrap(),
        "openneg.backend-service",
        "127.0.0.1:" + FreePorts.next(),
        "openneg.fence-deadline-ms",
        "1000",
        "openneg.health-service",
        "127.0.0.1:" + FreePorts.next(),
        "openneg.negs-per-project",
        Integer.toString(QUOTA),
        "openneg.zones",
        "eu-west1 10.128.0.0/20: eu-west1-a eu-west1-b eu-west1-c; us-east1 10.142.0.0/20: us-east1-a us-east1-b",
        "openneg.lab-addresses",
        "true");
  }

  @Override
  public void stop() {}
}
