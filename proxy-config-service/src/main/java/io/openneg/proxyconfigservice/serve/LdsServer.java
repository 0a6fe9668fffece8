package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc.ListenerDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Listener Discovery Service: listeners on streams of their own. */
@GrpcService
public class LdsServer extends ListenerDiscoveryServiceImplBase {
  private static final Set<XdsType> SERVED = Set.of(XdsType.LISTENER);

  private final DiscoveryStreams streams;

  @Inject
  LdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamListeners(StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, SERVED, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaListeners(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, SERVED, reply);
  }
}
