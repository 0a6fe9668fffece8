package io.openneg.healthservice.probe;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.openneg.healthservice.target.ProbeRecipe;

/**
 * What is said on one connection, once for each probe that uses it. Confined to the connection's
 * event loop. A conversation tells its end to the probe that it was begun for, and to nobody when
 * none is under way.
 */
interface Conversation {

  /** What the connection needs, behind TLS if there is any. */
  ChannelHandler[] handlers();

  /** Asks on an open connection. */
  void begin(Channel channel, ProbeAttempt attempt);

  /**
   * @param keep whether the server is to keep the connection for the next probe
   */
  static Conversation of(ProbeRecipe recipe, boolean keep) {
    return switch (recipe) {
      case ProbeRecipe.Http http ->
          switch (http.version()) {
            case HTTP_1_1 -> new HttpConversation(http, keep);
            case HTTP_2 -> new Http2Conversation(() -> new Http2Get(http));
          };
      case ProbeRecipe.Tcp tcp -> new TcpConversation(tcp);
      case ProbeRecipe.Grpc grpc -> new Http2Conversation(() -> new GrpcHealthCall(grpc));
    };
  }
}
