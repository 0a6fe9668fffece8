package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The Aggregated Discovery Service, state of the world. */
@GrpcService
public class AdsServer extends AggregatedDiscoveryServiceImplBase {
  private final ConnectedProxies proxies;

  @Inject
  AdsServer(ConnectedProxies proxies) {
    this.proxies = proxies;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> reply) {
    ServerCallStreamObserver<DiscoveryResponse> out =
        (ServerCallStreamObserver<DiscoveryResponse>) reply;
    ConnectedProxy proxy = proxies.connect(out);
    out.setOnReadyHandler(proxy::ready);
    out.setOnCancelHandler(() -> proxies.disconnect(proxy));
    return new StreamObserver<>() {
      @Override
      public void onNext(DiscoveryRequest request) {
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
