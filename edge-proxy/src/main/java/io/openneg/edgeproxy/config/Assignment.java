package io.openneg.edgeproxy.config;

import java.util.List;

/**
 * The endpoints of a cluster, see {@code ClusterLoadAssignment} of xDS.
 *
 * @param overprovisioningPercent how much of its traffic a locality or priority keeps while it
 *     loses endpoints; 140 is xDS' default
 */
public record Assignment(String name, int overprovisioningPercent, List<Group> groups) {

  public Assignment {
    groups = List.copyOf(groups);
  }

  /** What is assumed of a cluster whose endpoints were never told. */
  public static Assignment unknown(String name) {
    return new Assignment(name, 140, List.of());
  }

  /**
   * The endpoints of one locality and priority.
   *
   * @param locality "region/zone/sub_zone"
   * @param weight 0: none
   * @param priority 0 is the highest
   */
  public record Group(String locality, long weight, int priority, List<Endpoint> endpoints) {
    public Group {
      endpoints = List.copyOf(endpoints);
    }
  }
}
