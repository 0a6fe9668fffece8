package io.openneg.healthservice.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * A connection to be, or one that stands. Watched once, for all that may become of it, and told
 * only of what is new: so a request and its answer take seven calls of the kernel, opening and
 * closing included. Confined to its loop.
 */
public final class TcpSocket {
  private static final int BROKEN = Kernel.EPOLLERR | Kernel.EPOLLHUP;
  private static final int OVER = Kernel.EPOLLRDHUP | BROKEN;
  private static final byte[] NOTHING = {};

  private final SocketLoop loop;
  private final int fd;
  private final long key;
  private final Events events;
  private byte[] unsent = NOTHING;
  private int sent;
  private boolean connected;
  private boolean idle;
  private boolean peerEnded;
  private boolean open = true;

  /** What becomes of a connection. Called on its loop, and no more once it is closed. */
  public interface Events {
    /** It stands. */
    void connected();

    /** There is no connection. The socket is closed. */
    void notConnected(SocketException error);

    /** All that was to be sent is the kernel's. */
    void sent();

    /**
     * @param bytes good until this returns
     */
    void received(ByteBuf bytes);

    /** The other side says no more. The socket is closed. */
    void ended();

    /** The connection broke. The socket is closed. */
    void broken(SocketException error);
  }

  private TcpSocket(SocketLoop loop, int fd, int serial, Events events) {
    this.loop = loop;
    this.fd = fd;
    this.key = (long) serial << 32 | fd;
    this.events = events;
  }

  static TcpSocket connect(
      SocketLoop loop, InetSocketAddress address, boolean speaksFirst, int serial, Events events)
      throws SocketException {
    Kernel kernel = loop.kernel();
    int fd = kernel.socket(SocketAddresses.family(address.getAddress()));
    if (fd < 0) {
      throw new SocketException(-fd, true);
    }
    if (speaksFirst) {
      // Without it nothing is lost but a packet.
      kernel.setOption(fd, Kernel.IPPROTO_TCP, Kernel.TCP_QUICKACK, 0);
    }
    int error = kernel.connect(fd, SocketAddresses.write(address, loop.address()));
    if (error == 0 || error == -Kernel.EINPROGRESS || error == -Kernel.EINTR) {
      TcpSocket socket = new TcpSocket(loop, fd, serial, events);
      error =
          kernel.watch(
              loop.epoll(),
              fd,
              Kernel.EPOLLIN | Kernel.EPOLLOUT | Kernel.EPOLLRDHUP | Kernel.EPOLLET,
              socket.key);
      if (error == 0) {
        return socket;
      }
      kernel.close(fd);
      throw new SocketException(-error, true);
    }
    kernel.close(fd);
    throw new SocketException(-error, false);
  }

  static int descriptor(long key) {
    return (int) key;
  }

  int descriptor() {
    return fd;
  }

  long key() {
    return key;
  }

  public boolean isOpen() {
    return open;
  }

  /** Its own end of the connection, which must stand. */
  public InetSocketAddress localAddress() throws SocketException {
    MemorySegment address = loop.address();
    int error = loop.kernel().localAddress(fd, address);
    if (error < 0) {
      throw new SocketException(-error, true);
    }
    return SocketAddresses.read(address);
  }

  /**
   * Sends, now or as soon as it can be. What was to be sent before must have been.
   *
   * @param bytes must not change until {@link Events#sent}
   */
  public void send(byte[] bytes) {
    idle = false;
    unsent = bytes;
    sent = 0;
    flush();
  }

  /** Whether the other side is known to say no more than what may have come already. */
  public boolean hasPeerEnded() {
    return peerEnded;
  }

  /**
   * Nothing more is expected: it closes as soon as the other side does so or says anything more.
   * Sending ends that.
   */
  public void expectNothing() {
    idle = true;
  }

  void handle(int flags) {
    peerEnded |= (flags & OVER) != 0;
    if (!connected) {
      if ((flags & BROKEN) != 0) {
        int error = loop.kernel().pendingError(fd);
        if (error < 0) {
          close();
          events.notConnected(new SocketException(-error, false));
          return;
        }
      }
      if ((flags & Kernel.EPOLLOUT) == 0) {
        return;
      }
      connected = true;
      events.connected();
    } else if (sent < unsent.length && (flags & Kernel.EPOLLOUT) != 0) {
      flush();
    }
    if (open && (flags & (Kernel.EPOLLIN | OVER)) != 0) {
      if (idle) {
        close();
      } else {
        read();
      }
    }
  }

  private void read() {
    MemorySegment into = loop.readBytes();
    while (open) {
      int count = loop.kernel().receive(fd, into);
      if (count > 0) {
        events.received(loop.read(count));
        boolean all = count < into.byteSize();
        if (idle && (peerEnded || !all)) {
          close();
        } else if (all && !peerEnded) {
          // Of what comes now there is another event.
          return;
        }
      } else if (count == 0) {
        close();
        events.ended();
      } else if (count == -Kernel.EAGAIN) {
        return;
      } else if (count != -Kernel.EINTR) {
        fail(count);
      }
    }
  }

  private void flush() {
    MemorySegment into = loop.written();
    while (open && sent < unsent.length) {
      int count = (int) Math.min(into.byteSize(), unsent.length - sent);
      MemorySegment.copy(unsent, sent, into, JAVA_BYTE, 0, count);
      int taken = loop.kernel().send(fd, into, count);
      if (taken >= 0) {
        sent += taken;
      } else if (taken == -Kernel.EAGAIN) {
        return;
      } else if (taken != -Kernel.EINTR) {
        fail(taken);
        return;
      }
    }
    if (open) {
      unsent = NOTHING;
      sent = 0;
      events.sent();
    }
  }

  private void fail(int error) {
    close();
    events.broken(new SocketException(-error, false));
  }

  /** Ends it, if it has not ended. */
  public void close() {
    if (open) {
      open = false;
      loop.closed(fd);
      loop.kernel().close(fd);
    }
  }
}
