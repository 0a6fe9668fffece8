package io.openneg.local.system;

import io.openneg.embedded.FreePorts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The port of every component, on 127.0.0.1. Immutable. */
public final class Ports {
  static final String OFFSET_VARIABLE = "OPENNEG_PORT_OFFSET";

  private final Map<Component, Integer> ports;

  private Ports(Map<Component, Integer> ports) {
    this.ports = ports;
  }

  /** Ports that are free now, so that systems beside each other never collide. */
  public static Ports free() {
    var ports = new EnumMap<Component, Integer>(Component.class);
    for (Component component : Component.values()) {
      ports.put(component, FreePorts.next());
    }
    return new Ports(ports);
  }

  /**
   * The default ports, shifted by {@code OPENNEG_PORT_OFFSET}; a component's own variable wins over
   * both.
   *
   * @throws IllegalArgumentException naming the variable, when one is no port
   */
  public static Ports fromEnvironment(Map<String, String> environment) {
    int offset = number(environment, OFFSET_VARIABLE, 0, -65_535, 65_535);
    var ports = new EnumMap<Component, Integer>(Component.class);
    for (Component component : Component.values()) {
      int shifted = component.defaultPort() + offset;
      int port = number(environment, component.portVariable(), shifted, 1, 65_535);
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException(
            "%s: %d makes %d of %s's port, which must be 1..65535"
                .formatted(OFFSET_VARIABLE, offset, port, component.label()));
      }
      ports.put(component, port);
    }
    return new Ports(ports);
  }

  public int of(Component component) {
    return java.util.Objects.requireNonNull(ports.get(component));
  }

  public String address(Component component) {
    return "127.0.0.1:" + of(component);
  }

  /**
   * Checks, before anything is started, that every port can be had.
   *
   * @throws PortTakenException naming every port that cannot, and the setting that changes it
   */
  public void requireFree() {
    List<String> taken =
        Stream.of(Component.values())
            .filter(component -> !FreePorts.isFree(of(component)))
            .map(
                component ->
                    "port %d for %s is taken: set %s to another one"
                        .formatted(of(component), component.label(), component.portVariable()))
            .toList();
    if (!taken.isEmpty()) {
      throw new PortTakenException(
          String.join("\n", taken) + "\n(or " + OFFSET_VARIABLE + "=1000 to shift all ports)");
    }
    Stream.of(Component.values())
        .filter(
            component ->
                Stream.of(Component.values())
                    .anyMatch(other -> other != component && of(other) == of(component)))
        .findFirst()
        .ifPresent(
            component -> {
              throw new PortTakenException(
                  "port %d is given to more than one process: see %s"
                      .formatted(of(component), component.portVariable()));
            });
  }

  private static int number(
      Map<String, String> environment, String name, int fallback, int min, int max) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(value.trim());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The message below says it.
    }
    throw new IllegalArgumentException(
        "%s: must be a number %d..%d, is '%s'".formatted(name, min, max, value));
  }
}
