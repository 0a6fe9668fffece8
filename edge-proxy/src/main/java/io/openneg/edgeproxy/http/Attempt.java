package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.openneg.edgeproxy.upstream.Lease;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to have a request answered by one endpoint: the connection, then the head, then the
 * body. It ends by a response or by one event that says how far it came. Confined to the event loop
 * of the client's connection.
 */
final class Attempt {

  /** HTTP/2's promise that a stream was not processed, RFC 9113, 7. */
  private static final long REFUSED_STREAM = 7;

  private final Lease lease;
  private final HttpServerRequest request;
  private final RequestTarget target;
  private final List<HeaderChanges> changes;
  private final boolean hasBody;
  private final Events events;
  private final Executor guard;
  private @Nullable HttpClientRequest outgoing;
  private @Nullable Pump body;
  private boolean unsent;
  private boolean closes;
  private boolean over;

  /** How an attempt failed. */
  enum Failure {
    /** No connection was made. */
    CONNECT,
    /** The connection was gone when the head was to be written. */
    UNSENT,
    /** The endpoint refused the stream and says it did not look at it. */
    REFUSED,
    /** The endpoint may have seen the request. */
    RESET
  }

  /** What an attempt tells; each of the first three ends it. */
  interface Events {
    /** The endpoint was taken out of service before anything was sent. */
    void onMoved();

    /**
     * A connection was closed at the other end before the head was written. That happens to kept
     * connections, and then nobody is to blame.
     *
     * @param otherwise what it is if it happens again and again
     */
    void onStale(Failure otherwise);

    void onFailed(Failure failure);

    void onResponse(HttpClientResponse response);

    /** The whole request is out. */
    void onRequestSent();

    /** A piece of the body has moved. */
    void onProgress();
  }

  /**
   * @param target as the endpoint is to see it
   * @param changes of the request's header fields
   * @param hasBody whether the request has a body; it is then paused
   * @param guard runs callbacks and takes care of faults
   */
  Attempt(
      Lease lease,
      HttpServerRequest request,
      RequestTarget target,
      List<HeaderChanges> changes,
      boolean hasBody,
      Events events,
      Executor guard) {
    this.lease = lease;
    this.request = request;
    this.target = target;
    this.changes = changes;
    this.hasBody = hasBody;
    this.events = events;
    this.guard = guard;
  }

  void start(HttpOptions options, String clientIp) {
    lease
        .connect(request.method(), target.uri())
        .onComplete(connected -> guard.execute(() -> onConnected(connected, options, clientIp)));
  }

  Lease lease() {
    return lease;
  }

  private void onConnected(
      AsyncResult<HttpClientRequest> connected, HttpOptions options, String clientIp) {
    HttpClientRequest connection = connected.result();
    boolean moved = !lease.host().accepting();
    if (connection != null && (over || moved)) {
      // Unused, so the connection goes back to its pool.
      connection.exceptionHandler(_ -> {});
      connection.reset();
    }
    if (over) {
      return;
    }
    if (moved) {
      end();
      events.onMoved();
    } else if (connection != null) {
      send(connection, options, clientIp);
    } else {
      end();
      if (connected.cause() instanceof HttpClosedException) {
        events.onStale(Failure.CONNECT);
      } else {
        events.onFailed(Failure.CONNECT);
      }
    }
  }

  private void send(HttpClientRequest to, HttpOptions options, String clientIp) {
    outgoing = to;
    Headers.copyEndToEnd(request.headers(), to.headers());
    to.headers().remove("expect");
    addressTo(to);
    Headers.addForwarded(to.headers(), options, clientIp, request.isSSL() ? "https" : "http");
    Headers.change(to.headers(), changes);
    to.exceptionHandler(failure -> guard.execute(() -> onFailed(failure)));
    to.response().onComplete(answered -> guard.execute(() -> onAnswered(answered)));
    lease.sent();
    if (hasBody) {
      to.setChunked(!request.headers().contains("content-length"));
      to.sendHead().onComplete(sent -> guard.execute(() -> onHeadSent(to, sent)));
    } else {
      to.end().onComplete(sent -> guard.execute(() -> onHeadSent(to, sent)));
    }
  }

  private void addressTo(HttpClientRequest to) {
    HostAndPort authority = HostAndPort.parseAuthority(target.authority(), -1);
    if (to.version() == HttpVersion.HTTP_2 && authority != null) {
      to.headers().remove("host");
      to.authority(authority);
    } else {
      to.headers().set("host", target.authority());
    }
  }

  private void onHeadSent(HttpClientRequest to, AsyncResult<Void> sent) {
    if (over) {
      return;
    }
    if (sent.failed()) {
      unsent = true;
      onFailed(sent.cause());
    } else if (!hasBody) {
      events.onRequestSent();
    } else {
      String expect = request.getHeader("expect");
      boolean expectsContinue = expect != null && expect.equalsIgnoreCase("100-continue");
      if (expectsContinue && !request.response().headWritten()) {
        request.response().writeContinue();
      }
      body = Pump.start(request, to, events::onProgress, () -> onBodySent(to));
    }
  }

  private void onBodySent(HttpClientRequest to) {
    if (!over) {
      var _ = to.end();
      events.onRequestSent();
    }
  }

  private void onAnswered(AsyncResult<HttpClientResponse> answered) {
    if (answered.failed()) {
      onFailed(answered.cause());
    } else if (!over) {
      HttpClientResponse response = answered.result();
      closes = Headers.announcesClose(response.headers());
      // From here on, failures of the connection come by the response.
      response.exceptionHandler(failure -> guard.execute(() -> onFailed(failure)));
      events.onResponse(response);
    }
  }

  /** The head's own result comes before any failure of the connection, so it is known by now. */
  private void onFailed(Throwable cause) {
    if (over) {
      return;
    }
    boolean refused =
        body == null
            && cause instanceof StreamResetException reset
            && reset.getCode() == REFUSED_STREAM;
    cancel();
    if (unsent) {
      events.onStale(Failure.UNSENT);
    } else {
      events.onFailed(refused ? Failure.REFUSED : Failure.RESET);
    }
  }

  /** Ends the attempt after the whole response has come. */
  void complete() {
    if (!over && outgoing != null && hasBody && !request.isEnded()) {
      // Answered before it had read everything; the rest has no reader.
      outgoing.reset();
    } else if (!over && outgoing != null && closes) {
      // Vert.x would keep a connection that is about to be closed at the other end.
      var _ = outgoing.connection().close();
    }
    end();
  }

  /** Ends the attempt at once; tells nothing. */
  void cancel() {
    if (!over) {
      end();
      if (outgoing != null) {
        outgoing.reset();
      }
    }
  }

  private void end() {
    over = true;
    if (body != null) {
      body.stop();
    }
    lease.release();
  }
}
