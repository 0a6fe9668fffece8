package io.openneg.healthservice.probe;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import javax.net.ssl.SSLSession;

/** Lets the conversation begin when the connection stands, and TLS with it. */
final class Gate extends ChannelInboundHandlerAdapter {
  private final ChannelConnection connection;
  private final boolean encrypted;
  private final boolean http2;

  Gate(ChannelConnection connection, boolean encrypted, boolean http2) {
    this.connection = connection;
    this.encrypted = encrypted;
    this.http2 = http2;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ProbeAttempt attempt = connection.attempt();
    if (!attempt.onConnected(ctx.channel().localAddress(), ctx.channel().remoteAddress())) {
      return;
    }
    if (encrypted) {
      ctx.fireChannelActive();
    } else {
      open(ctx, attempt);
    }
  }

  private void open(ChannelHandlerContext ctx, ProbeAttempt attempt) {
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
    attempt.onOpen(connection);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      ProbeAttempt attempt = connection.attempt();
      SslHandler tls = ctx.pipeline().get(SslHandler.class);
      if (!handshake.isSuccess()) {
        attempt.end(Failures.encrypting(handshake.cause(), attempt.peer()));
      } else if (http2 && !ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
        attempt.end(
            ProbeEnd.failure(
                ProbeReason.TLS_ERROR,
                "%s does not offer HTTP/2 over TLS (ALPN h2)".formatted(attempt.peer())));
      } else {
        SSLSession session = tls.engine().getSession();
        attempt
            .transcript()
            .step("%s, %s".formatted(session.getProtocol(), session.getCipherSuite()));
        open(ctx, attempt);
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ProbeAttempt attempt = connection.attempt();
    attempt.end(Failures.closedWhileEncrypting(attempt.peer()));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
    ProbeAttempt attempt = connection.attempt();
    attempt.end(Failures.encrypting(error, attempt.peer()));
    var _ = ctx.close();
  }
}
