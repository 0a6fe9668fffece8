package io.openneg.serviceruntime.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.quarkus.grpc.GlobalInterceptor;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Cancels the calls of a connection that is gone. Vert.x' bridge cancels a call that its client
 * resets, but says nothing when the connection itself is lost, as it is when a client is killed:
 * its streams would stay for ever. Thread-safe.
 */
@GlobalInterceptor
@ApplicationScoped
class LostConnections implements ServerInterceptor {
  /** By the client's host and port. */
  private final Map<String, Set<ServerCall.Listener<?>>> calls = new ConcurrentHashMap<>();

  void watch(@Observes Router router) {
    router
        .route()
        .order(Integer.MIN_VALUE)
        .handler(
            request -> {
              watch(request.request().connection());
              request.next();
            });
  }

  private void watch(HttpConnection connection) {
    String client = connection.remoteAddress().host() + ":" + connection.remoteAddress().port();
    calls.computeIfAbsent(
        client,
        _ -> {
          connection.closeHandler(_ -> lost(client));
          return ConcurrentHashMap.newKeySet();
        });
  }

  private void lost(String client) {
    Set<ServerCall.Listener<?>> open = calls.remove(client);
    if (open != null) {
      Set.copyOf(open).forEach(ServerCall.Listener::onCancel);
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    Set<ServerCall.Listener<?>> open = openCalls(call);
    if (open == null) {
      return listener;
    }
    ServerCall.Listener<Q> tracked =
        new SimpleForwardingServerCallListener<>(listener) {
          @Override
          public void onCancel() {
            // Once: a reset and the end of the connection may both be told.
            if (open.remove(this)) {
              super.onCancel();
            }
          }

          @Override
          public void onComplete() {
            open.remove(this);
            super.onComplete();
          }
        };
    open.add(tracked);
    return tracked;
  }

  private @Nullable Set<ServerCall.Listener<?>> openCalls(ServerCall<?, ?> call) {
    SocketAddress client = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return client instanceof InetSocketAddress address
        ? calls.get(address.getHostString() + ":" + address.getPort())
        : null;
  }
}
