package io.openneg.edgeproxy.xds;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Channel;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Each message has all there is to say of its type. */
final class StateOfTheWorld implements Variant<DiscoveryRequest, DiscoveryResponse> {
  @Override
  public void open(
      Channel channel, ClientResponseObserver<DiscoveryRequest, DiscoveryResponse> responses) {
    var _ = AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(responses);
  }

  @Override
  public DiscoveryRequest write(XdsRequest request, @Nullable Node node) {
    DiscoveryRequest.Builder message =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(request.type().typeUrl())
            .setVersionInfo(request.version())
            .setResponseNonce(request.nonce())
            .addAllResourceNames(new TreeSet<>(request.names()));
    if (node != null) {
      message.setNode(node);
    }
    if (request.error() != null) {
      message.setErrorDetail(refusal(request.error()));
    }
    return message.build();
  }

  static Status refusal(String reason) {
    return Status.newBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage(reason).build();
  }

  @Override
  public XdsResponse read(DiscoveryResponse response) {
    return new XdsResponse(
        response.getTypeUrl(),
        response.getVersionInfo(),
        response.getNonce(),
        response.getResourcesList().stream()
            .map(body -> new XdsResponse.Item("", response.getVersionInfo(), body))
            .toList(),
        List.of(),
        true);
  }
}
