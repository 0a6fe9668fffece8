package io.openneg.edgeproxy.upstream;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The line by which the PROXY protocol, version 1, tells an endpoint whose connection it gets. */
final class ProxyHeader {

  private ProxyHeader() {}

  /**
   * @param source the client
   * @param destination where the client has connected to
   */
  static String of(@Nullable SocketAddress source, @Nullable SocketAddress destination) {
    if (source instanceof InetSocketAddress from && destination instanceof InetSocketAddress to) {
      String family = family(from.getAddress(), to.getAddress());
      if (family != null) {
        return "PROXY %s %s %s %d %d\r\n"
            .formatted(
                family,
                literal(from.getAddress()),
                literal(to.getAddress()),
                from.getPort(),
                to.getPort());
      }
    }
    return "PROXY UNKNOWN\r\n";
  }

  private static @Nullable String family(InetAddress from, InetAddress to) {
    if (from instanceof Inet4Address && to instanceof Inet4Address) {
      return "TCP4";
    }
    return from instanceof Inet6Address && to instanceof Inet6Address ? "TCP6" : null;
  }

  /** Without the zone of an IPv6 address, which is nobody else's business. */
  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
