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

  /** Whether the address is four numbers from 0 to 255 with dots between them. */
  public boolean isIpv4() {
    int numbers = 0;
    int digits = 0;
    int number = 0;
    for (int i = 0; i <= ip.length(); i++) {
      char c = i == ip.length() ? '.' : ip.charAt(i);
      if (c == '.') {
        if (digits == 0 || number > 255) {
          return false;
        }
        numbers++;
        digits = 0;
        number = 0;
      } else if (c >= '0' && c <= '9' && digits < 3) {
        number = 10 * number + c - '0';
        digits++;
      } else {
        return false;
      }
    }
    return numbers == 4;
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
