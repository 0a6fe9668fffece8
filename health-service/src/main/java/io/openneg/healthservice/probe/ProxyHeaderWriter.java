package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;

/** Sends version 1 of the PROXY protocol ahead of all else, also of TLS. */
final class ProxyHeaderWriter extends ChannelInboundHandlerAdapter {
  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    var from = (InetSocketAddress) ctx.channel().localAddress();
    var to = (InetSocketAddress) ctx.channel().remoteAddress();
    // A failure to write is one of the connection, which all that follows runs into.
    var _ = ctx.writeAndFlush(Unpooled.copiedBuffer(line(from, to), US_ASCII));
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  /** The header of a connection. */
  static String line(InetSocketAddress from, InetSocketAddress to) {
    return "PROXY TCP4 %s %s %d %d\r\n"
        .formatted(
            from.getAddress().getHostAddress(),
            to.getAddress().getHostAddress(),
            from.getPort(),
            to.getPort());
  }
}
