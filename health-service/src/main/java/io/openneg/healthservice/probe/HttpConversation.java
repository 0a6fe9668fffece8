package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import org.jspecify.annotations.Nullable;

/**
 * GET in HTTP/1.1, and an answer of status 200 (compute v1; redirects are not followed). The answer
 * is complete with the end of its body or 1,024 bytes of it, whichever comes first; no more is
 * read.
 */
final class HttpConversation extends SimpleChannelInboundHandler<HttpObject>
    implements Conversation {
  static final String USER_AGENT = "OpenNEG-HealthCheck/1.0";
  private static final String FIXED_HEADERS =
      "\r\nuser-agent: " + USER_AGENT + "\r\naccept: */*\r\n";
  private static final int MAX_STATUS_LINE = 4096;
  private static final int MAX_HEADERS = 32 * 1024;
  private static final HttpDecoderConfig LIMITS =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(MAX_STATUS_LINE)
          .setMaxHeaderSize(MAX_HEADERS)
          .setInitialBufferSize(256)
          .setValidateHeaders(false);

  private final ProbeRecipe.Http recipe;
  private final boolean keep;
  private @Nullable ProbeAttempt attempt;
  private ExpectedBody body;
  private boolean interim;
  private boolean serverKeeps;

  HttpConversation(ProbeRecipe.Http recipe, boolean keep) {
    this.recipe = recipe;
    this.keep = keep;
    this.body = new ExpectedBody(recipe.response());
  }

  @Override
  public ChannelHandler[] handlers() {
    return new ChannelHandler[] {new HttpResponseDecoder(LIMITS), this};
  }

  @Override
  public void begin(Channel channel, ProbeAttempt begun) {
    expect(begun);
    channel
        .writeAndFlush(Unpooled.wrappedBuffer(request(recipe, begun.host(), keep)))
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                begun.broken(Failures.reading(written.cause(), begun.peer()));
              }
            });
  }

  /** What comes now is the answer to this probe. */
  void expect(ProbeAttempt begun) {
    attempt = begun;
    body = new ExpectedBody(recipe.response());
  }

  /** The same few lines every time: Netty's encoder took a quarter of a probe's processor time. */
  static byte[] request(ProbeRecipe.Http recipe, String address, boolean keep) {
    String host = recipe.host().isEmpty() ? address : recipe.host();
    return ("GET "
            + recipe.path()
            + " HTTP/1.1\r\nhost: "
            + host
            + FIXED_HEADERS
            + (keep ? "\r\n" : "connection: close\r\n\r\n"))
        .getBytes(US_ASCII);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    ProbeAttempt current = attempt;
    if (current == null || current.hasEnded()) {
      // More than the answer: nobody waits for it.
      var _ = ctx.close();
      return;
    }
    current.onAnswer();
    if (part.decoderResult().isFailure()) {
      current.end(Failures.garbled("HTTP", part.decoderResult().cause(), current.peer()));
      return;
    }
    if (part instanceof HttpResponse response) {
      interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
      if (!interim && !HttpStatus.passes(response.status().code())) {
        current.end(
            HttpStatus.failure(
                response.status().code(), response.headers().get(HttpHeaderNames.LOCATION)));
      }
      serverKeeps = HttpUtil.isKeepAlive(response);
    }
    if (part instanceof HttpContent content && !interim && !current.hasEnded()) {
      read(current, content);
    }
  }

  private void read(ProbeAttempt current, HttpContent content) {
    body.read(content.content());
    if (content instanceof LastHttpContent) {
      attempt = null;
      current.endWithWholeAnswer(body.judge(), keep && serverKeeps);
    } else if (body.isFull()) {
      current.end(body.judge());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (attempt != null) {
      endedEarly(attempt);
    }
  }

  /** The server closed the connection too early. */
  static void endedEarly(ProbeAttempt attempt) {
    attempt.broken(
        ProbeEnd.failure(
            ProbeReason.PROTOCOL_ERROR,
            attempt.peer() + " closed the connection without a complete answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    if (attempt != null) {
      attempt.broken(Failures.reading(error, attempt.peer()));
    }
    var _ = ctx.close();
  }
}
