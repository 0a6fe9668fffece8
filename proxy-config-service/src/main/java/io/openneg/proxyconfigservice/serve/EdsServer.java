package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc.EndpointDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Endpoint Discovery Service: endpoints on streams of their own. */
@GrpcService
public class EdsServer extends EndpointDiscoveryServiceImplBase {
  private static final Set<XdsType> SERVED = Set.of(XdsType.ENDPOINTS);

  private final DiscoveryStreams streams;

  @Inject
  EdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamEndpoints(StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, SERVED, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaEndpoints(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, SERVED, reply);
  }
}
