package io.openneg.healthservice.probe;

import io.netty.buffer.ByteBuf;
import io.openneg.healthservice.socket.SocketException;
import io.openneg.healthservice.target.ProbeRecipe;

/**
 * What is said on one bare connection, once for each probe that uses it. Confined to its event
 * loop. As {@link Conversation}, it tells its end to the probe that it was begun for.
 */
interface SocketConversation {

  /** Whether this side sends something as soon as the connection stands. */
  boolean speaksFirst();

  /** Whether version 1 of the PROXY protocol goes ahead. */
  boolean followsProxyHeader();

  /** What to send for a probe; empty: nothing. Must not be changed. */
  byte[] begin(ProbeAttempt attempt, Connection connection);

  /** It is sent. */
  void sent();

  /**
   * @param bytes good until this returns
   */
  void received(ByteBuf bytes);

  /** The other side closed the connection. */
  void ended();

  void broken(SocketException error);

  /** What a bare connection says to a target, made once for all of them. */
  static byte[] request(ProbeRecipe recipe, String address, boolean keep) {
    return switch (recipe) {
      case ProbeRecipe.Http http -> HttpConversation.request(http, address, keep);
      case ProbeRecipe.Tcp tcp -> TcpAnswer.request(tcp);
      case ProbeRecipe.Grpc _ -> throw unable();
    };
  }

  static SocketConversation of(ProbeRecipe recipe, byte[] request, boolean keep) {
    return switch (recipe) {
      case ProbeRecipe.Http http -> new HttpSocketConversation(http, request, keep);
      case ProbeRecipe.Tcp tcp -> new TcpSocketConversation(tcp, request);
      case ProbeRecipe.Grpc _ -> throw unable();
    };
  }

  private static IllegalArgumentException unable() {
    return new IllegalArgumentException("gRPC needs more than a bare socket");
  }
}
