package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Set;

/** The Secret Discovery Service: certificates with their keys on streams of their own. */
@GrpcService
public class SdsServer extends SecretDiscoveryServiceImplBase {
  private static final Set<XdsType> SERVED = Set.of(XdsType.SECRETS);

  private final DiscoveryStreams streams;

  @Inject
  SdsServer(DiscoveryStreams streams) {
    this.streams = streams;
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> reply) {
    return streams.open(StateOfTheWorld.FORM, SERVED, reply);
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(
      StreamObserver<DeltaDiscoveryResponse> reply) {
    return streams.open(Delta.FORM, SERVED, reply);
  }
}
