package io.openneg.edgeproxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One of a tunnel's two connections. What it reads it writes to the other one, and reads on only
 * when that has taken it: no more than a write buffer is in memory. Confined to its event loop.
 */
final class TunnelEnd extends ChannelInboundHandlerAdapter {

  private final Tunnel tunnel;
  private final LongAdder count;

  /** What has come with a TLS handshake, before there was another end. */
  private final Queue<ByteBuf> early = new ArrayDeque<>();

  private @Nullable Channel channel;
  private @Nullable TunnelEnd other;
  private boolean ended;

  /**
   * @param count of the bytes that come in here
   */
  TunnelEnd(Tunnel tunnel, LongAdder count) {
    this.tunnel = tunnel;
    this.count = count;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
  }

  /** Begins to move bytes to the other end. */
  void join(TunnelEnd to) {
    other = to;
    for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
      to.write(bytes);
    }
    to.flush();
    if (ended) {
      to.endOutput();
    }
    readOn();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    tunnel.onMoved(bytes, count);
    if (other == null) {
      early.add(bytes);
    } else {
      other.write(bytes);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (other != null) {
      other.flush();
      readOn();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (other != null) {
      other.readOn();
    }
  }

  private void readOn() {
    if (!ended && channel != null && other != null && other.isWritable()) {
      channel.read();
    }
  }

  private boolean isWritable() {
    return channel != null && channel.isWritable();
  }

  private void write(ByteBuf bytes) {
    if (channel == null) {
      bytes.release();
    } else {
      // A failure also closes the channel, and that is noticed.
      var _ = channel.write(bytes, channel.voidPromise());
    }
  }

  private void flush() {
    if (channel != null) {
      channel.flush();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      inputEnded();
    }
  }

  /** The other side has said all it had to say; what it is told may go on. */
  private void inputEnded() {
    if (ended) {
      return;
    }
    ended = true;
    if (other != null && other.ended) {
      tunnel.close();
    } else if (other != null) {
      other.endOutput();
    }
  }

  private void endOutput() {
    if (channel != null) {
      Channel out = channel;
      out.writeAndFlush(Unpooled.EMPTY_BUFFER)
          .addListener(
              written -> {
                if (written.isSuccess()) {
                  shutdownOutput(out);
                }
              });
    }
  }

  private static void shutdownOutput(Channel out) {
    SslHandler tls = out.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    } else if (out instanceof DuplexChannel duplex) {
      var _ = duplex.shutdownOutput();
    }
  }

  /** Closes when all that was written is out. */
  void closeAfterRest() {
    if (channel != null) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  void abort() {
    if (channel != null) {
      Tunnel.abort(channel);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
    if (other != null) {
      tunnel.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Before they are joined, a failure of the endpoint's end is one of connecting to it.
    if (other != null) {
      tunnel.reset();
    } else {
      var _ = context.close();
    }
  }
}
