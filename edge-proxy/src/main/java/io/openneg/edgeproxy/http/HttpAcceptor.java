package io.openneg.edgeproxy.http;

import io.netty.channel.Channel;
import io.openneg.edgeproxy.accesslog.AccessLogWriter;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.listening.Acceptor;
import io.openneg.edgeproxy.listening.ServerKeys;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.warming.ServingConfig.HttpServer;
import io.openneg.edgeproxy.warming.ServingConfig.Server;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Accepts connections of HTTP clients, on several event loops. */
public final class HttpAcceptor implements Acceptor {

  /** The default of Envoy's max_request_headers_kb. */
  private static final int MAX_HEADERS_BYTES = 60 * 1024;

  private static final long SWEEP_MILLIS = 1_000;

  private final Vertx vertx;
  private final int eventLoops;
  private final @Nullable ServerKeys keys;
  private final Upstreams upstreams;
  private final HttpStats stats;
  private final AccessLogWriter accessLog;
  private final IpPort address;
  private final Map<HttpConnection, Downstream> connections = new ConcurrentHashMap<>();
  private final Promise<Void> drained = Promise.promise();
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile HttpServer server;
  private volatile boolean draining;
  private volatile @Nullable String deployment;
  private volatile long sweeper;

  /**
   * Does not listen before {@link #bind}.
   *
   * @param eventLoops over how many event loops connections are spread
   */
  public HttpAcceptor(
      Vertx vertx,
      int eventLoops,
      Upstreams upstreams,
      HttpStats stats,
      AccessLogWriter accessLog,
      IpPort address,
      HttpServer server) {
    this.vertx = vertx;
    this.eventLoops = eventLoops;
    this.upstreams = upstreams;
    this.stats = stats;
    this.accessLog = accessLog;
    this.address = address;
    this.server = server;
    this.keys = server.certificates().isEmpty() ? null : new ServerKeys(server.certificates());
  }

  @Override
  public boolean serve(Server next) {
    ServerKeys shown = keys;
    if (next instanceof HttpServer http && http.certificates().isEmpty() == (shown == null)) {
      if (shown != null) {
        shown.use(http.certificates());
      }
      server = http;
      return true;
    }
    return false;
  }

  @Override
  public Server server() {
    return server;
  }

  @Override
  public Future<Void> bind() {
    return vertx
        .deployVerticle(Worker::new, new DeploymentOptions().setInstances(eventLoops))
        .map(
            id -> {
              deployment = id;
              sweeper = vertx.setPeriodic(SWEEP_MILLIS, _ -> sweep());
              return null;
            });
  }

  private void sweep() {
    Duration idleTimeout = server.options().idleTimeout();
    connections.values().forEach(connection -> connection.checkIdle(idleTimeout));
  }

  @Override
  public Future<Void> stopAccepting() {
    draining = true;
    Channel listening = listeningChannel();
    if (listening == null) {
      drained.tryComplete();
      return close();
    }
    Promise<Void> free = Promise.promise();
    listening.close().addListener(_ -> free.complete());
    connections.values().forEach(Downstream::drain);
    completeIfDrained();
    return free.future();
  }

  /**
   * The channel that accepts. Vert.x 4 closes a server only together with its connections, and
   * shows this channel only as the parent of a connection; without a connection, there is no need
   * of it.
   */
  private @Nullable Channel listeningChannel() {
    for (HttpConnection connection : connections.keySet()) {
      if (connection instanceof ConnectionBase base && base.channel().parent() != null) {
        return base.channel().parent();
      }
    }
    return null;
  }

  @Override
  public Future<Void> drained() {
    return drained.future();
  }

  private void completeIfDrained() {
    if (draining && connections.isEmpty()) {
      drained.tryComplete();
    }
  }

  @Override
  public Future<Void> close() {
    String id = deployment;
    if (id == null || !closed.compareAndSet(false, true)) {
      return Future.succeededFuture();
    }
    vertx.cancelTimer(sweeper);
    return vertx.undeploy(id);
  }

  /** One event loop's share of the connections. */
  private final class Worker extends AbstractVerticle {

    @Override
    public void start(Promise<Void> started) {
      HttpServerOptions options =
          new HttpServerOptions()
              .setMaxHeaderSize(MAX_HEADERS_BYTES)
              .setMaxInitialLineLength(MAX_HEADERS_BYTES)
              .setHttp2ClearTextEnabled(false);
      if (keys != null) {
        options
            .setSsl(true)
            .setKeyCertOptions(new ServerKeyOptions(keys))
            .setUseAlpn(true)
            .setAlpnVersions(List.of(HttpVersion.HTTP_1_1));
      }
      vertx
          .createHttpServer(options)
          .connectionHandler(this::connected)
          .requestHandler(
              request -> {
                Downstream downstream = connections.get(request.connection());
                if (downstream != null) {
                  new Exchange(
                          vertx, upstreams, stats, accessLog, () -> server, downstream, request)
                      .start();
                }
              })
          .listen(address.port(), address.ip())
          .<Void>mapEmpty()
          .onComplete(started);
    }

    private void connected(HttpConnection connection) {
      Downstream downstream = new Downstream(connection, context);
      connections.put(connection, downstream);
      stats.connections.increment();
      connection.closeHandler(
          _ -> {
            connections.remove(connection);
            stats.connections.decrement();
            completeIfDrained();
          });
      if (draining) {
        downstream.drain();
      }
    }
  }
}
