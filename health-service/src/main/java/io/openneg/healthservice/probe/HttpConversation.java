package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.ProbeRecipe;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * GET, and an answer of status 200 (compute v1; redirects are not followed). The answer is complete
 * with the end of its body or 1,024 bytes of it, whichever comes first; no more is read.
 */
final class HttpConversation extends SimpleChannelInboundHandler<HttpObject> {
  static final String USER_AGENT = "OpenNEG-HealthCheck/1.0";
  private static final int OK = 200;
  private static final int BODY_LIMIT = 1024;
  private static final int MAX_STATUS_LINE = 4096;
  private static final int MAX_HEADERS = 32 * 1024;

  private final ProbeRecipe.Http recipe;
  private final ProbeAttempt attempt;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private boolean interim;

  private HttpConversation(ProbeRecipe.Http recipe, ProbeAttempt attempt) {
    this.recipe = recipe;
    this.attempt = attempt;
  }

  static ChannelHandler[] handlers(ProbeRecipe.Http recipe, ProbeAttempt attempt) {
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_STATUS_LINE)
            .setMaxHeaderSize(MAX_HEADERS)
            .setValidateHeaders(false);
    return new ChannelHandler[] {
      new HttpClientCodec(limits, false, false), new HttpConversation(recipe, attempt)
    };
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (attempt.onConnected(ctx.channel())) {
      ctx.writeAndFlush(request())
          .addListener(
              written -> {
                if (!written.isSuccess()) {
                  attempt.end(Failures.reading(written.cause(), attempt.peer()));
                }
              });
    }
  }

  private FullHttpRequest request() {
    FullHttpRequest request =
        new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, recipe.path());
    String host = recipe.host().isEmpty() ? attempt.host() : recipe.host();
    request
        .headers()
        .set(HttpHeaderNames.HOST, host)
        .set(HttpHeaderNames.USER_AGENT, USER_AGENT)
        .set(HttpHeaderNames.ACCEPT, "*/*")
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return request;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    if (attempt.hasEnded()) {
      // More than the answer: nobody waits for it.
      var _ = ctx.close();
      return;
    }
    if (part.decoderResult().isFailure()) {
      attempt.end(Failures.garbled(part.decoderResult().cause(), attempt.peer()));
      return;
    }
    if (part instanceof HttpResponse response) {
      interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
      if (!interim) {
        accept(response);
      }
    }
    if (part instanceof HttpContent content && !interim && !attempt.hasEnded()) {
      read(content);
    }
  }

  private void accept(HttpResponse response) {
    int status = response.status().code();
    if (status != OK) {
      @Nullable String location = response.headers().get(HttpHeaderNames.LOCATION);
      attempt.end(
          ProbeEnd.failure(
              ProbeReason.HTTP_STATUS,
              "HTTP status %d%s"
                  .formatted(
                      status,
                      response.status().codeClass() == HttpStatusClass.REDIRECTION
                              && location != null
                          ? " to " + Quote.of(location) + ", which is not followed"
                          : "")));
    }
  }

  private void read(HttpContent content) {
    ByteBuf bytes = content.content();
    byte[] read = new byte[Math.min(bytes.readableBytes(), BODY_LIMIT - body.size())];
    bytes.readBytes(read);
    body.writeBytes(read);
    if (content instanceof LastHttpContent) {
      attempt.endAndLetClose(judge());
    } else if (body.size() == BODY_LIMIT) {
      attempt.end(judge());
    }
  }

  private ProbeEnd judge() {
    // Bytes as characters: a text of several bytes a character is found just so.
    String expected = new String(recipe.response().getBytes(UTF_8), ISO_8859_1);
    String seen = body.toString(ISO_8859_1);
    return seen.contains(expected)
        ? ProbeEnd.success("HTTP status 200")
        : ProbeEnd.failure(
            ProbeReason.RESPONSE_MISMATCH,
            "%s is not in the first %d bytes of the body, which begins with %s"
                .formatted(Quote.of(recipe.response()), BODY_LIMIT, Quote.of(seen)));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    attempt.end(
        ProbeEnd.failure(
            ProbeReason.PROTOCOL_ERROR,
            attempt.peer() + " closed the connection without a complete answer"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    attempt.end(Failures.reading(error, attempt.peer()));
    var _ = ctx.close();
  }
}
