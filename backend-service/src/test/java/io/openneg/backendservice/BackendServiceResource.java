package io.openneg.backendservice;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the service under test runs on. */
public class BackendServiceResource implements QuarkusTestResourceLifecycleManager {

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
        "openneg.neg-service",
        "127.0.0.1:" + FreePorts.next(),
        "openneg.neg-deadline-ms",
        "1000",
        "openneg.health-service",
        "127.0.0.1:" + FreePorts.next(),
        "openneg.health-deadline-ms",
        "1000",
        "openneg.secrets.key-file",
        secretsKey().toString(),
        "openneg.address-pools",
        "internal lab: 10.77.0.0/16");
  }

  private static Path secretsKey() {
    try {
      return Files.writeString(Files.createTempFile("openneg", ".key"), SealedSecrets.newKey());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {}
}
