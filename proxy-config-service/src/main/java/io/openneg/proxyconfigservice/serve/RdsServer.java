package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc.RouteDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Route Discovery Service: route configurations on streams of their own. */
@GrpcService
public class RdsServer extends RouteDiscoveryServiceImplBase {
  private static final Set<XdsType> SERVED = Set.of(XdsType.ROUTES);

  private final DiscoveryStreams streams;

  @Inject
  RdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamRoutes(StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, SERVED, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaRoutes(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, SERVED, reply);
  }
}
