package io.openneg.negservice;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.backend.v1.FenceGroupResponse;
import io.openneg.backend.v1.GroupReferencesGrpc;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** What neg-service sees of backend-service. */
final class FakeBackendService extends GroupReferencesGrpc.GroupReferencesImplBase
    implements AutoCloseable {
  private final Map<String, List<String>> users = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<FenceGroupRequest> asked = new ConcurrentLinkedQueue<>();
  private final AtomicReference<CountDownLatch> gate = new AtomicReference<>(new CountDownLatch(0));
  private final Server server;

  private FakeBackendService(int port) throws IOException {
    server =
        Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
            .addService(this)
            .build()
            .start();
  }

  /**
   * @param port 0: a free one
   */
  static FakeBackendService start(int port) throws IOException {
    return new FakeBackendService(port);
  }

  int port() {
    return server.getPort();
  }

  FakeBackendService using(String group, String... usedBy) {
    users.put(group, List.of(usedBy));
    return this;
  }

  /** Questions wait until the latch is counted down. */
  FakeBackendService answeringAfter(CountDownLatch latch) {
    gate.set(latch);
    return this;
  }

  List<FenceGroupRequest> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void fenceGroup(FenceGroupRequest request, StreamObserver<FenceGroupResponse> reply) {
    asked.add(request);
    Thread.startVirtualThread(
        () -> {
          try {
            gate.get().await();
          } catch (InterruptedException e) {
            return;
          }
          reply.onNext(
              FenceGroupResponse.newBuilder()
                  .addAllUsers(users.getOrDefault(request.getName(), List.of()))
                  .build());
          reply.onCompleted();
        });
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
