package io.openneg.healthservice.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/** {@code struct sockaddr_in} and {@code sockaddr_in6} of Linux. */
final class SocketAddresses {
  static final int MAX_BYTES = 28;

  private static final ValueLayout.OfShort PORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int IPV4_BYTES = 16;
  private static final int IPV4_OFFSET = 4;
  private static final int IPV6_OFFSET = 8;
  private static final int SCOPE_OFFSET = 24;

  private SocketAddresses() {}

  static int family(InetAddress address) {
    return address instanceof Inet4Address ? Kernel.AF_INET : Kernel.AF_INET6;
  }

  /**
   * @param scratch of {@link #MAX_BYTES}
   * @return the part of it that is the address
   */
  static MemorySegment write(InetSocketAddress address, MemorySegment scratch) {
    InetAddress ip = address.getAddress();
    scratch.fill((byte) 0);
    scratch.set(JAVA_SHORT, 0, (short) family(ip));
    scratch.set(PORT, 2, (short) address.getPort());
    byte[] bytes = ip.getAddress();
    int offset = bytes.length == 4 ? IPV4_OFFSET : IPV6_OFFSET;
    MemorySegment.copy(bytes, 0, scratch, JAVA_BYTE, offset, bytes.length);
    if (ip instanceof Inet6Address ipv6) {
      scratch.set(ValueLayout.JAVA_INT, SCOPE_OFFSET, ipv6.getScopeId());
      return scratch;
    }
    return scratch.asSlice(0, IPV4_BYTES);
  }

  static InetSocketAddress read(MemorySegment address) {
    boolean ipv4 = address.get(JAVA_SHORT, 0) == Kernel.AF_INET;
    byte[] bytes = new byte[ipv4 ? 4 : 16];
    MemorySegment.copy(
        address, JAVA_BYTE, ipv4 ? IPV4_OFFSET : IPV6_OFFSET, bytes, 0, bytes.length);
    try {
      return new InetSocketAddress(
          InetAddress.getByAddress(bytes), Short.toUnsignedInt(address.get(PORT, 2)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of %d bytes".formatted(bytes.length), e);
    }
  }
}
