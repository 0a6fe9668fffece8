package io.openneg.local;

import io.openneg.local.system.Component;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The text of {@code openneg help}. */
final class Help {
  private Help() {}

  static String text() {
    String ports =
        Arrays.stream(Component.values())
            .map(
                component ->
                    "  %-26s %-7d port of %s (%s)%n"
                        .formatted(
                            component.portVariable(),
                            component.defaultPort(),
                            component.label(),
                            component.speaks()))
            .collect(Collectors.joining());
    return """
        ./openneg <command>

          up             start everything here and stay; Ctrl-C stops it, the data stays
          status         what runs, where, and whether it is ready; exit code 0 only if all is
          demo           a system of its own, real traffic, a backend killed, one attached, one drained
          bench attach   how long an attach takes until the proxy knows it, beside the floor
          test           build everything and run all tests; further arguments go to Maven
          help           this

        Settings (environment variables) and their defaults

          OPENNEG_HOME               .openneg  data, logs and state of `up`
          OPENNEG_PORT_OFFSET        0         added to all default ports
          OPENNEG_ZONE               lab-a     where the edge proxy is; its region is the part before the last hyphen
          OPENNEG_CACHE              ~/.cache/openneg  where PostgreSQL and Kafka are unpacked
          NO_COLOR                             set: no colours
          JAVA_HOME                            a JDK 25; else one is searched for
          MAVEN_ARGS                           for the build, such as -Dmaven.repo.local=...
        """
        + ports;
  }
}
