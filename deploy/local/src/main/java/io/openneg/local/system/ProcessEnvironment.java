package io.openneg.local.system;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The settings that a component is started with, as environment variables. */
final class ProcessEnvironment {
  static final String DATABASE_PASSWORD = "openneg";

  private ProcessEnvironment() {}

  /**
   * Everything that says where the others are is set, so that this JVM's own environment cannot
   * lead a process astray.
   *
   * @param secretsKey the file with the key that seals private keys
   */
  static Map<String, String> of(Component component, SystemSettings settings, Path secretsKey) {
    Ports ports = settings.ports();
    if (component == Component.EDGE) {
      return Map.of(
          "OPENNEG_XDS_SERVER", ports.address(Component.PROXY_CONFIG),
          "OPENNEG_NODE_ID", "edge-1",
          "OPENNEG_NODE_REGION", settings.region(),
          "OPENNEG_NODE_ZONE", settings.zone(),
          "OPENNEG_ADMIN_HOST", "127.0.0.1",
          "OPENNEG_ADMIN_PORT", Integer.toString(ports.of(Component.EDGE)));
    }
    var environment = new HashMap<String, String>();
    environment.put("OPENNEG_HOST", "127.0.0.1");
    environment.put("OPENNEG_PORT", Integer.toString(ports.of(component)));
    environment.put(
        "OPENNEG_DATABASE_URL",
        "jdbc:postgresql://%s/%s"
            .formatted(ports.address(Component.POSTGRES), component.database()));
    environment.put("OPENNEG_DATABASE_USER", component.database());
    environment.put("OPENNEG_DATABASE_PASSWORD", DATABASE_PASSWORD);
    environment.put("OPENNEG_KAFKA_BOOTSTRAP", ports.address(Component.KAFKA));
    environment.put("OPENNEG_NEG_SERVICE", ports.address(Component.NEG));
    environment.put("OPENNEG_BACKEND_SERVICE", ports.address(Component.BACKEND));
    environment.put("OPENNEG_HEALTH_SERVICE", ports.address(Component.HEALTH));
    environment.put("OPENNEG_SECRETS_KEY_FILE", secretsKey.toString());
    // Endpoints on this very machine are what people try first.
    environment.put("OPENNEG_LAB_ADDRESSES", "true");
    return environment;
  }
}
