package io.openneg.negservice;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import java.io.IOException;
import java.util.List;

/**
 * What neg-service sees of health-service: every endpoint is used by some backend services, and
 * healthy when its port is even. It answers in pages of one endpoint.
 */
final class FakeHealthService extends HealthGrpc.HealthImplBase implements AutoCloseable {
  private final List<String> backendServices;
  private final Server server;

  private final int failingPage;

  /**
   * @param failingPage this page, counted from 0, is never answered; -1: all are
   */
  FakeHealthService(int port, int failingPage, String... backendServices) throws IOException {
    this.failingPage = failingPage;
    this.backendServices = List.of(backendServices);
    server =
        Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create())
            .addService(this)
            .build()
            .start();
  }

  @Override
  public void listEndpointHealth(
      ListEndpointHealthRequest request, StreamObserver<ListEndpointHealthResponse> reply) {
    int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
    if (page == failingPage) {
      return;
    }
    EndpointAddress address = request.getEndpoints(page);
    ListEndpointHealthResponse.Builder answer = ListEndpointHealthResponse.newBuilder();
    for (String backendService : backendServices) {
      answer.addEndpointHealth(
          EndpointHealth.newBuilder()
              .setNetworkEndpointGroup(request.getNetworkEndpointGroup())
              .setBackendService(backendService)
              .setIpAddress(address.getIpAddress())
              .setPort(address.getPort())
              .setState(address.getPort() % 2 == 0 ? HealthState.HEALTHY : HealthState.UNHEALTHY));
    }
    if (page + 1 < request.getEndpointsCount()) {
      answer.setNextPageToken(Integer.toString(page + 1));
    }
    reply.onNext(answer.build());
    reply.onCompleted();
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
