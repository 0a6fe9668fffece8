package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * The Client Status Discovery Service: what each client that is connected to this replica has, as
 * the server knows it.
 */
@GrpcService
public class CsdsServer extends ClientStatusDiscoveryServiceImplBase {
  /** Streams answer between two steps of their work, so this is not reached but in distress. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ConnectedProxies proxies;

  @Inject
  CsdsServer(ConnectedProxies proxies) {
    this.proxies = proxies;
  }

  @Override
  public void fetchClientStatus(
      ClientStatusRequest request, StreamObserver<ClientStatusResponse> reply) {
    Replies.answer(reply, () -> status(request));
  }

  /** One answer to each request, in their order. */
  @Override
  public StreamObserver<ClientStatusRequest> streamClientStatus(
      StreamObserver<ClientStatusResponse> reply) {
    ServerCallStreamObserver<ClientStatusResponse> out =
        (ServerCallStreamObserver<ClientStatusResponse>) reply;
    out.disableAutoRequest();
    out.request(1);
    return new Conversation(out);
  }

  /** A client may have said its last word before it is answered. */
  private final class Conversation implements StreamObserver<ClientStatusRequest> {
    private final ServerCallStreamObserver<ClientStatusResponse> out;
    private boolean answering;
    private boolean over;

    Conversation(ServerCallStreamObserver<ClientStatusResponse> out) {
      this.out = out;
    }

    @Override
    public synchronized void onNext(ClientStatusRequest request) {
      answering = true;
      Replies.answer(
          new StreamObserver<>() {
            @Override
            public void onNext(ClientStatusResponse response) {
              out.onNext(response);
            }

            @Override
            public void onError(Throwable error) {
              out.onError(error);
            }

            @Override
            public void onCompleted() {
              answered();
            }
          },
          () -> status(request));
    }

    private synchronized void answered() {
      answering = false;
      if (over) {
        out.onCompleted();
      } else {
        out.request(1);
      }
    }

    @Override
    public synchronized void onCompleted() {
      over = true;
      if (!answering) {
        out.onCompleted();
      }
    }

    @Override
    public void onError(Throwable error) {
      // The client went; there is nothing to release.
    }
  }

  private ClientStatusResponse status(ClientStatusRequest request)
      throws InterruptedException, ExecutionException {
    Predicate<String> wanted = NodeFilter.of(request);
    ClientStatusResponse.Builder response = ClientStatusResponse.newBuilder();
    try {
      proxies.views(wanted).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).stream()
          .map(view -> ClientConfigs.of(view, !request.getExcludeResourceContents()))
          .forEach(response::addConfig);
    } catch (TimeoutException _) {
      throw Status.UNAVAILABLE
          .withDescription("the streams are too busy to say what they have; try again")
          .asRuntimeException();
    }
    return response.build();
  }
}
