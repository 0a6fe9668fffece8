package io.openneg.edgeproxy.balancing;

import java.util.Arrays;

/**
 * How the traffic is shared out over priorities: the highest one takes as much as its health
 * (eligible endpoints, multiplied by the overprovisioning factor) allows, the next one what is
 * left. This is Envoy's rule, without its panic mode.
 */
final class PriorityLoad {

  private PriorityLoad() {}

  /**
   * The percentage of each priority; their sum is 100, or 0 when nothing is eligible.
   *
   * @param eligible eligible endpoints by priority
   * @param sizes all endpoints by priority
   * @param overprovisioningPercent 140 lets a priority keep all its traffic down to 72 % health
   */
  static int[] of(int[] eligible, int[] sizes, int overprovisioningPercent) {
    int[] health = new int[sizes.length];
    for (int p = 0; p < sizes.length; p++) {
      if (sizes[p] > 0) {
        health[p] = (int) Math.min(100L, (long) overprovisioningPercent * eligible[p] / sizes[p]);
        // One endpoint of a thousand is little, but it is not nothing.
        if (health[p] == 0 && eligible[p] > 0) {
          health[p] = 1;
        }
      }
    }
    int total = Math.min(100, Arrays.stream(health).sum());
    int[] load = new int[sizes.length];
    if (total == 0) {
      return load;
    }
    int left = 100;
    for (int p = 0; p < sizes.length; p++) {
      load[p] = Math.min(left, health[p] * 100 / total);
      left -= load[p];
    }
    for (int p = 0; left > 0; p++) {
      if (health[p] > 0) {
        load[p] += left;
        left = 0;
      }
    }
    return load;
  }
}
