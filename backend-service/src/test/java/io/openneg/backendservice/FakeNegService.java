package io.openneg.backendservice;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.openneg.neg.v1.GetInstanceGroupRequest;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.InstanceGroupsGrpc;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What backend-service sees of neg-service. */
final class FakeNegService extends NetworkEndpointGroupsGrpc.NetworkEndpointGroupsImplBase
    implements AutoCloseable {
  private final Map<String, Long> groups = new ConcurrentHashMap<>();
  private final Server server;

  private FakeNegService(int port) throws IOException {
    server =
        Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
            .addService(this)
            .addService(new InstanceGroups())
            .build()
            .start();
  }

  static FakeNegService start(int port) throws IOException {
    return new FakeNegService(port);
  }

  /** From now on there is this group. */
  String with(String name, long id) {
    groups.put(name, id);
    return name;
  }

  @Override
  public void getNetworkEndpointGroup(
      GetNetworkEndpointGroupRequest request, StreamObserver<NetworkEndpointGroup> reply) {
    Long id = groups.get(request.getName());
    if (id == null) {
      reply.onError(Status.NOT_FOUND.asRuntimeException());
      return;
    }
    reply.onNext(NetworkEndpointGroup.newBuilder().setName(request.getName()).setId(id).build());
    reply.onCompleted();
  }

  private final class InstanceGroups extends InstanceGroupsGrpc.InstanceGroupsImplBase {
    @Override
    public void getInstanceGroup(
        GetInstanceGroupRequest request, StreamObserver<InstanceGroup> reply) {
      Long id = groups.get(request.getName());
      if (id == null) {
        reply.onError(Status.NOT_FOUND.asRuntimeException());
        return;
      }
      reply.onNext(InstanceGroup.newBuilder().setName(request.getName()).setId(id).build());
      reply.onCompleted();
    }
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
