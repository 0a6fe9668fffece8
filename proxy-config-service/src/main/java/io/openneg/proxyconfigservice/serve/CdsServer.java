package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc.ClusterDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Cluster Discovery Service: clusters on streams of their own. */
@GrpcService
public class CdsServer extends ClusterDiscoveryServiceImplBase {
  private static final Set<XdsType> SERVED = Set.of(XdsType.CLUSTER);

  private final DiscoveryStreams streams;

  @Inject
  CdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamClusters(StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, SERVED, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaClusters(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, SERVED, reply);
  }
}
