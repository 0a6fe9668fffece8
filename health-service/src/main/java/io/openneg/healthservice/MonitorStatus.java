package io.openneg.healthservice;

/**
 * What the monitor does.
 *
 * @param shards number of shards whose targets it probes
 * @param targets number of targets probed
 * @param silent how many of them were not observed for several intervals
 * @param suspect whether nearly all fail and the fault is more likely the prober's
 */
record MonitorStatus(Role role, int shards, int targets, int silent, boolean suspect) {
  static final MonitorStatus STARTING = new MonitorStatus(Role.STARTING, 0, 0, 0, false);
}
