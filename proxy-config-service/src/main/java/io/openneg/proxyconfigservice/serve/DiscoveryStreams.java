package io.openneg.proxyconfigservice.serve;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Makes a {@link ConnectedProxy} of each stream that a discovery service is called with. */
@ApplicationScoped
class DiscoveryStreams {
  private final ConnectedProxies proxies;

  @Inject
  DiscoveryStreams(ConnectedProxies proxies) {
    this.proxies = proxies;
  }

  <Q, A> StreamObserver<Q> open(WireForm<Q, A> form, StreamObserver<A> reply) {
    ServerCallStreamObserver<A> out = (ServerCallStreamObserver<A>) reply;
    ConnectedProxy<Q, A> proxy = proxies.connect(form, out);
    out.setOnReadyHandler(proxy::signal);
    out.setOnCancelHandler(() -> proxies.disconnect(proxy));
    return new StreamObserver<>() {
      @Override
      public void onNext(Q request) {
        proxy.receive(request);
      }

      @Override
      public void onError(Throwable error) {
        proxies.disconnect(proxy);
      }

      @Override
      public void onCompleted() {
        proxies.disconnect(proxy);
        out.onCompleted();
      }
    };
  }
}
