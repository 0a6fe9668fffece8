package io.openneg.local.system;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link LocalSystem} is to be. Immutable.
 *
 * @param home data, logs and state, kept; null: a temporary directory, deleted on close
 * @param durable whether PostgreSQL's commits reach the disk before they are answered
 * @param supervised whether a process that ends by itself is started again
 * @param zone where the edge proxy says it is; its region is the part before the last hyphen
 */
public record SystemSettings(
    @Nullable Path home,
    Ports ports,
    Programs programs,
    boolean durable,
    boolean supervised,
    String zone) {

  static final String DEFAULT_ZONE = "lab-a";

  public SystemSettings {
    if (zone.lastIndexOf('-') < 1) {
      throw new IllegalArgumentException(
          "zone: must be a region, a hyphen and a suffix, such as 'lab-a', is '" + zone + "'");
    }
  }

  /** For tests and demos: temporary, on free ports, not durable, not supervised. */
  public static SystemSettings temporary(Programs programs) {
    return new SystemSettings(null, Ports.free(), programs, false, false, DEFAULT_ZONE);
  }

  /** To stay: kept data, durable, supervised. */
  public static SystemSettings keptIn(Path home, Ports ports, Programs programs) {
    return new SystemSettings(home, ports, programs, true, true, DEFAULT_ZONE);
  }

  public SystemSettings withHome(Path newHome) {
    return new SystemSettings(newHome, ports, programs, durable, supervised, zone);
  }

  public SystemSettings withPorts(Ports newPorts) {
    return new SystemSettings(home, newPorts, programs, durable, supervised, zone);
  }

  public SystemSettings withDurable(boolean newDurable) {
    return new SystemSettings(home, ports, programs, newDurable, supervised, zone);
  }

  public SystemSettings withSupervised(boolean newSupervised) {
    return new SystemSettings(home, ports, programs, durable, newSupervised, zone);
  }

  public SystemSettings withZone(String newZone) {
    return new SystemSettings(home, ports, programs, durable, supervised, newZone);
  }

  String region() {
    return zone.substring(0, zone.lastIndexOf('-'));
  }
}
