package io.openneg.healthservice.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An array of {@code struct epoll_event}: a number of flags and eight bytes of our own. Linux packs
 * it on x86-64 and nowhere else. Confined to its loop.
 */
final class EpollEvents {
  static final int CAPACITY = 1024;

  private static final int DATA_OFFSET = "amd64".equals(System.getProperty("os.arch")) ? 4 : 8;
  static final int EVENT_BYTES = DATA_OFFSET + Long.BYTES;

  private final MemorySegment memory = Arena.ofAuto().allocate((long) CAPACITY * EVENT_BYTES, 8);

  MemorySegment memory() {
    return memory;
  }

  int flags(int index) {
    return memory.get(JAVA_INT_UNALIGNED, (long) index * EVENT_BYTES);
  }

  long data(int index) {
    return memory.get(JAVA_LONG_UNALIGNED, (long) index * EVENT_BYTES + DATA_OFFSET);
  }

  static void put(MemorySegment event, int flags, long data) {
    event.set(JAVA_INT_UNALIGNED, 0, flags);
    event.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, data);
  }
}
