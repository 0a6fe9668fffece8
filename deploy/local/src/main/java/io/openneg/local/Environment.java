package io.openneg.local;

import io.openneg.local.system.Ports;
import io.openneg.local.system.Programs;
import java.nio.file.Path;
import java.util.Map;

/** The settings that come from the environment. Immutable. */
record Environment(Map<String, String> variables, Path repository) {

  /**
   * The repository is where the script says it is ({@code openneg.root}), else the working
   * directory.
   */
  static Environment ofThisProcess() {
    return new Environment(
        Map.copyOf(System.getenv()),
        Path.of(System.getProperty("openneg.root", "")).toAbsolutePath());
  }

  /** Where {@code up} keeps data and logs. */
  Path home() {
    String home = variables.getOrDefault("OPENNEG_HOME", "");
    return Path.of(home.isBlank() ? ".openneg" : home).toAbsolutePath().normalize();
  }

  Ports ports() {
    return Ports.fromEnvironment(variables);
  }

  Programs programs() {
    return Programs.builtIn(repository);
  }

  String zone() {
    return variables.getOrDefault("OPENNEG_ZONE", "lab-a");
  }
}
