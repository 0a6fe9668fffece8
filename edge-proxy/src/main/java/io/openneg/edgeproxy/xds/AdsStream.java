package io.openneg.edgeproxy.xds;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One ADS stream. Requests are to be sent from one thread; responses come on gRPC's threads, one at
 * a time and the next one only when it is asked for, so that a server may merge what piles up.
 */
final class AdsStream {

  private final Node node;
  private final ClientCallStreamObserver<DiscoveryRequest> requests;
  private boolean nodeSent;
  private boolean answered;

  private AdsStream(Node node, ClientCallStreamObserver<DiscoveryRequest> requests) {
    this.node = node;
    this.requests = requests;
  }

  /**
   * @param onResponse gets each response
   * @param onClosed gets the end of the stream, once
   */
  static AdsStream open(
      Channel channel,
      Node node,
      BiConsumer<AdsStream, DiscoveryResponse> onResponse,
      BiConsumer<AdsStream, Status> onClosed) {
    Responses responses = new Responses(node, onResponse, onClosed);
    var _ = AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(responses);
    return responses.stream();
  }

  void send(List<DiscoveryRequest> messages) {
    for (DiscoveryRequest message : messages) {
      // The protocol has the node in the first message; the others stay small.
      requests.onNext(nodeSent ? message : message.toBuilder().setNode(node).build());
      nodeSent = true;
    }
  }

  /** Asks for the next response. */
  void next() {
    answered = true;
    requests.request(1);
  }

  /** Whether a response has been dealt with. */
  boolean answered() {
    return answered;
  }

  void cancel(Throwable cause) {
    requests.cancel("internal error", cause);
  }

  private static final class Responses
      implements ClientResponseObserver<DiscoveryRequest, DiscoveryResponse> {

    private final Node node;
    private final BiConsumer<AdsStream, DiscoveryResponse> onResponse;
    private final BiConsumer<AdsStream, Status> onClosed;
    private @Nullable AdsStream stream;

    Responses(
        Node node,
        BiConsumer<AdsStream, DiscoveryResponse> onResponse,
        BiConsumer<AdsStream, Status> onClosed) {
      this.node = node;
      this.onResponse = onResponse;
      this.onClosed = onClosed;
    }

    AdsStream stream() {
      AdsStream opened = stream;
      if (opened == null) {
        throw new IllegalStateException("not started");
      }
      return opened;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<DiscoveryRequest> requests) {
      requests.disableAutoRequestWithInitial(1);
      stream = new AdsStream(node, requests);
    }

    @Override
    public void onNext(DiscoveryResponse response) {
      onResponse.accept(stream(), response);
    }

    @Override
    public void onError(Throwable t) {
      onClosed.accept(stream(), Status.fromThrowable(t));
    }

    @Override
    public void onCompleted() {
      onClosed.accept(stream(), Status.UNAVAILABLE.withDescription("the server ended the stream"));
    }
  }
}
