package io.openneg.negservice.neg;

import io.openneg.serviceruntime.address.Ipv4Address;
import java.util.Comparator;
import java.util.Optional;

/**
 * What tells the endpoints of one group apart.
 *
 * @param port 1..65535
 */
public record EndpointAddress(Ipv4Address ip, int port) implements Comparable<EndpointAddress> {
  private static final Comparator<EndpointAddress> ORDER =
      Comparator.<EndpointAddress>comparingLong(
              address -> Integer.toUnsignedLong(address.ip.bits()))
          .thenComparingInt(EndpointAddress::port);

  /** Reads {@code ip:port} as {@link #toString} writes it; empty when it is anything else. */
  public static Optional<EndpointAddress> parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0 || !text.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
      return Optional.empty();
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    return port > 65535
        ? Optional.empty()
        : Ipv4Address.parse(text.substring(0, colon)).map(ip -> new EndpointAddress(ip, port));
  }

  /** By address as a number, then by port. */
  @Override
  public int compareTo(EndpointAddress other) {
    return ORDER.compare(this, other);
  }

  /** Spreads neighbouring addresses and ports, of which groups are made. */
  @Override
  public int hashCode() {
    return ip.bits() * 0x9e3779b1 ^ port * 0x85ebca6b;
  }

  @Override
  public String toString() {
    return ip + ":" + port;
  }
}
