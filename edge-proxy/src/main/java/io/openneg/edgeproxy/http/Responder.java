package io.openneg.edgeproxy.http;

import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.LocalReplies.Reply;
import io.openneg.edgeproxy.routing.HeaderChanges;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to the client, either the upstream's or one of the proxy's own, and leaves the
 * connection in a state that the client can go on from. Confined to the connection's event loop.
 */
final class Responder {

  /** How long the rest of an unwanted body is read, so that the client gets to see the answer. */
  private static final long LINGER_MILLIS = 1_000;

  private final Vertx vertx;
  private final Downstream downstream;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final boolean hasBody;
  private List<HeaderChanges> changes = List.of();
  private @Nullable String cookie;
  private @Nullable Pump body;
  private boolean begun;

  /**
   * @param hasBody whether the request has a body
   */
  Responder(Vertx vertx, Downstream downstream, HttpServerRequest request, boolean hasBody) {
    this.vertx = vertx;
    this.downstream = downstream;
    this.request = request;
    this.response = request.response();
    this.hasBody = hasBody;
  }

  /** Whether the client has got a head already, so that no other answer is possible. */
  boolean begun() {
    return begun;
  }

  /**
   * Passes a response on.
   *
   * @param progress run for every piece of the body
   * @param done run at its end; to call {@link #end} is left to it
   */
  void relay(HttpClientResponse from, HttpOptions options, Runnable progress, Runnable done) {
    begun = true;
    response.setStatusCode(from.statusCode());
    response.setStatusMessage(from.statusMessage());
    Headers.copyEndToEnd(from.headers(), response.headers());
    Headers.addServer(response.headers(), options);
    Headers.change(response.headers(), changes);
    addCookie();
    boolean http10 = request.version() == HttpVersion.HTTP_1_0;
    boolean noBody = isHead() || from.statusCode() == 204 || from.statusCode() == 304;
    if (!noBody && !response.headers().contains("content-length")) {
      if (http10) {
        // Only the end of the connection can mark the end of such a body.
        downstream.closeAfterCurrent();
      }
      response.setChunked(true);
    }
    if (downstream.closing()) {
      response.putHeader("connection", "close");
    }
    if (noBody) {
      from.endHandler(_ -> done.run());
    } else {
      if (!http10) {
        // The head must not wait for the body, which may come much later.
        var _ = response.writeHead();
      }
      body = Pump.start(from, response, progress, done);
    }
  }

  /** Answers without an upstream. */
  void reply(Reply reply, HttpOptions options) {
    begun = true;
    if (bodyLeft() || downstream.closing()) {
      response.putHeader("connection", "close");
    }
    Headers.addServer(response.headers(), options);
    Headers.change(response.headers(), changes);
    addCookie();
    response.setStatusCode(reply.status());
    boolean withBody = !reply.body().isEmpty() && !isHead();
    if (withBody) {
      response.putHeader("content-type", "text/plain");
    }
    end(withBody ? Buffer.buffer(reply.body()) : Buffer.buffer());
  }

  /** What the route says of the answer to come, whoever gives it. */
  void changeHeaders(List<HeaderChanges> ofRoute) {
    changes = ofRoute;
  }

  /** Gives the client a cookie beside those of the endpoint, whoever answers. */
  void setCookie(String value) {
    cookie = value;
  }

  private void addCookie() {
    if (cookie != null) {
      response.headers().add("set-cookie", cookie);
    }
  }

  /** Sets a field of the answer to come. */
  void header(String name, String value) {
    response.putHeader(name, value);
  }

  /** Ends a response that was passed on. */
  void end() {
    end(Buffer.buffer());
  }

  private void end(Buffer last) {
    // Before the end: that lets the next request begin, which may want something else.
    boolean bodyLeft = bodyLeft();
    boolean close = downstream.closing();
    Future<Void> ended = response.end(last);
    if (bodyLeft) {
      linger();
    } else if (close) {
      ended.onComplete(_ -> downstream.close());
    }
  }

  /** Passes nothing more on. */
  void stop() {
    if (body != null) {
      body.stop();
    }
  }

  private boolean bodyLeft() {
    return hasBody && !request.isEnded();
  }

  private boolean isHead() {
    return HttpMethod.HEAD.equals(request.method());
  }

  /** Closes the connection, but not before the client has had time to read the answer. */
  private void linger() {
    downstream.closeAfterCurrent();
    request.handler(_ -> {});
    request.endHandler(_ -> downstream.close());
    request.resume();
    vertx.setTimer(LINGER_MILLIS, _ -> downstream.close());
  }
}
