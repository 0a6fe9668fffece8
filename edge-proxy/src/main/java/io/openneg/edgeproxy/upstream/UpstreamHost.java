package io.openneg.edgeproxy.upstream;

import io.netty.channel.Channel;
import io.openneg.edgeproxy.balancing.Hashing;
import io.openneg.edgeproxy.config.IpPort;
import io.vertx.core.http.HttpConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * One endpoint of a cluster, with its connections. It outlives its place in the configuration until
 * the last request on it has ended. Thread-safe.
 */
public final class UpstreamHost {

  private final IpPort address;
  private final long key;
  private final AtomicInteger active = new AtomicInteger();
  private final LongAdder requests = new LongAdder();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet(1);
  private final Set<Channel> tunnels = ConcurrentHashMap.newKeySet(1);
  private volatile boolean accepting;
  private volatile boolean removed;

  UpstreamHost(IpPort address) {
    this.address = address;
    this.key = Hashing.of(address.toString());
  }

  public IpPort address() {
    return address;
  }

  /** A hash of its address. */
  long key() {
    return key;
  }

  /** Whether it may get new requests; to be looked at again before a request is sent. */
  public boolean accepting() {
    return accepting;
  }

  /**
   * Requests and forwarded connections in flight, those included that still wait for a connection.
   */
  public int active() {
    return active.get();
  }

  /** Requests and connections that were sent to it since it was added. */
  public long requests() {
    return requests.sum();
  }

  /** Open connections. */
  public int connections() {
    return connections.size() + tunnels.size();
  }

  void accepting(boolean now) {
    accepting = now;
  }

  void removed(boolean now) {
    removed = now;
    closeIfUnused();
    if (now) {
      // It was draining for as long as it was to; a request ends by itself, this may go on for
      // ever.
      for (Channel tunnel : tunnels) {
        var _ = tunnel.close();
      }
    }
  }

  boolean isGone() {
    return removed && active.get() == 0;
  }

  void begin() {
    active.incrementAndGet();
  }

  void sent() {
    requests.increment();
  }

  void end() {
    active.decrementAndGet();
    closeIfUnused();
  }

  void connected(HttpConnection connection) {
    connections.add(connection);
    connection.closeHandler(_ -> connections.remove(connection));
    // The request that asked for it may have given up, and the endpoint may be gone since.
    closeIfUnused();
  }

  /** Takes a connection that is forwarded as a whole. */
  void connected(Channel tunnel) {
    tunnels.add(tunnel);
    tunnel.closeFuture().addListener(_ -> tunnels.remove(tunnel));
    // After it was added: either this is seen by removed(), or its change is seen here.
    if (removed) {
      var _ = tunnel.close();
    }
  }

  private void closeIfUnused() {
    if (isGone()) {
      connections.forEach(HttpConnection::close);
    }
  }
}
