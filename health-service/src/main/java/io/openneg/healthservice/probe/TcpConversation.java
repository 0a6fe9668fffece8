package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
final class TcpConversation extends SimpleChannelInboundHandler<ByteBuf> {
  private final ProbeAttempt attempt;
  private final byte[] request;
  private final byte[] expected;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();

  TcpConversation(ProbeRecipe.Tcp recipe, ProbeAttempt attempt) {
    this.attempt = attempt;
    this.request = recipe.request().getBytes(UTF_8);
    this.expected = recipe.response().getBytes(UTF_8);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!attempt.onConnected(ctx.channel())) {
      return;
    }
    if (request.length == 0) {
      sent(null);
    } else {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(request))
          .addListener(written -> sent(written.cause()));
    }
  }

  private void sent(@Nullable Throwable error) {
    if (error != null) {
      attempt.end(Failures.reading(error, attempt.peer()));
    } else if (expected.length == 0) {
      attempt.end(ProbeEnd.success("connected to " + attempt.peer()));
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (attempt.hasEnded() || expected.length == 0) {
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
    attempt.end(mismatch("ended after %d bytes".formatted(answer.size())));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    attempt.end(Failures.reading(error, attempt.peer()));
    var _ = ctx.close();
  }
}
