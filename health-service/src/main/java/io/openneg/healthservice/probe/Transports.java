package io.openneg.healthservice.probe;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.concurrent.ThreadFactory;

/**
 * Sockets of Linux without Java's layer between, where they can be had: a probe is little else than
 * a socket opened and closed.
 */
final class Transports {
  private Transports() {}

  /** Event loops; the caller shuts them down. */
  static EventLoopGroup loops(int count, ThreadFactory threads) {
    return Epoll.isAvailable()
        ? new EpollEventLoopGroup(count, threads)
        : new NioEventLoopGroup(count, threads);
  }

  /**
   * A socket for connections to an address, to be registered with a loop of {@link #loops}. One for
   * IPv4 alone spares what would make an IPv6 one speak it.
   *
   * @throws io.netty.channel.ChannelException when there is no file descriptor for it
   */
  static SocketChannel socket(EventLoop loop, InetAddress peer) {
    if (!(loop.parent() instanceof EpollEventLoopGroup)) {
      return new NioSocketChannel();
    }
    return new EpollSocketChannel(
        peer instanceof Inet4Address ? InternetProtocolFamily.IPv4 : InternetProtocolFamily.IPv6);
  }
}
