package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All streams of this replica. A snapshot goes to each on a thread of its own, so none waits for
 * another. Before the first snapshot nobody is told anything: unknown is not empty. Thread-safe.
 */
public final class ConnectedProxies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectedProxies.class);

  private final Duration bound;
  private final Set<ConnectedProxy> proxies = ConcurrentHashMap.newKeySet();
  private final ExecutorService publishers = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("xds-timer").daemon().factory());
  private volatile @Nullable XdsSnapshot snapshot;

  /**
   * @param bound how long a client may take to acknowledge before things go on without it
   */
  public ConnectedProxies(Duration bound) {
    this.bound = bound;
  }

  ConnectedProxy connect(ServerCallStreamObserver<DiscoveryResponse> out) {
    ConnectedProxy proxy = new ConnectedProxy(out, bound, timer);
    proxies.add(proxy);
    // After it was added, so that it misses none that is published meanwhile.
    XdsSnapshot current = snapshot;
    if (current != null) {
      proxy.publish(current);
    }
    return proxy;
  }

  void disconnect(ConnectedProxy proxy) {
    proxies.remove(proxy);
    proxy.close();
  }

  /** Tells every proxy; returns at once. */
  public void publish(XdsSnapshot next) {
    snapshot = next;
    for (ConnectedProxy proxy : proxies) {
      publishers.execute(() -> publish(proxy));
    }
  }

  private void publish(ConnectedProxy proxy) {
    XdsSnapshot newest = snapshot;
    if (newest == null) {
      return;
    }
    try {
      proxy.publish(newest);
    } catch (RuntimeException e) {
      LOG.warn("a stream failed and is closed: {}", e.toString());
      disconnect(proxy);
    }
  }

  public List<ProxyStatus> status() {
    return proxies.stream().map(ConnectedProxy::status).flatMap(Optional::stream).toList();
  }

  @Override
  public void close() {
    publishers.shutdownNow();
    timer.shutdownNow();
  }
}
