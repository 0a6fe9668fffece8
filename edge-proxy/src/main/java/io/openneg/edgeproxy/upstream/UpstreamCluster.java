package io.openneg.edgeproxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.openneg.edgeproxy.balancing.Balancer;
import io.openneg.edgeproxy.balancing.Locality;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.ClusterConfig.Protocol;
import io.openneg.edgeproxy.config.Endpoint;
import io.openneg.edgeproxy.config.Health;
import io.openneg.edgeproxy.config.IpPort;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One version of a cluster: its configuration never changes, its endpoints do. Requests come from
 * any event loop; updates from one thread.
 */
public final class UpstreamCluster {

  /** Of connections to one endpoint; requests in flight are limited for the cluster as a whole. */
  private static final int MAX_POOL_SIZE = 1024;

  private static final int MAX_HEADERS_BYTES = 60 * 1024;

  private static final int POOL_CLEANER_MILLIS = 5_000;

  private final ClusterConfig config;
  private final HttpClient client;
  private final TunnelConnector tunnels;
  private final Map<IpPort, UpstreamHost> hosts = new ConcurrentHashMap<>();
  private final long maxRequests;
  private final AtomicLong active = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Assignment assignment;
  private volatile @Nullable Balancer<UpstreamHost> balancer;
  private volatile boolean retired;

