package io.openneg.backendservice.targetproxy;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateTargetHttpsProxyRequest;
import io.openneg.backend.v1.DeleteTargetHttpsProxyRequest;
import io.openneg.backend.v1.DeleteTargetHttpsProxyResponse;
import io.openneg.backend.v1.GetTargetHttpsProxyRequest;
import io.openneg.backend.v1.ListTargetHttpsProxiesRequest;
import io.openneg.backend.v1.ListTargetHttpsProxiesResponse;
import io.openneg.backend.v1.TargetHttpsProxiesGrpc;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.UpdateTargetHttpsProxyRequest;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;

/** The API of target HTTPS proxies. */
@GrpcService
public class TargetHttpsProxiesGrpcService
    extends TargetHttpsProxiesGrpc.TargetHttpsProxiesImplBase {
  private final TargetProxies<TargetHttpsProxy> proxies;

  @Inject
  TargetHttpsProxiesGrpcService(TargetProxies<TargetHttpsProxy> proxies) {
    this.proxies = proxies;
  }

  @Override
  public void createTargetHttpsProxy(
      CreateTargetHttpsProxyRequest request, StreamObserver<TargetHttpsProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.create(
                request,
                request.getRequestId(),
                request.getParent(),
                request.getTargetHttpsProxyId(),
                request.getTargetHttpsProxy()));
  }

  @Override
  public void getTargetHttpsProxy(
      GetTargetHttpsProxyRequest request, StreamObserver<TargetHttpsProxy> reply) {
    Replies.answer(reply, () -> proxies.get(request.getName()));
  }

  @Override
  public void listTargetHttpsProxies(
      ListTargetHttpsProxiesRequest request, StreamObserver<ListTargetHttpsProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              proxies.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListTargetHttpsProxiesResponse.newBuilder()
              .addAllTargetHttpsProxies(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateTargetHttpsProxy(
      UpdateTargetHttpsProxyRequest request, StreamObserver<TargetHttpsProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.update(
                request,
                request.getRequestId(),
                "target_https_proxy.name",
                request.getTargetHttpsProxy().getName(),
                request.getTargetHttpsProxy(),
                request.getUpdateMask().getPathsList()));
  }

  @Override
  public void deleteTargetHttpsProxy(
      DeleteTargetHttpsProxyRequest request, StreamObserver<DeleteTargetHttpsProxyResponse> reply) {
    Replies.answer(
        reply,
        () ->
            DeleteTargetHttpsProxyResponse.newBuilder()
                .setChangeToken(proxies.delete(request, request.getRequestId(), request.getName()))
                .build());
  }
}
