package io.openneg.edgeproxy;

import io.openneg.edgeproxy.accesslog.AccessLogWriter;
import io.openneg.edgeproxy.admin.AdminServer;
import io.openneg.edgeproxy.admin.Counters;
import io.openneg.edgeproxy.admin.EndpointWatch;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.http.HttpAcceptor;
import io.openneg.edgeproxy.http.HttpStats;
import io.openneg.edgeproxy.listening.Listeners;
import io.openneg.edgeproxy.tcp.TcpAcceptor;
import io.openneg.edgeproxy.tcp.TcpStats;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.warming.ServingConfig;
import io.openneg.edgeproxy.warming.ServingConfig.HttpServer;
import io.openneg.edgeproxy.warming.ServingConfig.TcpServer;
import io.openneg.edgeproxy.xds.AdsClient;
import io.openneg.edgeproxy.xds.XdsStats;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The whole proxy as one object: its parts, put together, and their life from start to end. */
final class EdgeProxy implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final Listeners listeners;
  private final AdsClient xds;
  private final AccessLogWriter accessLog = new AccessLogWriter(System.out);
  private final int adminPort;

  /**
   * Starts, and returns when the admin server answers; the configuration comes later.
   *
   * @throws IOException when the admin address cannot be had; the message names it
   */
  static EdgeProxy start(Settings settings) throws IOException {
    int eventLoops = Runtime.getRuntime().availableProcessors();
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(eventLoops)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(2)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false)));
    return new EdgeProxy(settings, vertx, eventLoops);
  }

  private EdgeProxy(Settings settings, Vertx vertx, int eventLoops) throws IOException {
    this.vertx = vertx;
    HttpStats httpStats = new HttpStats();
    XdsStats xdsStats = new XdsStats();
    this.upstreams = new Upstreams(vertx);
    TcpStats tcpStats = new TcpStats();
    this.listeners =
        new Listeners(
            vertx,
            (address, server) ->
                switch (server) {
                  case HttpServer http ->
                      new HttpAcceptor(
                          vertx, eventLoops, upstreams, httpStats, accessLog, address, http);
                  case TcpServer tcp ->
                      new TcpAcceptor(
                          ((VertxInternal) vertx).getEventLoopGroup(),
                          upstreams,
                          tcpStats,
                          accessLog,
                          address,
                          tcp);
                });
    EndpointWatch watch = new EndpointWatch(upstreams);
    this.xds =
        new AdsClient(
            settings.xdsServer(),
            settings.xdsProtocol(),
            settings.node(),
            new Dataplane(upstreams, listeners, watch),
            xdsStats);
    AdminServer admin =
        new AdminServer(
            vertx, xds, new Counters(xdsStats, httpStats, tcpStats), listeners, upstreams, watch);
    this.adminPort = listen(admin, settings);
    xds.start();
  }

  private int listen(AdminServer admin, Settings settings) throws IOException {
    try {
      return admin
          .listen(settings.adminHost(), settings.adminPort())
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
          .actualPort();
    } catch (ExecutionException | TimeoutException e) {
      stop();
      throw new IOException(
          "cannot listen on %s:%d (OPENNEG_ADMIN_HOST, OPENNEG_ADMIN_PORT): %s"
              .formatted(
                  settings.adminHost(),
                  settings.adminPort(),
                  e.getCause() == null ? "timed out" : e.getCause().getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop();
      throw new IOException("interrupted", e);
    }
  }

  /** How a configuration comes into effect, in an order in which no request finds a gap. */
  private record Dataplane(Upstreams upstreams, Listeners listeners, EndpointWatch watch)
      implements AdsClient.Dataplane {

    @Override
    public void apply(ServingConfig config) {
      upstreams.addAndUpdate(config.clusters());
      listeners.apply(config.listeners());
      upstreams.removeAbsent(config.clusters());
      watch.onApplied();
    }

    @Override
    public @Nullable String bindProblem(IpPort address) {
      return listeners.bindProblem(address);
    }
  }

  int adminPort() {
    return adminPort;
  }

  /** Stops accepting and gives requests in flight some time to end. */
  void drain(Duration atMost) {
    xds.close();
    try {
      listeners
          .drain()
          .toCompletionStage()
          .toCompletableFuture()
          .get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Whatever is left is cut off by close().
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends everything at once. */
  @Override
  public void close() {
    stop();
  }

  private void stop() {
    xds.close();
    upstreams.close();
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.getLogger(EdgeProxy.class.getName())
          .log(System.Logger.Level.WARNING, "did not stop cleanly", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    accessLog.close();
  }
}
