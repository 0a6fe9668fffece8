package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A connection, then what the check says, then an answer that begins as it expects. Reads as many
 * bytes as it compares. Without an expected answer, connecting and sending is enough.
 */
final class TcpConversation extends SimpleChannelInboundHandler<ByteBuf> implements Conversation {
  private final byte[] request;
  private final byte[] expected;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream(0);
  private @Nullable ProbeAttempt attempt;

  TcpConversation(ProbeRecipe.Tcp recipe) {
    this.request = recipe.request().getBytes(UTF_8);
    this.expected = recipe.response().getBytes(UTF_8);
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
    } else if (expected.length == 0) {
      begun.end(ProbeEnd.success("connected to " + begun.peer()));
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (attempt == null || attempt.hasEnded() || expected.length == 0) {
      return;
    }
    byte[] read = new byte[Math.min(bytes.readableBytes(), expected.length - answer.size())];
    bytes.readBytes(read);
    answer.writeBytes(read);
    byte[] seen = answer.toByteArray();
    if (!Arrays.equals(seen, Arrays.copyOf(expected, seen.length))) {
      attempt.end(mismatch("begins with " + Quote.of(new String(seen, ISO_8859_1))));
    } else if (seen.length == expected.length) {
      attempt.end(ProbeEnd.success("the answer begins as expected"));
    }
  }

  private ProbeEnd mismatch(String but) {
    return ProbeEnd.failure(
        ProbeReason.RESPONSE_MISMATCH,
        "the answer must begin with %s, but %s"
            .formatted(Quote.of(new String(expected, UTF_8)), but));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (attempt != null) {
      attempt.end(mismatch("ended after %d bytes".formatted(answer.size())));
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
