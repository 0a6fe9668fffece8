package io.openneg.edgeproxy.xds;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Channel;
import io.grpc.stub.ClientResponseObserver;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Each message has what is new in it; what is known already is told when a stream is opened. */
final class Delta implements Variant<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
  @Override
  public void open(
      Channel channel,
      ClientResponseObserver<DeltaDiscoveryRequest, DeltaDiscoveryResponse> responses) {
    var _ = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(responses);
  }

  @Override
  public DeltaDiscoveryRequest write(XdsRequest request, @Nullable Node node) {
    DeltaDiscoveryRequest.Builder message =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(request.type().typeUrl())
            .addAllResourceNamesSubscribe(new TreeSet<>(request.added()))
            .addAllResourceNamesUnsubscribe(new TreeSet<>(request.dropped()))
            .putAllInitialResourceVersions(request.known());
    if (node != null) {
      message.setNode(node);
    }
    if (request.acknowledges()) {
      message.setResponseNonce(request.nonce());
    }
    if (request.error() != null) {
      message.setErrorDetail(StateOfTheWorld.refusal(request.error()));
    }
    return message.build();
  }

  @Override
  public XdsResponse read(DeltaDiscoveryResponse response) {
    return new XdsResponse(
        response.getTypeUrl(),
        response.getSystemVersionInfo(),
        response.getNonce(),
        response.getResourcesList().stream()
            .map(
                resource ->
                    new XdsResponse.Item(
                        resource.getName(), resource.getVersion(), resource.getResource()))
            .toList(),
        response.getRemovedResourcesList(),
        false);
  }
}
