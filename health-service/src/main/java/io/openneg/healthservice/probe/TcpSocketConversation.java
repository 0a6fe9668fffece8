package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.openneg.healthservice.socket.SocketException;
import io.openneg.healthservice.target.ProbeRecipe;
import org.jspecify.annotations.Nullable;

/** What {@link TcpConversation} says, on a bare connection. */
final class TcpSocketConversation implements SocketConversation {
  private final ProbeRecipe.Tcp recipe;
  private final byte[] request;
  private final TcpAnswer answer;
  private @Nullable ProbeAttempt attempt;

  TcpSocketConversation(ProbeRecipe.Tcp recipe, byte[] request) {
    this.recipe = recipe;
    this.request = request;
    this.answer = new TcpAnswer(recipe);
  }

  @Override
  public boolean speaksFirst() {
    return request.length > 0 || followsProxyHeader();
  }

  @Override
  public boolean followsProxyHeader() {
    return recipe.transport().proxyHeader();
  }

  @Override
  public byte[] begin(ProbeAttempt probe, Connection connection) {
    attempt = probe;
    return request;
  }

  @Override
  public void sent() {
    if (attempt != null && !answer.isExpected()) {
      attempt.end(TcpAnswer.connected(attempt.peer()));
    }
  }

  @Override
  public void received(ByteBuf bytes) {
    if (attempt != null && answer.isExpected()) {
      ProbeEnd end = answer.read(bytes);
      if (end != null) {
        attempt.end(end);
      }
    }
  }

  @Override
  public void ended() {
    if (attempt != null) {
      attempt.end(answer.endedEarly());
    }
  }

  @Override
  public void broken(SocketException error) {
    if (attempt != null) {
      attempt.end(Failures.reading(error, attempt.peer()));
    }
  }
}
