package io.openneg.edgeproxy.upstream;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.openneg.edgeproxy.config.ClusterConfig;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connections of one cluster that carry a client's connection as a whole. They are
 * Netty's: Vert.x 4 closes a connection of which the other side has ended its half. Thread-safe.
 */
final class TunnelConnector {

  private final ClusterConfig config;
  private final @Nullable SslContext tls;

  TunnelConnector(ClusterConfig config) {
    this.config = config;
    this.tls = config.tls() ? tls(config.protocol()) : null;
  }

  private static SslContext tls(ClusterConfig.Protocol protocol) {
    SslContextBuilder builder =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE);
    if (protocol == ClusterConfig.Protocol.HTTP_2) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              "h2"));
    }
    try {
      return builder.build();
    } catch (SSLException e) {
      throw new IllegalStateException("this Java has no TLS", e);
    }
  }

  /** Connects on the client's event loop; over TLS, when the handshake is done. */
  Future<Channel> connect(UpstreamHost host, Channel client, ChannelHandler handler) {
    Promise<Channel> ready = client.eventLoop().newPromise();
    int timeout = (int) Math.min(config.connectTimeout().toMillis(), Integer.MAX_VALUE);
    new Bootstrap()
        .group(client.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeout)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(handler)
        .connect(new InetSocketAddress(host.address().ip(), host.address().port()))
        .addListener(
            (io.netty.channel.ChannelFuture connected) -> {
              if (connected.isSuccess()) {
                open(connected.channel(), client, timeout, ready);
              } else {
                ready.setFailure(connected.cause());
              }
            });
    return ready.addListener(
        (Future<Channel> connected) -> {
          if (connected.isSuccess()) {
            host.connected(connected.getNow());
          }
        });
  }

  private void open(Channel channel, Channel client, int timeoutMillis, Promise<Channel> ready) {
    if (config.proxyProtocol()) {
      String header = ProxyHeader.of(client.remoteAddress(), client.localAddress());
      var _ =
          channel.writeAndFlush(
              Unpooled.copiedBuffer(header, StandardCharsets.US_ASCII), channel.voidPromise());
    }
    if (tls == null) {
      ready.setSuccess(channel);
      return;
    }
    SslHandler handshake = tls.newHandler(channel.alloc());
    handshake.setHandshakeTimeoutMillis(timeoutMillis);
    channel.pipeline().addFirst(handshake);
    handshake
        .handshakeFuture()
        .addListener(
            (Future<Channel> done) -> {
              if (done.isSuccess()) {
                ready.setSuccess(channel);
              } else {
                var _ = channel.close();
                ready.setFailure(done.cause());
              }
            });
    channel.read();
  }
}
