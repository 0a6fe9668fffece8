package io.openneg.negservice.address;

import static java.util.Collections.nCopies;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An IPv4 address.
 *
 * @param bits the four bytes, the first one highest
 */
public record Ipv4Address(int bits) implements Comparable<Ipv4Address> {

  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  private static final Pattern QUAD = Pattern.compile(String.join("\\.", nCopies(4, OCTET)));

  /** Reads a dotted quad; empty when it is not one in its only written form (no leading zeros). */
  public static Optional<Ipv4Address> parse(String text) {
    Matcher quad = QUAD.matcher(text);
    if (!quad.matches()) {
      return Optional.empty();
    }
    int bits = 0;
    for (int octet = 1; octet <= 4; octet++) {
      bits = bits << 8 | Integer.parseInt(quad.group(octet));
    }
    return Optional.of(new Ipv4Address(bits));
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
