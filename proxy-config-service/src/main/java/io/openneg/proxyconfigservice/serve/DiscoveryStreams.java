package io.openneg.proxyconfigservice.serve;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;

/** Makes a {@link ConnectedProxy} of each stream that a discovery service is called with. */
@ApplicationScoped
class DiscoveryStreams {
  private final ConnectedProxies proxies;

  @Inject
  DiscoveryStreams(ConnectedProxies proxies) {
    this.proxies = proxies;
  }

  /**
   * @param served the types that can be asked for
   */
  <Q, A> StreamObserver<Q> open(WireForm<Q, A> form, Set<XdsType> served, StreamObserver<A> reply) {
    ServerCallStreamObserver<A> out = (ServerCallStreamObserver<A>) reply;
    ConnectedProxy<Q, A> proxy = proxies.connect(form, served, out);
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
