package io.openneg.healthservice.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that opens connections, and waits for what becomes of them and for tasks. What is set
 * for a time runs up to a millisecond late. Sockets are opened and used on its thread only.
 */
public final class SocketLoop extends SingleThreadEventExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(SocketLoop.class);
  private static final int READ_BYTES = 16 * 1024;
  private static final long WAKE_UP = -1;

  private final Kernel kernel = new Kernel();
  private final EpollEvents events = new EpollEvents();
  private final MemorySegment readBytes = Arena.ofAuto().allocate(READ_BYTES);
  private final ByteBuf read = Unpooled.wrappedBuffer(readBytes.asByteBuffer());
  private final MemorySegment written = Arena.ofAuto().allocate(READ_BYTES);
  private final MemorySegment address = Arena.ofAuto().allocate(SocketAddresses.MAX_BYTES, 8);
  private final int epoll;
  private final int alarm;
  private final AtomicBoolean asleep = new AtomicBoolean();
  // By descriptor.
  private @Nullable TcpSocket[] sockets = new TcpSocket[256];
  private int serial;

  /**
   * Starts with its first task.
   *
   * @throws IllegalStateException when there is no file descriptor for it
   */
  public SocketLoop(ThreadFactory threads) {
    super(null, threads, false);
    epoll = checked(kernel.newEpoll());
    alarm = checked(kernel.newEventDescriptor());
    checked(kernel.watch(epoll, alarm, Kernel.EPOLLIN | Kernel.EPOLLET, WAKE_UP));
  }

  /** Whether this machine has what it takes: Linux, on a processor whose numbers are known here. */
  public static boolean isAvailable() {
    String arch = System.getProperty("os.arch");
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux")
        && (arch.equals("amd64") || arch.equals("aarch64"));
  }

  private static int checked(int result) {
    if (result < 0) {
      throw new IllegalStateException("no event loop: " + Kernel.words(-result));
    }
    return result;
  }

  /**
   * Begins to connect; on the loop's thread.
   *
   * @param speaksFirst whether something is sent as soon as the connection stands; then the last
   *     packet of connecting waits for it and goes with it
   * @param events hears on the loop's thread, later, of what becomes of it
   * @throws SocketException when there is no connection even to be waited for
   */
  public TcpSocket connect(InetSocketAddress address, boolean speaksFirst, TcpSocket.Events events)
      throws SocketException {
    TcpSocket socket = TcpSocket.connect(this, address, speaksFirst, ++serial, events);
    int fd = socket.descriptor();
    if (fd >= sockets.length) {
      sockets = Arrays.copyOf(sockets, Math.max(fd + 1, sockets.length * 2));
    }
    sockets[fd] = socket;
    return socket;
  }

  Kernel kernel() {
    return kernel;
  }

  int epoll() {
    return epoll;
  }

  /** Room for one. */
  MemorySegment address() {
    return address;
  }

  /** Where bytes to be sent are put. */
  MemorySegment written() {
    return written;
  }

  MemorySegment readBytes() {
    return readBytes;
  }

  /** The bytes just read; good until the next are. */
  ByteBuf read(int count) {
    return read.setIndex(0, count);
  }

  void closed(int fd) {
    sockets[fd] = null;
  }

  @Override
  protected void run() {
    do {
      int ready = await();
      for (int i = 0; i < ready; i++) {
        handle(events.data(i), events.flags(i));
      }
      runAllTasks();
    } while (!confirmShutdown());
  }

  private int await() {
    asleep.set(true);
    // A task that came before is seen here, one that comes later sees that this sleeps.
    int ready = kernel.await(epoll, events, hasTasks() ? 0 : millisToNextTask());
    asleep.set(false);
    if (ready < 0 && ready != -Kernel.EINTR) {
      LOG.error("waiting for sockets failed: {}", Kernel.words(-ready));
    }
    return ready;
  }

  private int millisToNextTask() {
    long nanos = delayNanos(System.nanoTime());
    return (int) TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
  }

  private void handle(long data, int flags) {
    if (data == WAKE_UP) {
      return;
    }
    TcpSocket socket = sockets[TcpSocket.descriptor(data)];
    // The descriptor may be another socket's since, which has a serial number of its own.
    if (socket == null || socket.key() != data) {
      return;
    }
    try {
      socket.handle(flags);
    } catch (RuntimeException e) {
      LOG.error("an event of a socket was not handled", e);
      socket.close();
    }
  }

  @Override
  protected void wakeup(boolean inEventLoop) {
    if (!inEventLoop && asleep.compareAndSet(true, false)) {
      kernel.signal(alarm);
    }
  }

  @Override
  protected void cleanup() {
    for (TcpSocket socket : sockets) {
      if (socket != null) {
        socket.close();
      }
    }
    kernel.close(alarm);
    kernel.close(epoll);
  }
}
