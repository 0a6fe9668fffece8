package io.openneg.edgeproxy.config;

import java.net.InetAddress;

/**
 * An address to listen on or to connect to.
 *
 * @param ip an IP literal in its canonical form
 * @param port 1..65535
 */
public record IpPort(String ip, int port) {

  /**
   * @throws IllegalArgumentException when {@code ip} is no IP literal or {@code port} no port
   */
  public static IpPort of(String ip, int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port must be 1..65535, is " + port);
    }
    try {
      return new IpPort(InetAddress.ofLiteral(ip).getHostAddress(), port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be an IP address, is \"" + ip + "\"", e);
    }
  }

  /**
   * @param text "IP:PORT", an IPv6 address in brackets
   * @throws IllegalArgumentException when it is not
   */
  public static IpPort parse(String text) {
    int colon = text.lastIndexOf(':');
    String ip = colon < 0 ? "" : text.substring(0, colon);
    if (ip.startsWith("[") && ip.endsWith("]")) {
      ip = ip.substring(1, ip.length() - 1);
    }
    try {
      return of(ip, Integer.parseInt(text.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be IP:PORT, is \"" + text + "\"", e);
    }
  }

  @Override
  public String toString() {
    return ip.indexOf(':') < 0 ? ip + ":" + port : "[" + ip + "]:" + port;
  }
}
