package io.openneg.local.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What is run for each of our own components. Immutable. */
public final class Programs {
  // Quicker to start and slower once warm.
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xms32m",
          "-Xmx192m",
          "-XX:+UseSerialGC",
          QUICK_START,
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Map<Component, List<String>> arguments;

  private Programs(Map<Component, List<String>> arguments) {
    this.arguments = new EnumMap<>(arguments);
  }

  /**
   * The programs as a build of the repository leaves them.
   *
   * @throws IllegalStateException naming what has not been built
   */
  public static Programs builtIn(Path repository) {
    var arguments = new EnumMap<Component, List<String>>(Component.class);
    for (Component component : Component.values()) {
      if (component.isOurs()) {
        Path jar =
            repository
                .resolve(component.label())
                .resolve(
                    component == Component.EDGE
                        ? "target/edge-proxy/edge-proxy.jar"
                        : "target/quarkus-app/quarkus-run.jar")
                .toAbsolutePath();
        if (!Files.exists(jar)) {
          throw new IllegalStateException(
              "%s is not built: there is no %s (./mvnw package -DskipTests builds all)"
                  .formatted(component.label(), jar));
        }
        var command = new ArrayList<>(JVM_OPTIONS);
        command.addAll(List.of("-jar", jar.toString()));
        arguments.put(component, command);
      }
    }
    return new Programs(arguments);
  }

  /**
   * Other programs, such as doubles in tests.
   *
   * @param arguments for each of our components what follows {@code java}
   */
  public static Programs of(Map<Component, List<String>> arguments) {
    return new Programs(arguments);
  }

  /** The same, compiled as in production: slower to start, and faster once warm. */
  public Programs optimized() {
    var optimized = new EnumMap<Component, List<String>>(Component.class);
    arguments.forEach(
        (component, options) ->
            optimized.put(
                component, options.stream().filter(o -> !o.equals(QUICK_START)).toList()));
    return new Programs(optimized);
  }

  /** The command line, with the JVM that runs this one. */
  List<String> command(Component component) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Objects.requireNonNull(arguments.get(component), component::label));
    return command;
  }
}
