package io.openneg.edgeproxy.http;

import static java.lang.System.Logger.Level.WARNING;

import io.openneg.edgeproxy.accesslog.AccessLogWriter;
import io.openneg.edgeproxy.config.AccessLog.Operator;
import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.LocalReplies.Reply;
import io.openneg.edgeproxy.config.ResponseFlag;
import io.openneg.edgeproxy.routing.RetryPolicy;
import io.openneg.edgeproxy.routing.RetryPolicy.Condition;
import io.openneg.edgeproxy.routing.Route;
import io.openneg.edgeproxy.routing.RouteAction;
import io.openneg.edgeproxy.routing.WeightedCluster;
import io.openneg.edgeproxy.upstream.Admission;
import io.openneg.edgeproxy.upstream.Lease;
import io.openneg.edgeproxy.upstream.UpstreamCluster;
import io.openneg.edgeproxy.upstream.UpstreamHost;
import io.openneg.edgeproxy.upstream.Upstreams;
import io.openneg.edgeproxy.warming.ServingConfig.HttpServer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: its route, one attempt after the other, the answer. Confined to the event
 * loop of the client's connection.
 *
 * <p>What is hard here is to end exactly once and to release everything, whoever fails first: the
 * client, the endpoint, the configuration under it, or time. So every path ends in {@link #finish},
 * and every callback looks at {@code done} first.
 */
final class Exchange implements Attempt.Events {

  private static final System.Logger LOG = System.getLogger(Exchange.class.getName());

  /** A kept connection may be closed by its other end in the moment it is taken. */
  private static final int MAX_STALE_CONNECTIONS = 3;

  private static final String RESET_TEXT =
      "upstream connect error or disconnect/reset before headers";

  private final Vertx vertx;
  private final Upstreams upstreams;
  private final HttpStats stats;
  private final AccessLogWriter accessLog;
  private final Supplier<HttpServer> serving;
  private final Downstream downstream;
  private final HttpServerRequest request;
  private final Responder responder;
  private final Deadlines deadlines;
  private final boolean hasBody;
  private final String clientIp;
  private final @Nullable RequestTarget target;
  private final List<UpstreamHost> tried = new ArrayList<>(0);

  /** Drawn once, so that a retry goes to the same one of weighted clusters. */
  private final double lot = ThreadLocalRandom.current().nextDouble();

  private final Instant begun = Instant.now();
  private final long begunNanos = System.nanoTime();
  private HttpServer server;
  private @Nullable String cluster;
  private int status;
  private Set<ResponseFlag> flags = Set.of();
  private int ownBody;
  private OptionalLong hash = OptionalLong.empty();
  private boolean hashed;
  private RouteAction.@Nullable Forward route;
  private @Nullable Attempt attempt;
  private int retries;
  private int staleConnections;
  private boolean done;

  /**
   * @param serving the listener as it is now; asked again when a change overtakes the request
   */
  Exchange(
      Vertx vertx,
      Upstreams upstreams,
      HttpStats stats,
      AccessLogWriter accessLog,
      Supplier<HttpServer> serving,
      Downstream downstream,
      HttpServerRequest request) {
    this.vertx = vertx;
    this.deadlines = new Deadlines(vertx, this::onExpired);
    this.upstreams = upstreams;
    this.stats = stats;
    this.accessLog = accessLog;
    this.serving = serving;
    this.server = serving.get();
    this.downstream = downstream;
    this.request = request;
    this.hasBody = Headers.hasBody(request.headers());
    this.responder = new Responder(vertx, downstream, request, hasBody);
    this.clientIp = request.remoteAddress().hostAddress();
    this.target = RequestTarget.of(request.uri(), request.headers().getAll("host"));
  }

  void start() {
    stats.active.increment();
    downstream.begin(this);
    request.response().exceptionHandler(_ -> onClientGone());
    request.response().closeHandler(_ -> onClientGone());
    if (hasBody) {
      request.pause();
    }
    if (Headers.announcesClose(request.headers())) {
      downstream.closeAfterCurrent();
    }
    safely(this::accept);
  }

  /** A fault must not leave a client waiting and an endpoint counted as busy. */
  private void safely(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.log(WARNING, "a request failed by a fault of this proxy", e);
      abort();
    }
  }

  private void accept() {
    boolean http10 = request.version() == HttpVersion.HTTP_1_0;
    if (http10 && !server.options().acceptHttp10()) {
      reply(426, "", ResponseFlag.DPE);
    } else if (target == null) {
      reply(400, "", ResponseFlag.DPE);
    } else if (Headers.hasUnknownTransferCoding(request.headers())) {
      reply(501, "", ResponseFlag.DPE);
    } else if (Headers.asksForUpgrade(request.headers())) {
      reply(403, "");
    } else {
      route(target);
    }
  }

  private void route(RequestTarget target) {
    server = serving.get();
    Route found = server.routes().match(target.authority(), new RequestView(request, target));
    if (found == null) {
      stats.noRoute.increment();
      reply(404, "", ResponseFlag.NR);
      return;
    }
    responder.changeHeaders(found.responseHeaders());
    switch (found.action()) {
      case RouteAction.Forward forward -> forward(target, found, forward);
      case RouteAction.Redirect redirect -> {
        responder.header(
            "location",
            Redirects.location(redirect, found.path(), target, request.isSSL() ? "https" : "http"));
        reply(redirect.status(), "");
      }
      case RouteAction.Respond(int status, String body) -> reply(status, body);
    }
  }

  private void forward(RequestTarget target, Route found, RouteAction.Forward forward) {
    route = forward;
    if (!hashed) {
      // Once: a retry, or a route that changed meanwhile, gives no second cookie.
      hashed = true;
      hash = RequestHash.of(forward.hashPolicies(), request, responder::setCookie);
    }
    if (!hasBody) {
      deadlines.start(forward.timeout());
    }
    WeightedCluster chosen = forward.cluster(lot);
    responder.changeHeaders(chosen.responseHeaders());
    cluster = chosen.name();
    UpstreamCluster of = upstreams.cluster(chosen.name());
    if (of == null && !serving.get().equals(server)) {
      // The routes changed first and the cluster went then; the new routes know where to go.
      route(target);
    } else if (of == null) {
      stats.noCluster.increment();
      reply(forward.clusterNotFoundStatus(), "", ResponseFlag.NC);
    } else {
      String path =
          forward.pathPrefix() == null
              ? target.path()
              : found.path().replace(target.path(), forward.pathPrefix());
      admit(target, target.rewritten(forward.host(), path), chosen, of);
    }
  }

  /**
   * @param rewritten the target as the endpoint is to see it
   */
  private void admit(
      RequestTarget target,
      RequestTarget rewritten,
      WeightedCluster chosen,
      UpstreamCluster cluster) {
    switch (cluster.admit(tried, retries > 0, hash)) {
      case Admission.Retired _ -> route(target);
      case Admission.NoHealthyHost _ -> {
        stats.noHealthyHost.increment();
        reply(503, "no healthy upstream", ResponseFlag.UH);
      }
      case Admission.Overflow _ -> {
        stats.overflows.increment();
        reply(503, "upstream connect error: overflow", ResponseFlag.UO);
      }
      case Admission.Granted(Lease lease) -> {
        Attempt next =
            new Attempt(
                lease, request, rewritten, chosen.requestHeaders(), hasBody, this, this::safely);
        attempt = next;
        next.start(server.options(), clientIp);
      }
    }
  }

  /** From the routes on, since these may have changed as well. */
  private void again() {
    if (!done && target != null) {
      route(target);
    }
  }

  @Override
  public void onMoved() {
    // Not from here: with an idle connection, all of this happens in one call.
    vertx.runOnContext(_ -> safely(this::again));
  }

  @Override
  public void onStale(Attempt.Failure otherwise) {
    if (staleConnections++ < MAX_STALE_CONNECTIONS) {
      again();
    } else {
      onFailed(otherwise);
    }
  }

  @Override
  public void onFailed(Attempt.Failure failure) {
    if (done) {
      return;
    }
    switch (failure) {
      case CONNECT -> {
        stats.connectFailures.increment();
        String text = RESET_TEXT + ". reset reason: connection failure";
        retryOr(Condition.CONNECT_FAILURE, text, ResponseFlag.UF);
      }
      case UNSENT -> retryOr(Condition.RESET_BEFORE_REQUEST, RESET_TEXT, ResponseFlag.UC);
      case REFUSED -> retryOr(Condition.REFUSED_STREAM, RESET_TEXT, ResponseFlag.UC);
      case RESET -> {
        stats.upstreamResets.increment();
        if (responder.begun()) {
          abort();
        } else {
          reply(503, RESET_TEXT, ResponseFlag.UC);
        }
      }
    }
  }

  private void retryOr(Condition condition, String text, ResponseFlag flag) {
    RetryPolicy policy = route == null ? RetryPolicy.NONE : route.retryPolicy();
    boolean left = policy.conditions().contains(condition) && retries < policy.retries();
    if (left && attempt != null) {
      retries++;
      stats.retries.increment();
      tried.add(attempt.lease().host());
      again();
    } else if (retries > 0) {
      reply(503, text, flag, ResponseFlag.URX);
    } else {
      reply(503, text, flag);
    }
  }

  @Override
  public void onResponse(HttpClientResponse incoming) {
    if (done) {
      return;
    }
    onProgress();
    status = incoming.statusCode();
    responder.relay(incoming, server.options(), this::onProgress, this::onResponseEnd);
  }

  private void onResponseEnd() {
    if (!done) {
      if (attempt != null) {
        attempt.complete();
      }
      stats.responded(status);
      finish();
      responder.end();
    }
  }

  @Override
  public void onRequestSent() {
    if (!done && route != null) {
      deadlines.start(route.timeout());
    }
  }

  @Override
  public void onProgress() {
    deadlines.progress();
  }

  /** Ends the exchange if nothing has moved for too long. */
  void checkIdle() {
    Duration own = route == null ? null : route.idleTimeout();
    deadlines.checkProgress(own != null ? own : server.options().streamIdleTimeout());
  }

  private void onExpired(ResponseFlag flag) {
    if (!done) {
      stats.timeouts.increment();
      if (responder.begun()) {
        abort();
      } else {
        reply(504, flag == ResponseFlag.UT ? "upstream request timeout" : "stream timeout", flag);
      }
    }
  }

  private void onClientGone() {
    if (!done) {
      stats.clientResets.increment();
      finish();
    }
  }

  /** The response has begun, so only the end of the connection can tell that it is not complete. */
  private void abort() {
    finish();
    downstream.close();
  }

  /** Answers without the upstream. */
  private void reply(int status, String body, ResponseFlag... flags) {
    Set<ResponseFlag> set = EnumSet.noneOf(ResponseFlag.class);
    set.addAll(List.of(flags));
    HttpOptions options = server.options();
    Reply reply = options.localReplies().map(new Reply(status, body), set);
    stats.responded(reply.status());
    this.status = reply.status();
    this.flags = set;
    ownBody = reply.body().length();
    finish();
    responder.reply(reply, options);
  }

  /** Releases everything, once. */
  private void finish() {
    if (done) {
      return;
    }
    done = true;
    if (cluster != null) {
      accessLog.log(server.options().accessLogs(), cluster, this::record);
    }
    deadlines.cancel();
    responder.stop();
    if (attempt != null) {
      attempt.cancel();
    }
    downstream.end();
    stats.active.decrement();
  }

  /** What is known of the request at its end. */
  private Map<Operator, Object> record() {
    Map<Operator, Object> values = new EnumMap<>(Operator.class);
    values.put(Operator.START_TIME, begun.truncatedTo(ChronoUnit.MILLIS).toString());
    values.put(Operator.CLIENT, request.remoteAddress().toString());
    if (attempt != null) {
      values.put(Operator.ENDPOINT, attempt.lease().host().address().toString());
    }
    values.put(Operator.METHOD, request.method().name());
    if (target != null) {
      values.put(Operator.HOST, target.authority());
      values.put(Operator.PATH, target.uri());
    }
    values.put(Operator.STATUS, status);
    if (!flags.isEmpty()) {
      values.put(
          Operator.FLAGS, flags.stream().map(ResponseFlag::name).collect(Collectors.joining(",")));
    }
    values.put(Operator.BYTES_RECEIVED, request.bytesRead());
    values.put(Operator.BYTES_SENT, request.response().bytesWritten() + ownBody);
    values.put(Operator.DURATION, Duration.ofNanos(System.nanoTime() - begunNanos).toMillis());
    return values;
  }
}