  UpstreamCluster(Vertx vertx, ClusterConfig config, Assignment assignment) {
    this.config = config;
    this.assignment = assignment;
    this.maxRequests =
        config.protocol() == Protocol.HTTP_2
            ? config.maxRequests()
            : Math.min(config.maxRequests(), config.maxConnections());
    this.tunnels = new TunnelConnector(config);
    this.client =
        vertx
            .httpClientBuilder()
            .with(options(config))
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(MAX_POOL_SIZE)
                    .setHttp2MaxSize(1)
                    .setCleanerPeriod(POOL_CLEANER_MILLIS))
            .withConnectHandler(this::connected)
            .build();
    update(assignment);
  }

  private static HttpClientOptions options(ClusterConfig config) {
    // Vert.x counts in seconds; a shorter timeout must not become "never".
    long idleSeconds = (config.idleTimeout().toMillis() + 999) / 1000;
    int keepAlive = (int) Math.min(idleSeconds, Integer.MAX_VALUE);
    return new HttpClientOptions()
        .setProtocolVersion(
            config.protocol() == Protocol.HTTP_2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1)
        .setHttp2ClearTextUpgrade(false)
        .setSsl(config.tls())
        .setUseAlpn(config.tls() && config.protocol() == Protocol.HTTP_2)
        .setTrustAll(true)
        .setVerifyHost(false)
        .setConnectTimeout((int) Math.min(config.connectTimeout().toMillis(), Integer.MAX_VALUE))
        .setKeepAliveTimeout(keepAlive)
        .setHttp2KeepAliveTimeout(keepAlive)
        .setMaxHeaderSize(MAX_HEADERS_BYTES)
        .setMaxInitialLineLength(MAX_HEADERS_BYTES)
        .setDecompressionSupported(false);
  }

  private void connected(HttpConnection connection) {
    SocketAddress remote = connection.remoteAddress();
    UpstreamHost host =
        remote == null ? null : hosts.get(new IpPort(remote.hostAddress(), remote.port()));
    if (host == null) {
      // Its endpoint went while the connection was being made.
      connection.close();
    } else {
      host.connected(connection);
    }
  }

  /**
   * Takes other endpoints. Once it returns, no request begins on an endpoint that is not eligible
   * any more; those in flight are left alone.
   */
  void update(Assignment next) {
    Set<IpPort> named = new HashSet<>();
    Set<IpPort> healthy = new HashSet<>();
    for (Assignment.Group group : next.groups()) {
      for (Endpoint endpoint : group.endpoints()) {
        named.add(endpoint.address());
        if (endpoint.health() == Health.HEALTHY) {
          healthy.add(endpoint.address());
        }
      }
    }
    hosts.values().removeIf(UpstreamHost::isGone);
    for (IpPort address : named) {
      hosts.computeIfAbsent(address, UpstreamHost::new).removed(false);
    }
    // A request is turned away from an endpoint that does not accept, and chooses again. So nothing
    // may be there to choose that does not accept: first what opens, then the choice, then what
    // closes.
    healthy.forEach(address -> accept(address, true));
    balancer =
        new Balancer<>(
            config.policy(),
            localities(next),
            config.localityWeighted(),
            next.overprovisioningPercent(),
            UpstreamHost::active,
            UpstreamHost::key,
            new SplittableRandom(),
            balancer);
    assignment = next;
    for (IpPort address : hosts.keySet()) {
      if (!healthy.contains(address)) {
        accept(address, false);
      }
    }
    hosts.forEach((address, host) -> host.removed(!named.contains(address)));
  }

  private void accept(IpPort address, boolean now) {
    UpstreamHost host = hosts.get(address);
    if (host != null) {
      host.accepting(now);
    }
  }

  private List<Locality<UpstreamHost>> localities(Assignment next) {
    List<Locality<UpstreamHost>> localities = new ArrayList<>();
    for (Assignment.Group group : next.groups()) {
      List<UpstreamHost> eligible = new ArrayList<>();
      for (Endpoint endpoint : group.endpoints()) {
        UpstreamHost host = hosts.get(endpoint.address());
        if (host != null && endpoint.health() == Health.HEALTHY) {
          eligible.add(host);
        }
      }
      localities.add(
          new Locality<>(
              group.priority() + "/" + group.locality(),
              group.priority(),
              group.weight(),
              group.endpoints().size(),
              eligible));
    }
    return localities;
  }

  /** Of the endpoints that another version of the cluster has now, follows those that are gone. */
  void follow(Assignment current) {
    Set<IpPort> named = addresses(current);
    hosts.forEach((address, host) -> host.removed(!named.contains(address)));
  }

  private static Set<IpPort> addresses(Assignment assignment) {
    Set<IpPort> named = new HashSet<>();
    assignment.groups().forEach(g -> g.endpoints().forEach(e -> named.add(e.address())));
    return named;
  }

  /**
   * Chooses an endpoint for a connection that is forwarded as a whole.
   *
   * @param avoid endpoints that were tried before
   */
  public Admission admitConnection(Collection<UpstreamHost> avoid) {
    return admit(avoid, false, OptionalLong.empty(), config.maxConnections());
  }

  /**
   * Chooses an endpoint for a request.
   *
   * @param avoid endpoints that were tried before
   * @param retry whether the request has failed on another endpoint
   * @param hash of what says where the request belongs; empty: it belongs nowhere
   */
  public Admission admit(Collection<UpstreamHost> avoid, boolean retry, OptionalLong hash) {
    return admit(avoid, retry, hash, maxRequests);
  }

  private Admission admit(
      Collection<UpstreamHost> avoid, boolean retry, OptionalLong hash, long limit) {
    long inFlight = active.incrementAndGet();
    // After the increment: either this is seen by retire(), or retire() is seen here.
    if (retired) {
      ended();
      return new Admission.Retired();
    }
    if (inFlight > limit) {
      ended();
      return new Admission.Overflow();
    }
    if (retry && retries.incrementAndGet() > config.maxRetries()) {
      retries.decrementAndGet();
      ended();
      return new Admission.Overflow();
    }
    Balancer<UpstreamHost> chooser = balancer;
    UpstreamHost host = chooser == null ? null : choose(chooser, avoid, hash);
    if (host == null) {
      if (retry) {
        retries.decrementAndGet();
      }
      ended();
      return new Admission.NoHealthyHost();
    }
    host.begin();
    return new Admission.Granted(new Lease(this, host, retry));
  }

  private static @Nullable UpstreamHost choose(
      Balancer<UpstreamHost> chooser, Collection<UpstreamHost> avoid, OptionalLong hash) {
    if (hash.isPresent()) {
      return chooser.next(hash.getAsLong(), avoid);
    }
    return avoid.isEmpty() ? chooser.next() : chooser.nextOther(avoid);
  }

  Future<HttpClientRequest> connect(UpstreamHost host, HttpMethod method, String uri) {
    IpPort address = host.address();
    return client.request(
        new RequestOptions()
            .setHost(address.ip())
            .setPort(address.port())
            .setMethod(method)
            .setURI(uri));
  }

  io.netty.util.concurrent.Future<Channel> forward(
      UpstreamHost host, Channel client, ChannelHandler handler) {
    return tunnels.connect(host, client, handler);
  }

  void end(UpstreamHost host, boolean retry) {
    host.end();
    if (retry) {
      retries.decrementAndGet();
    }
    ended();
  }

  private void ended() {
    if (active.decrementAndGet() == 0 && retired) {
      close();
    }
  }

  /** Lets the requests in flight end, then closes all connections. */
  void retire() {
    retired = true;
    hosts.values().forEach(host -> host.accepting(false));
    if (active.get() == 0) {
      close();
    }
  }

  /** Closes all connections at once. */
  void close() {
    if (closed.compareAndSet(false, true)) {
      var _ = client.close();
    }
  }

  boolean isClosed() {
    return closed.get();
  }

  public ClusterConfig config() {
    return config;
  }

  /** The endpoints in effect. */
  public Assignment assignment() {
    return assignment;
  }

  /** An endpoint, also one that was removed while requests are still in flight on it, or null. */
  public @Nullable UpstreamHost host(IpPort address) {
    return hosts.get(address);
  }

  /** Endpoints that were removed while requests are still in flight on them. */
  public int leftovers() {
    Set<IpPort> named = addresses(assignment);
    return (int)
        hosts.values().stream()
            .filter(host -> !named.contains(host.address()) && !host.isGone())
            .count();
  }

  /** What is said of an endpoint, once for every place it has; empty: nothing. */
  public Set<Health> health(IpPort address) {
    Set<Health> health = EnumSet.noneOf(Health.class);
    for (Assignment.Group group : assignment.groups()) {
      for (Endpoint endpoint : group.endpoints()) {
        if (endpoint.address().equals(address)) {
          health.add(endpoint.health());
        }
      }
    }
    return health;
  }
}
