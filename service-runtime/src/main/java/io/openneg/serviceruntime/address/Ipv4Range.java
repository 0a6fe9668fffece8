package io.openneg.serviceruntime.address;

import java.util.Comparator;
import java.util.Optional;

/**
 * Neighbouring IPv4 addresses that have their first bits in common, as CIDR writes them.
 *
 * @param first the lowest address
 * @param length 0..32, how many bits are in common; the others of {@code first} are 0
 */
public record Ipv4Range(Ipv4Address first, int length) implements Comparable<Ipv4Range> {
  private static final Comparator<Ipv4Range> ORDER =
      Comparator.comparing(Ipv4Range::first).thenComparingInt(Ipv4Range::length);

  public Ipv4Range {
    if (length < 0 || length > 32 || (first.bits() & ~mask(length)) != 0) {
      throw new IllegalArgumentException(first + "/" + length + " is not a range");
    }
  }

  /** The range of this address alone. */
  public static Ipv4Range of(Ipv4Address address) {
    return new Ipv4Range(address, 32);
  }

  /** Reads {@code 10.0.0.0/24}; empty when it is anything else, or has a bit behind its length. */
  public static Optional<Ipv4Range> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]|[12][0-9]|3[0-2]")) {
      return Optional.empty();
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    return Ipv4Address.parse(text.substring(0, slash))
        .filter(first -> (first.bits() & ~mask(length)) == 0)
        .map(first -> new Ipv4Range(first, length));
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << (32 - length);
  }

  /** How many addresses there are. */
  public long size() {
    return 1L << (32 - length);
  }

  public Ipv4Address last() {
    return first.plus(size() - 1);
  }

  public boolean contains(Ipv4Address address) {
    return (address.bits() & mask(length)) == first.bits();
  }

  public boolean contains(Ipv4Range other) {
    return length <= other.length && contains(other.first);
  }

  public boolean overlaps(Ipv4Range other) {
    return contains(other) || other.contains(this);
  }

  /** Whether all of it is set aside for private networks by RFC 1918. */
  public boolean isPrivate() {
    return first.isPrivate() && last().isPrivate() && length >= 8;
  }

  public boolean isLoopback() {
    return first.isLoopback() && last().isLoopback();
  }

  /** By first address, larger ranges first. */
  @Override
  public int compareTo(Ipv4Range other) {
    return ORDER.compare(this, other);
  }

  /** As CIDR writes it. */
  @Override
  public String toString() {
    return first + "/" + length;
  }
}
