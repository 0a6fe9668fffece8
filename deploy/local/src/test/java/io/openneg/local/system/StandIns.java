package io.openneg.local.system;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Programs made of {@link StandInService}. */
final class StandIns {
  private StandIns() {}

  /** All are well, except those with another behaviour: {@code die} or {@code down}. */
  static Programs programs(Map<Component, String> behaviours) {
    try {
      Path classes =
          Path.of(StandInService.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      var arguments = new EnumMap<Component, List<String>>(Component.class);
      for (Component component : Component.values()) {
        if (component.isOurs()) {
          arguments.put(
              component,
              List.of(
                  "-Xmx32m",
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  classes.toString(),
                  StandInService.class.getName(),
                  behaviours.getOrDefault(component, "well")));
        }
      }
      return Programs.of(arguments);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
