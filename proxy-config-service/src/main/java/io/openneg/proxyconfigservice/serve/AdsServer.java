package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Aggregated Discovery Service: all types on one stream. */
@GrpcService
public class AdsServer extends AggregatedDiscoveryServiceImplBase {
  private static final Set<XdsType> ALL = Set.of(XdsType.values());

  private final DiscoveryStreams streams;

  @Inject
  AdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, ALL, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, ALL, reply);
  }
}
