package io.openneg.backendservice.targetproxy;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateTargetSslProxyRequest;
import io.openneg.backend.v1.DeleteTargetSslProxyRequest;
import io.openneg.backend.v1.DeleteTargetSslProxyResponse;
import io.openneg.backend.v1.GetTargetSslProxyRequest;
import io.openneg.backend.v1.ListTargetSslProxiesRequest;
import io.openneg.backend.v1.ListTargetSslProxiesResponse;
import io.openneg.backend.v1.TargetSslProxiesGrpc;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.UpdateTargetSslProxyRequest;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The API of target SSL proxies. */
@GrpcService
public class TargetSslProxiesGrpcService extends TargetSslProxiesGrpc.TargetSslProxiesImplBase {
  private final TargetProxies<TargetSslProxy> proxies;

  @Inject
  TargetSslProxiesGrpcService(TargetProxies<TargetSslProxy> proxies) {
    this.proxies = proxies;
  }

  @Override
  public void createTargetSslProxy(
      CreateTargetSslProxyRequest request, StreamObserver<TargetSslProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.create(
                request,
                request.getRequestId(),
                request.getParent(),
                request.getTargetSslProxyId(),
                request.getTargetSslProxy()));
  }

  @Override
  public void getTargetSslProxy(
      GetTargetSslProxyRequest request, StreamObserver<TargetSslProxy> reply) {
    Replies.answer(reply, () -> proxies.get(request.getName()));
  }

  @Override
  public void listTargetSslProxies(
      ListTargetSslProxiesRequest request, StreamObserver<ListTargetSslProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              proxies.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListTargetSslProxiesResponse.newBuilder()
              .addAllTargetSslProxies(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateTargetSslProxy(
      UpdateTargetSslProxyRequest request, StreamObserver<TargetSslProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.update(
                request,
                request.getRequestId(),
                "target_ssl_proxy.name",
                request.getTargetSslProxy().getName(),
                request.getTargetSslProxy(),
                request.getUpdateMask().getPathsList()));
  }

  @Override
  public void deleteTargetSslProxy(
      DeleteTargetSslProxyRequest request, StreamObserver<DeleteTargetSslProxyResponse> reply) {
    Replies.answer(
        reply,
        () ->
            DeleteTargetSslProxyResponse.newBuilder()
                .setChangeToken(proxies.delete(request, request.getRequestId(), request.getName()))
                .build());
  }
}
