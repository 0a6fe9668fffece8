package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.openneg.healthservice.socket.SocketException;
import io.openneg.healthservice.target.ProbeRecipe;
import org.jspecify.annotations.Nullable;

/**
 * GET in HTTP/1.1 on a bare connection. A {@link PlainAnswer} is judged as it lies there; any other
 * goes, from its first byte on, to the decoder and the {@link HttpConversation} that channels have.
 */
final class HttpSocketConversation implements SocketConversation {
  private final ProbeRecipe.Http recipe;
  private final byte[] request;
  private final boolean keep;
  private @Nullable ProbeAttempt attempt;
  private @Nullable Connection connection;
  // What has come of an answer that may yet turn out to be plain.
  private @Nullable ByteBuf begun;
  private @Nullable HttpConversation decoded;
  private @Nullable EmbeddedChannel decoder;

  HttpSocketConversation(ProbeRecipe.Http recipe, byte[] request, boolean keep) {
    this.recipe = recipe;
    this.request = request;
    this.keep = keep;
  }

  @Override
  public boolean speaksFirst() {
    return true;
  }

  @Override
  public boolean followsProxyHeader() {
    return recipe.transport().proxyHeader();
  }

  @Override
  public byte[] begin(ProbeAttempt probe, Connection on) {
    attempt = probe;
    connection = on;
    if (decoded != null) {
      decoded.expect(probe);
    }
    return request;
  }

  @Override
  public void sent() {}

  @Override
  public void received(ByteBuf bytes) {
    ProbeAttempt current = attempt;
    if (current == null) {
      return;
    }
    if (decoder != null) {
      decode(decoder, bytes);
      return;
    }
    ByteBuf answer = begun == null ? bytes : begun.writeBytes(bytes);
    switch (PlainAnswer.read(answer)) {
      case PlainAnswer.Reading.Head(PlainAnswer head) when isWithin(answer, head) ->
          read(current, answer, head);
      case PlainAnswer.Reading.Partial _ -> await(current, answer);
      default -> decodeAll(current, answer);
    }
  }

  /** Whether nothing follows the body. */
  private static boolean isWithin(ByteBuf answer, PlainAnswer head) {
    return answer.writerIndex() - head.bodyStart() <= head.bodyLength();
  }

  private void read(ProbeAttempt current, ByteBuf answer, PlainAnswer head) {
    int there = answer.writerIndex() - head.bodyStart();
    boolean whole = there == head.bodyLength();
    if (!whole && there < ExpectedBody.LIMIT) {
      await(current, answer);
      return;
    }
    var body = new ExpectedBody(recipe.response());
    body.read(answer.slice(head.bodyStart(), there));
    begun = null;
    current.onAnswer();
    if (whole) {
      current.endWithWholeAnswer(body.judge(), keep && head.keepsConnection());
    } else {
      current.end(body.judge());
    }
  }

  private void await(ProbeAttempt current, ByteBuf answer) {
    if (answer.readableBytes() > PlainAnswer.MAX_BYTES) {
      decodeAll(current, answer);
    } else if (begun == null) {
      begun = Unpooled.copiedBuffer(answer);
    }
  }

  private void decodeAll(ProbeAttempt current, ByteBuf answer) {
    begun = null;
    var conversation = new HttpConversation(recipe, keep);
    conversation.expect(current);
    var channel = new EmbeddedChannel(conversation.handlers());
    if (connection != null) {
      Connection decodedOn = connection;
      channel.closeFuture().addListener(_ -> decodedOn.close());
    }
    decoded = conversation;
    decoder = channel;
    decode(channel, answer);
  }

  private static void decode(EmbeddedChannel channel, ByteBuf bytes) {
    var _ = channel.writeInbound(Unpooled.copiedBuffer(bytes));
  }

  @Override
  public void ended() {
    ProbeAttempt current = attempt;
    if (current == null) {
      return;
    }
    decodeBegun(current);
    if (decoder != null) {
      var _ = decoder.finish();
    } else {
      HttpConversation.endedEarly(current);
    }
  }

  @Override
  public void broken(SocketException error) {
    ProbeAttempt current = attempt;
    if (current != null) {
      decodeBegun(current);
      current.broken(Failures.reading(error, current.peer()));
    }
  }

  /** The decoder knows what is to be said of an answer that broke off. */
  private void decodeBegun(ProbeAttempt current) {
    if (begun != null) {
      decodeAll(current, begun);
    }
  }
}
