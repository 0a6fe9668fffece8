package io.openneg.healthservice.probe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What one probe sent and got, and when; kept for people who ask for it, and bounded. Confined to
 * its event loop.
 */
sealed interface Transcript {
  /** Of the probes nobody asks about. */
  Transcript NONE = new None();

  /** Something worth a time. */
  void step(String what);

  void sent(String text);

  void sent(ByteBuf bytes);

  void received(String text);

  void received(ByteBuf bytes);

  /** Keeps nothing. */
  record None() implements Transcript {
    @Override
    public void step(String what) {}

    @Override
    public void sent(String text) {}

    @Override
    public void sent(ByteBuf bytes) {}

    @Override
    public void received(String text) {}

    @Override
    public void received(ByteBuf bytes) {}
  }

  /** Keeps the first 4 KiB each way, a byte as one character. */
  final class Kept implements Transcript {
    private static final int LIMIT = 4096;

    private final long begin = System.nanoTime();
    private final List<ProbeReport.Step> steps = new ArrayList<>();
    private final StringBuilder sent = new StringBuilder();
    private final StringBuilder received = new StringBuilder();

    @Override
    public void step(String what) {
      steps.add(new ProbeReport.Step(Duration.ofNanos(System.nanoTime() - begin), what));
    }

    @Override
    public void sent(String text) {
      if (sent.isEmpty()) {
        step("request sent");
      }
      append(sent, text);
    }

    @Override
    public void sent(ByteBuf bytes) {
      sent(bytes.toString(bytes.readerIndex(), bytes.readableBytes(), ISO_8859_1));
    }

    @Override
    public void received(String text) {
      if (received.isEmpty()) {
        step("answer begins");
      }
      append(received, text);
    }

    @Override
    public void received(ByteBuf bytes) {
      received(bytes.toString(bytes.readerIndex(), bytes.readableBytes(), ISO_8859_1));
    }

    private static void append(StringBuilder kept, String text) {
      kept.append(text, 0, Math.min(text.length(), LIMIT - kept.length()));
    }

    List<ProbeReport.Step> steps() {
      return List.copyOf(steps);
    }

    String sent() {
      return sent.toString();
    }

    String received() {
      return received.toString();
    }

    /** Writes down the bytes that pass; for protocols that are text. */
    ChannelHandler tap() {
      return new ChannelDuplexHandler() {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
          if (message instanceof ByteBuf bytes) {
            received(bytes);
          }
          ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
          if (message instanceof ByteBuf bytes) {
            sent(bytes);
          }
          var _ = ctx.write(message, promise);
        }
      };
    }
  }
}
