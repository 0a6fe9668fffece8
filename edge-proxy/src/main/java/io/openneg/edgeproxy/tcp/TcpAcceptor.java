package io.openneg.edgeproxy.tcp;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.openneg.edgeproxy.accesslog.AccessLogWriter;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.listening.Acceptor;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import io.openneg.edgeproxy.warming.ServingConfig.TcpServer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Accepts connections that are forwarded as they are. */
public final class TcpAcceptor implements Acceptor {

  private static final int BACKLOG = 1024;

  private final EventLoopGroup eventLoops;
  private final Upstreams upstreams;
  private final TcpStats stats;
  private final AccessLogWriter accessLog;
  private final IpPort address;
  private final Set<Channel> clients = ConcurrentHashMap.newKeySet();
  private final Promise<Void> drained = Promise.promise();
  private volatile TcpServer server;
  private volatile @Nullable ServerTls tls;
  private volatile boolean draining;
  private volatile @Nullable Channel listening;

  /** Does not listen before {@link #bind}. */
  public TcpAcceptor(
      EventLoopGroup eventLoops,
      Upstreams upstreams,
      TcpStats stats,
      AccessLogWriter accessLog,
      IpPort address,
      TcpServer server) {
    this.eventLoops = eventLoops;
    this.upstreams = upstreams;
    this.stats = stats;
    this.accessLog = accessLog;
    this.address = address;
    this.server = server;
    DownstreamTls config = server.config().tls();
    this.tls = config == null ? null : new ServerTls(config, server.certificates());
  }

  @Override
  public Server server() {
    return server;
  }

  @Override
  public boolean serve(Server next) {
    if (!(next instanceof TcpServer tcp)) {
      return false;
    }
    DownstreamTls config = tcp.config().tls();
    ServerTls before = tls;
    if (config == null) {
      tls = null;
    } else {
      tls =
          before == null
              ? new ServerTls(config, tcp.certificates())
              : before.with(config, tcp.certificates());
    }
    server = tcp;
    return true;
  }

  @Override
  public Future<Void> bind() {
    Promise<Void> bound = Promise.promise();
    new ServerBootstrap()
        .group(eventLoops)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel client) {
                accepted(client);
              }
            })
        .bind(new InetSocketAddress(address.ip(), address.port()))
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                listening = done.channel();
                bound.complete();
              } else {
                bound.fail(done.cause());
              }
            });
    return bound.future();
  }

  private void accepted(SocketChannel client) {
    clients.add(client);
    stats.active.increment();
    client
        .closeFuture()
        .addListener(
            _ -> {
              clients.remove(client);
              stats.active.decrement();
              completeIfDrained();
            });
    ServerTls handshakes = tls;
    if (handshakes != null) {
      client.pipeline().addLast(handshakes.handler(client));
    }
    new Tunnel(client, upstreams, stats, accessLog, server.tcp()).open();
  }

  @Override
  public Future<Void> stopAccepting() {
    draining = true;
    Promise<Void> free = Promise.promise();
    Channel channel = listening;
    if (channel == null) {
      free.complete();
    } else {
      channel.close().addListener(_ -> free.complete());
    }
    completeIfDrained();
    return free.future();
  }

  private void completeIfDrained() {
    if (draining && clients.isEmpty()) {
      drained.tryComplete();
    }
  }

  @Override
  public Future<Void> drained() {
    return drained.future();
  }

  @Override
  public Future<Void> close() {
    Future<Void> free = stopAccepting();
    for (Channel client : clients) {
      var _ = client.close();
    }
    return free;
  }
}
