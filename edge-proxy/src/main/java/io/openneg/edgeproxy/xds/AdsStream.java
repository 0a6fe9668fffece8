package io.openneg.edgeproxy.xds;

import io.envoyproxy.envoy.config.core.v3.Node;
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
 *
 * @param <Q> requests as they are written
 * @param <A> responses as they are written
 */
final class AdsStream<Q, A> {

  private final Variant<Q, A> variant;
  private final Node node;
  private final ClientCallStreamObserver<Q> requests;
  private boolean nodeSent;
  private boolean answered;

  private AdsStream(Variant<Q, A> variant, Node node, ClientCallStreamObserver<Q> requests) {
    this.variant = variant;
    this.node = node;
    this.requests = requests;
  }

  /**
   * @param onResponse gets each response
   * @param onClosed gets the end of the stream, once
   */
  static <Q, A> AdsStream<Q, A> open(
      Variant<Q, A> variant,
      Channel channel,
      Node node,
      BiConsumer<AdsStream<?, ?>, XdsResponse> onResponse,
      BiConsumer<AdsStream<?, ?>, Status> onClosed) {
    Responses<Q, A> responses = new Responses<>(variant, node, onResponse, onClosed);
    variant.open(channel, responses);
    return responses.stream();
  }

  void send(List<XdsRequest> messages) {
    for (XdsRequest message : messages) {
      // The protocol has the node in the first message; the others stay small.
      requests.onNext(variant.write(message, nodeSent ? null : node));
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

  private static final class Responses<Q, A> implements ClientResponseObserver<Q, A> {

    private final Variant<Q, A> variant;
    private final Node node;
    private final BiConsumer<AdsStream<?, ?>, XdsResponse> onResponse;
    private final BiConsumer<AdsStream<?, ?>, Status> onClosed;
    private @Nullable AdsStream<Q, A> stream;

    Responses(
        Variant<Q, A> variant,
        Node node,
        BiConsumer<AdsStream<?, ?>, XdsResponse> onResponse,
        BiConsumer<AdsStream<?, ?>, Status> onClosed) {
      this.variant = variant;
      this.node = node;
      this.onResponse = onResponse;
      this.onClosed = onClosed;
    }

    AdsStream<Q, A> stream() {
      AdsStream<Q, A> opened = stream;
      if (opened == null) {
        throw new IllegalStateException("not started");
      }
      return opened;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> requests) {
      requests.disableAutoRequestWithInitial(1);
      stream = new AdsStream<>(variant, node, requests);
    }

    @Override
    public void onNext(A response) {
      onResponse.accept(stream(), variant.read(response));
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
