package io.openneg.proxyconfigservice.routing;

import java.util.Comparator;

/**
 * What a network endpoint is: an address and a port (seed). Ordered by the text of the address,
 * then by port; any order would do, but all replicas need the same one.
 *
 * @param ip IPv4
 */
public record EndpointAddress(String ip, int port) implements Comparable<EndpointAddress> {
  private static final Comparator<EndpointAddress> ORDER =
      Comparator.comparing(EndpointAddress::ip).thenComparingInt(EndpointAddress::port);

  /**
   * Reads {@code ip:port}.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  public static EndpointAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException("'%s' is not of the form ip:port".formatted(text));
    }
    return new EndpointAddress(
        text.substring(0, colon), Integer.parseInt(text, colon + 1, text.length(), 10));
  }

  @Override
  public int compareTo(EndpointAddress other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return ip + ":" + port;
  }
}
