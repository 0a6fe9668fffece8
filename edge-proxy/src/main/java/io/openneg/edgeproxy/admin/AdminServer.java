package io.openneg.edgeproxy.admin;

import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.listening.Listeners;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.xds.AdsClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Answers GET /ready, /clusters, /config_dump, /stats and /wait. Read-only, and without any access
 * control: it belongs on the loopback interface.
 */
public final class AdminServer {

  private static final long MAX_WAIT_MILLIS = 600_000;

  private static final long DEFAULT_WAIT_MILLIS = 10_000;

  private final Vertx vertx;
  private final AdsClient xds;
  private final Counters counters;
  private final Listeners listeners;
  private final Upstreams upstreams;
  private final EndpointWatch watch;

  public AdminServer(
      Vertx vertx,
      AdsClient xds,
      Counters counters,
      Listeners listeners,
      Upstreams upstreams,
      EndpointWatch watch) {
    this.vertx = vertx;
    this.xds = xds;
    this.counters = counters;
    this.listeners = listeners;
    this.upstreams = upstreams;
    this.watch = watch;
  }

  /**
   * Starts to answer; fails when the address cannot be had.
   *
   * @param port 0: any free one, see {@link HttpServer#actualPort()}
   */
  public Future<HttpServer> listen(String host, int port) {
    return vertx.createHttpServer().requestHandler(this::handle).listen(port, host);
  }

  private void handle(HttpServerRequest request) {
    if (!HttpMethod.GET.equals(request.method())) {
      answer(request, 405, error("only GET is answered here"));
      return;
    }
    switch (request.path()) {
      case "/ready" -> ready(request);
      case "/clusters" -> compute(request, () -> Reports.clusters(upstreams).encodePrettily());
      case "/stats" -> answer(request, 200, Reports.stats(counters, listeners));
      case "/config_dump" -> when(request, xds.dump(), dump -> answer(request, 200, dump.toJson()));
      case "/wait" -> await(request);
      case null, default ->
          answer(request, 404, error("try /ready, /clusters, /config_dump, /stats or /wait"));
    }
  }

  private void ready(HttpServerRequest request) {
    when(
        request,
        xds.progress(),
        progress -> {
          TreeMap<String, String> waiting = new TreeMap<>(progress.cold());
          waiting.putAll(listeners.problems());
          boolean ready = progress.listenersTold() && waiting.isEmpty();
          JsonObject reasons = new JsonObject();
          waiting.forEach(reasons::put);
          answer(
              request,
              ready ? 200 : 503,
              new JsonObject()
                  .put("ready", ready)
                  .put("listeners_told", progress.listenersTold())
                  .put("waiting", reasons));
        });
  }

  private void await(HttpServerRequest request) {
    IpPort endpoint;
    EndpointWatch.State state;
    long timeout;
    try {
      endpoint = IpPort.parse(String.valueOf(request.getParam("endpoint")));
      state = EndpointWatch.State.of(String.valueOf(request.getParam("state")));
      timeout = Long.parseLong(request.getParam("timeout_ms", "" + DEFAULT_WAIT_MILLIS));
    } catch (NumberFormatException e) {
      answer(request, 400, error("timeout_ms: must be a number"));
      return;
    } catch (IllegalArgumentException e) {
      answer(request, 400, error("endpoint: " + e.getMessage()));
      return;
    }
    if (state == null) {
      answer(request, 400, error("state: must be healthy, unhealthy, draining or absent"));
    } else if (timeout < 0 || timeout > MAX_WAIT_MILLIS) {
      answer(request, 400, error("timeout_ms: must be 0.." + MAX_WAIT_MILLIS));
    } else {
      await(request, endpoint, state, request.getParam("cluster"), timeout);
    }
  }

  private void await(
      HttpServerRequest request,
      IpPort endpoint,
      EndpointWatch.State state,
      @Nullable String cluster,
      long timeoutMillis) {
    long start = System.nanoTime();
    CompletableFuture<Instant> met = watch.await(endpoint, state, cluster);
    long timer =
        vertx.setTimer(
            Math.max(1, timeoutMillis),
            _ -> {
              if (met.cancel(false)) {
                JsonObject now = result(endpoint, watch.state(endpoint, cluster), start);
                answer(request, 408, now.put("wanted", state.label()));
              }
            });
    request.response().closeHandler(_ -> met.cancel(false));
    when(
        request,
        met,
        at -> {
          vertx.cancelTimer(timer);
          answer(request, 200, result(endpoint, state, start).put("at", at.toString()));
        });
  }

  private static JsonObject result(IpPort endpoint, EndpointWatch.State state, long startNanos) {
    return new JsonObject()
        .put("endpoint", endpoint.toString())
        .put("state", state.label())
        .put("waited_ms", (System.nanoTime() - startNanos) / 1_000_000);
  }

  /** What to do with a result, on the event loop of the request. */
  private interface Consumer<T> {
    void accept(T value);
  }

  private <T> void when(HttpServerRequest request, CompletableFuture<T> future, Consumer<T> then) {
    Context context = vertx.getOrCreateContext();
    var _ =
        future.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                context.runOnContext(_ -> then.accept(value));
              } else if (!future.isCancelled()) {
                context.runOnContext(_ -> answer(request, 503, error(String.valueOf(failure))));
              }
            });
  }

  /** Answers with what may take a while to make; the event loops have requests to forward. */
  private void compute(HttpServerRequest request, Callable<String> json) {
    vertx
        .executeBlocking(json, false)
        .onSuccess(text -> send(request, 200, text))
        .onFailure(failure -> answer(request, 500, error(String.valueOf(failure))));
  }

  private static JsonObject error(String text) {
    return new JsonObject().put("error", text);
  }

  private static void answer(HttpServerRequest request, int status, JsonObject body) {
    send(request, status, body.encodePrettily());
  }

  private static void send(HttpServerRequest request, int status, String json) {
    if (!request.response().closed() && !request.response().ended()) {
      request
          .response()
          .setStatusCode(status)
          .putHeader("content-type", "application/json")
          .end(json + "\n");
    }
  }
}
