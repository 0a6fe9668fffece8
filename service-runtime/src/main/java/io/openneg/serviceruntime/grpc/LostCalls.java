package io.openneg.serviceruntime.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Cancels the calls whose clients are gone. Vert.x' bridge tells a call that its client resets it
 * only while requests may still come, and never that the connection itself is lost, as it is when a
 * client is killed: streams of answers would stay for ever. Thread-safe.
 */
@GlobalInterceptor
@ApplicationScoped
class LostCalls implements ServerInterceptor {
  /** The answer of the request that this event loop is handing over to gRPC. */
  private static final ThreadLocal<HttpServerResponse> CURRENT = new ThreadLocal<>();

  void watch(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).handler(this::handOver);
  }

  private void handOver(RoutingContext request) {
    CURRENT.set(request.response());
    try {
      request.next();
    } finally {
      CURRENT.remove();
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    HttpServerResponse response = CURRENT.get();
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    if (response == null) {
      return listener;
    }
    AtomicBoolean over = new AtomicBoolean();
    ServerCall.Listener<Q> tracked =
        new SimpleForwardingServerCallListener<>(listener) {
          @Override
          public void onCancel() {
            // Once: the bridge may tell it, too.
            if (over.compareAndSet(false, true)) {
              super.onCancel();
            }
          }

          @Override
          public void onComplete() {
            over.set(true);
            super.onComplete();
          }
        };
    response.closeHandler(_ -> tracked.onCancel());
    return tracked;
  }
}
