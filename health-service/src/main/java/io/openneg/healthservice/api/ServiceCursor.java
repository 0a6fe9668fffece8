package io.openneg.healthservice.api;

import io.openneg.health.v1.EndpointHealth;
import java.util.Comparator;

/** Where a page of a backend service's endpoints begins: behind this one. */
record ServiceCursor(String neg, String ip, int port) {
  /** As PostgreSQL orders them; addresses by their bytes. */
  static final Comparator<EndpointHealth> ORDER =
      Comparator.comparing(EndpointHealth::getNetworkEndpointGroup)
          .thenComparing(EndpointHealth::getIpAddress, PageKeys.ADDRESSES)
          .thenComparingInt(EndpointHealth::getPort);

  static final ServiceCursor START = new ServiceCursor("", "0.0.0.0", 0);

  /**
   * @param key of the page's token; empty: the start
   */
  static ServiceCursor of(String key) {
    if (key.isEmpty()) {
      return START;
    }
    String[] parts = PageKeys.split(key, 3);
    return new ServiceCursor(parts[0], PageKeys.ip(parts[1]), PageKeys.port(parts[2]));
  }

  static String key(EndpointHealth endpoint) {
    return PageKeys.join(
        endpoint.getNetworkEndpointGroup(),
        endpoint.getIpAddress(),
        Integer.toString(endpoint.getPort()));
  }
}
