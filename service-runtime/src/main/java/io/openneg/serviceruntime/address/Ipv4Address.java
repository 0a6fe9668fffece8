package io.openneg.serviceruntime.address;

import java.util.Optional;

/**
 * An IPv4 address.
 *
 * @param bits the four bytes, the first one highest
 */
public record Ipv4Address(int bits) implements Comparable<Ipv4Address> {

  /** Reads a dotted quad; empty when it is not one in its only written form (no leading zeros). */
  public static Optional<Ipv4Address> parse(String text) {
    int bits = 0;
    int octets = 0;
    int at = 0;
    while (octets < 4) {
      int begin = at;
      int octet = 0;
      while (at < text.length() && isDigit(text.charAt(at)) && at - begin < 3) {
        octet = octet * 10 + text.charAt(at) - '0';
        at++;
      }
      boolean leadingZero = at - begin > 1 && text.charAt(begin) == '0';
      if (at == begin || leadingZero || octet > 255) {
        return Optional.empty();
      }
      bits = bits << 8 | octet;
      octets++;
      if (octets < 4 && (at == text.length() || text.charAt(at++) != '.')) {
        return Optional.empty();
      }
    }
    return at == text.length() ? Optional.of(new Ipv4Address(bits)) : Optional.empty();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Whether RFC 1918 sets it aside for private networks. */
  public boolean isPrivate() {
    return bits >>> 24 == 10 || bits >>> 20 == 0xac1 || bits >>> 16 == 0xc0a8;
  }

  public boolean isLoopback() {
    return bits >>> 24 == 127;
  }

  /** The address so many behind this one. */
  public Ipv4Address plus(long distance) {
    return new Ipv4Address((int) (bits + distance));
  }

  /** In order of the number that the four bytes make. */
  @Override
  public int compareTo(Ipv4Address other) {
    return Integer.compareUnsigned(bits, other.bits);
  }

  /** The dotted quad. */
  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 0xff)
        + "."
        + (bits >>> 8 & 0xff)
        + "."
        + (bits & 0xff);
  }
}
