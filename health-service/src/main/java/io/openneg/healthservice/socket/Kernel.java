package io.openneg.healthservice.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls of Linux that a {@link SocketLoop} makes, through the C library. Each returns what the
 * C function does, or the negative error number. One of these is confined to a thread, but for
 * {@link #signal}.
 */
@SuppressWarnings("restricted")
final class Kernel {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;
  static final int SOCK_STREAM = 1;
  static final int NON_BLOCKING_AND_CLOSED_ON_EXEC = 0x800 | 0x80000;
  static final int IPPROTO_TCP = 6;
  static final int TCP_QUICKACK = 12;
  static final int SOL_SOCKET = 1;
  static final int SO_ERROR = 4;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int EPOLLIN = 0x1;
  static final int EPOLLOUT = 0x4;
  static final int EPOLLERR = 0x8;
  static final int EPOLLHUP = 0x10;
  static final int EPOLLRDHUP = 0x2000;
  static final int EPOLLET = 0x80000000;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EINPROGRESS = 115;

  private static final int EPOLL_CTL_ADD = 1;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout CAPTURED = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = CAPTURED.varHandle(PathElement.groupElement("errno"));

  private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle CONNECT =
      call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SEND =
      call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECV =
      call("recv", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle WRITE = call("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle GETSOCKNAME =
      call("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle SETSOCKOPT =
      call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle GETSOCKOPT =
      call("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle EPOLL_CREATE1 = call("epoll_create1", JAVA_INT, JAVA_INT);
  private static final MethodHandle EPOLL_CTL =
      call("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle EPOLL_WAIT =
      call("epoll_wait", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle EVENTFD = call("eventfd", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  // The garbage collector frees it, so that it may be made and used by different threads.
  private final MemorySegment captured = Arena.ofAuto().allocate(CAPTURED);
  private final MemorySegment one = Arena.ofAuto().allocateFrom(JAVA_LONG, 1);
  private final MemorySegment number = Arena.ofAuto().allocate(JAVA_INT);
  private final MemorySegment length = Arena.ofAuto().allocate(JAVA_INT);
  private final MemorySegment event = Arena.ofAuto().allocate(EpollEvents.EVENT_BYTES, 8);

  private static MethodHandle call(String name, ValueLayout result, ValueLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  private int result(int result) {
    return result < 0 ? -(int) ERRNO.get(captured, 0L) : result;
  }

  /** Makes a socket that does not block. */
  int socket(int family) {
    try {
      return result(
          (int)
              SOCKET.invokeExact(
                  captured, family, SOCK_STREAM | NON_BLOCKING_AND_CLOSED_ON_EXEC, 0));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int connect(int fd, MemorySegment address) {
    try {
      return result((int) CONNECT.invokeExact(captured, fd, address, (int) address.byteSize()));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int send(int fd, MemorySegment bytes, long count) {
    try {
      return result((int) (long) SEND.invokeExact(captured, fd, bytes, count, MSG_NOSIGNAL));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int receive(int fd, MemorySegment into) {
    try {
      return result((int) (long) RECV.invokeExact(captured, fd, into, into.byteSize(), 0));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  void close(int fd) {
    try {
      // Whatever it says, the descriptor is gone.
      var _ = (int) CLOSE.invokeExact(captured, fd);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * @param address takes the own address of the socket
   */
  int localAddress(int fd, MemorySegment address) {
    length.set(JAVA_INT, 0, (int) address.byteSize());
    try {
      return result((int) GETSOCKNAME.invokeExact(captured, fd, address, length));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int setOption(int fd, int level, int option, int value) {
    number.set(JAVA_INT, 0, value);
    try {
      return result(
          (int)
              SETSOCKOPT.invokeExact(captured, fd, level, option, number, (int) number.byteSize()));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** The error that is pending on a socket, as a negative number; 0: none. */
  int pendingError(int fd) {
    length.set(JAVA_INT, 0, (int) number.byteSize());
    try {
      int got = (int) GETSOCKOPT.invokeExact(captured, fd, SOL_SOCKET, SO_ERROR, number, length);
      return got < 0 ? result(got) : -number.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int newEpoll() {
    try {
      return result((int) EPOLL_CREATE1.invokeExact(captured, 0x80000));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Begins to watch a descriptor, until it is closed. */
  int watch(int epoll, int fd, int events, long data) {
    EpollEvents.put(event, events, data);
    try {
      return result((int) EPOLL_CTL.invokeExact(captured, epoll, EPOLL_CTL_ADD, fd, event));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * Waits for what is watched; how many events there are.
   *
   * @param millis at the most
   */
  int await(int epoll, EpollEvents events, int millis) {
    try {
      return result(
          (int)
              EPOLL_WAIT.invokeExact(
                  captured, epoll, events.memory(), EpollEvents.CAPACITY, millis));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int newEventDescriptor() {
    try {
      return result((int) EVENTFD.invokeExact(captured, 0, NON_BLOCKING_AND_CLOSED_ON_EXEC));
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Makes an event descriptor ready. From any thread. */
  void signal(int eventDescriptor) {
    try (Arena arena = Arena.ofConfined()) {
      // It can fail only by being ready already.
      var _ =
          (long) WRITE.invokeExact(arena.allocate(CAPTURED), eventDescriptor, one, one.byteSize());
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** What an error number means, such as "Connection refused". */
  static String words(int error) {
    try {
      var text = (MemorySegment) STRERROR.invokeExact(error);
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private static IllegalStateException broken(Throwable error) {
    return new IllegalStateException("the C library cannot be called", error);
  }
}
