package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.openneg.healthservice.target.ProbeRecipe;
import org.jspecify.annotations.Nullable;

/**
 * A connection, then what the check says, then an answer that begins as it expects. Without an
 * expected answer, connecting and sending is enough.
 */
final class TcpConversation extends SimpleChannelInboundHandler<ByteBuf> implements Conversation {
  private final byte[] request;
  private final TcpAnswer answer;
  private @Nullable ProbeAttempt attempt;

  TcpConversation(ProbeRecipe.Tcp recipe) {
    this.request = TcpAnswer.request(recipe);
    this.answer = new TcpAnswer(recipe);
  }

  @Override
  public ChannelHandler[] handlers() {
    return new ChannelHandler[] {this};
  }

  @Override
  public void begin(Channel channel, ProbeAttempt begun) {
    attempt = begun;
    if (request.length == 0) {
      sent(begun, null);
    } else {
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(request))
          .addListener(written -> sent(begun, written.cause()));
    }
  }

  private void sent(ProbeAttempt begun, @Nullable Throwable error) {
    if (error != null) {
      begun.end(Failures.reading(error, begun.peer()));
    } else if (!answer.isExpected()) {
      begun.end(TcpAnswer.connected(begun.peer()));
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (attempt == null || attempt.hasEnded() || !answer.isExpected()) {
      return;
    }
    ProbeEnd end = answer.read(bytes);
    if (end != null) {
      attempt.end(end);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (attempt != null) {
      attempt.end(answer.endedEarly());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    if (attempt != null) {
      attempt.end(Failures.reading(error, attempt.peer()));
    }
    var _ = ctx.close();
  }
}
