package io.openneg.healthservice.probe;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.openneg.healthservice.target.ProbeRecipe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Single probes for tests. */
final class Probes implements AutoCloseable {
  private final NioEventLoopGroup group = new NioEventLoopGroup(1);
  private final TlsClients tls;

  Probes() {
    this(new TlsClients(null));
  }

  Probes(TlsClients tls) {
    this.tls = tls;
  }

  ProbeEnd.Seen probe(int port, ProbeRecipe recipe, Duration timeout) {
    return (ProbeEnd.Seen)
        probe(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), recipe, timeout);
  }

  ProbeEnd probe(InetSocketAddress address, ProbeRecipe recipe, Duration timeout) {
    return probe(new Connector(group.next(), address, recipe, tls, false), timeout);
  }

  /** Keeps a connection between probes. */
  Connector keeping(int port, ProbeRecipe recipe) {
    EventLoop loop = group.next();
    return new Connector(
        loop, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), recipe, tls, true);
  }

  ProbeEnd probe(Connector connector, Duration timeout) {
    CompletableFuture<ProbeEnd> end = new CompletableFuture<>();
    connector
        .loop()
        .execute(() -> ProbeAttempt.start(connector, timeout, Transcript.NONE, end::complete));
    return end.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
