package io.openneg.healthservice.api;

import io.openneg.health.v1.EndpointHealth;
import java.util.Comparator;

/** Where a page of a group's endpoints begins: behind this one. */
record GroupCursor(String ip, int port, String service) {
  /** As PostgreSQL orders them; addresses by their bytes. */
  static final Comparator<EndpointHealth> ORDER =
      Comparator.comparing(EndpointHealth::getIpAddress, PageKeys.ADDRESSES)
          .thenComparingInt(EndpointHealth::getPort)
          .thenComparing(EndpointHealth::getBackendService);

  static final GroupCursor START = new GroupCursor("0.0.0.0", 0, "");

  /**
   * @param key of the page's token; empty: the start
   */
  static GroupCursor of(String key) {
    if (key.isEmpty()) {
      return START;
    }
    String[] parts = PageKeys.split(key, 3);
    return new GroupCursor(PageKeys.ip(parts[0]), PageKeys.port(parts[1]), parts[2]);
  }

  static String key(EndpointHealth endpoint) {
    return PageKeys.join(
        endpoint.getIpAddress(),
        Integer.toString(endpoint.getPort()),
        endpoint.getBackendService());
  }
}
