package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A stream of HTTP/2 for each probe. */
final class Http2Conversation implements Conversation {
  private static final int MAX_HEADERS = 32 * 1024;

  private final Supplier<Http2Exchange> exchanges;
  private @Nullable ProbeAttempt attempt;

  Http2Conversation(Supplier<Http2Exchange> exchanges) {
    this.exchanges = exchanges;
  }

  @Override
  public ChannelHandler[] handlers() {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MAX_HEADERS))
            // Whoever has its verdict waits for nothing.
            .gracefulShutdownTimeoutMillis(0)
            .build();
    return new ChannelHandler[] {
      codec, new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), new ConnectionEnd()
    };
  }

  @Override
  public void begin(Channel channel, ProbeAttempt begun) {
    attempt = begun;
    Http2Exchange exchange = exchanges.get();
    new Http2StreamChannelBootstrap(channel)
        .handler(new StreamHandler(begun, exchange))
        .open()
        .addListener((Future<Http2StreamChannel> opened) -> ask(opened, begun, exchange));
  }

  private static void ask(
      Future<Http2StreamChannel> opened, ProbeAttempt begun, Http2Exchange exchange) {
    if (!opened.isSuccess()) {
      begun.broken(Failures.reading(opened.cause(), begun.peer()));
      return;
    }
    Http2StreamChannel stream = opened.getNow();
    var headers = exchange.request(begun.host());
    ByteBuf body = exchange.body();
    begun.transcript().sent(headers.toString());
    var written = stream.write(new DefaultHttp2HeadersFrame(headers, body == null));
    if (body != null) {
      begun.transcript().sent(body);
      written = stream.write(new DefaultHttp2DataFrame(body, true));
    }
    written.addListener(
        done -> {
          if (!done.isSuccess()) {
            begun.broken(Failures.reading(done.cause(), begun.peer()));
          }
        });
    stream.flush();
  }

  /** The answer of one stream. */
  private static final class StreamHandler extends ChannelInboundHandlerAdapter {
    private final ProbeAttempt begun;
    private final Http2Exchange exchange;

    private StreamHandler(ProbeAttempt begun, Http2Exchange exchange) {
      this.begun = begun;
      this.exchange = exchange;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      try {
        if (!begun.hasEnded()) {
          begun.onAnswer();
          read(frame);
        }
      } catch (NumberFormatException e) {
        begun.end(Failures.garbled("HTTP/2", e, begun.peer()));
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    private void read(Object frame) {
      switch (frame) {
        case Http2HeadersFrame head -> {
          begun.transcript().received(head.headers().toString());
          judge(exchange.headers(head.headers(), head.isEndStream()), head.isEndStream());
        }
        case Http2DataFrame data -> {
          begun.transcript().received(data.content());
          judge(exchange.data(data.content(), data.isEndStream()), data.isEndStream());
        }
        default -> {
          // Frames of the connection, and kinds that a GET does not need.
        }
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        begun.end(
            ProbeEnd.failure(
                ProbeReason.RESET,
                "%s reset the stream: %s"
                    .formatted(begun.peer(), Http2Error.valueOf(reset.errorCode()))));
      }
      ctx.fireUserEventTriggered(event);
    }

    private void judge(@Nullable ProbeEnd verdict, boolean last) {
      if (verdict == null) {
        return;
      }
      if (last) {
        begun.endWithWholeAnswer(verdict, true);
      } else {
        begun.end(verdict);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      begun.broken(
          ProbeEnd.failure(
              ProbeReason.PROTOCOL_ERROR,
              begun.peer() + " closed the connection without a complete answer"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
      begun.broken(Failures.reading(error, begun.peer()));
      var _ = ctx.close();
    }
  }

  /** What becomes of the connection below the streams. */
  private final class ConnectionEnd extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      // No probe more; the one under way may still get its answer.
      if (frame instanceof Http2GoAwayFrame && (attempt == null || attempt.hasEnded())) {
        var _ = ctx.close();
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
      if (attempt != null) {
        attempt.broken(
            error instanceof Http2Exception
                ? Failures.garbled("HTTP/2", error, attempt.peer())
                : Failures.reading(error, attempt.peer()));
      }
      var _ = ctx.close();
    }
  }
}
