package io.openneg.healthservice.probe;

import io.openneg.healthservice.target.ProbeRecipe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Single probes for tests. */
final class Probes implements AutoCloseable {
  private final Lanes lanes;
  private final TlsClients tls;

  Probes() {
    this(new TlsClients(null));
  }

  Probes(TlsClients tls) {
    this(tls, new Lanes(1));
  }

  Probes(TlsClients tls, Lanes lanes) {
    this.tls = tls;
    this.lanes = lanes;
  }

  ProbeEnd.Seen probe(int port, ProbeRecipe recipe, Duration timeout) {
    return (ProbeEnd.Seen)
        probe(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), recipe, timeout);
  }

  ProbeEnd probe(InetSocketAddress address, ProbeRecipe recipe, Duration timeout) {
    return probe(new Connector(lanes.of(recipe, 0), address, recipe, tls, false), timeout);
  }

  /** Keeps a connection between probes. */
  Connector keeping(int port, ProbeRecipe recipe) {
    return new Connector(
        lanes.of(recipe, 0),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        recipe,
        tls,
        true);
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
    lanes.close();
  }
}
