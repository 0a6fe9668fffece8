package io.openneg.healthservice.probe;

import io.netty.channel.EventLoopGroup;
import io.openneg.healthservice.target.ProbeRecipe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Single probes for tests. */
final class Probes implements AutoCloseable {
  private final EventLoopGroup group = Transports.loops(1);
  private final Lane lane = Lane.on(group.next());
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
    return probe(new Connector(lane, address, recipe, tls, false), timeout);
  }

  /** Keeps a connection between probes. */
  Connector keeping(int port, ProbeRecipe recipe) {
    return new Connector(
        lane, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), recipe, tls, true);
  }

  ProbeEnd probe(Connector connector, Duration timeout) {
    CompletableFuture<ProbeEnd> end = new CompletableFuture<>();
    connector
        .lane()
        .loop()
        .execute(() -> ProbeAttempt.start(connector, timeout, Transcript.NONE, end::complete));
    return end.orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
