package io.openneg.backendservice.targetproxy;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateTargetTcpProxyRequest;
import io.openneg.backend.v1.DeleteTargetTcpProxyRequest;
import io.openneg.backend.v1.DeleteTargetTcpProxyResponse;
import io.openneg.backend.v1.GetTargetTcpProxyRequest;
import io.openneg.backend.v1.ListTargetTcpProxiesRequest;
import io.openneg.backend.v1.ListTargetTcpProxiesResponse;
import io.openneg.backend.v1.TargetTcpProxiesGrpc;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UpdateTargetTcpProxyRequest;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The API of target TCP proxies. */
@GrpcService
public class TargetTcpProxiesGrpcService extends TargetTcpProxiesGrpc.TargetTcpProxiesImplBase {
  private final TargetProxies<TargetTcpProxy> proxies;

  @Inject
  TargetTcpProxiesGrpcService(TargetProxies<TargetTcpProxy> proxies) {
    this.proxies = proxies;
  }

  @Override
  public void createTargetTcpProxy(
      CreateTargetTcpProxyRequest request, StreamObserver<TargetTcpProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.create(
                request,
                request.getRequestId(),
                request.getParent(),
                request.getTargetTcpProxyId(),
                request.getTargetTcpProxy()));
  }

  @Override
  public void getTargetTcpProxy(
      GetTargetTcpProxyRequest request, StreamObserver<TargetTcpProxy> reply) {
    Replies.answer(reply, () -> proxies.get(request.getName()));
  }

  @Override
  public void listTargetTcpProxies(
      ListTargetTcpProxiesRequest request, StreamObserver<ListTargetTcpProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              proxies.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListTargetTcpProxiesResponse.newBuilder()
              .addAllTargetTcpProxies(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateTargetTcpProxy(
      UpdateTargetTcpProxyRequest request, StreamObserver<TargetTcpProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.update(
                request,
                request.getRequestId(),
                "target_tcp_proxy.name",
                request.getTargetTcpProxy().getName(),
                request.getTargetTcpProxy(),
                request.getUpdateMask().getPathsList()));
  }

  @Override
  public void deleteTargetTcpProxy(
      DeleteTargetTcpProxyRequest request, StreamObserver<DeleteTargetTcpProxyResponse> reply) {
    Replies.answer(
        reply,
        () ->
            DeleteTargetTcpProxyResponse.newBuilder()
                .setChangeToken(proxies.delete(request, request.getRequestId(), request.getName()))
                .build());
  }
}
