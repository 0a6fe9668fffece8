package io.openneg.backendservice.targetproxy;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateTargetHttpProxyRequest;
import io.openneg.backend.v1.DeleteTargetHttpProxyRequest;
import io.openneg.backend.v1.DeleteTargetHttpProxyResponse;
import io.openneg.backend.v1.GetTargetHttpProxyRequest;
import io.openneg.backend.v1.ListTargetHttpProxiesRequest;
import io.openneg.backend.v1.ListTargetHttpProxiesResponse;
import io.openneg.backend.v1.SetUrlMapRequest;
import io.openneg.backend.v1.TargetHttpProxiesGrpc;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.UpdateTargetHttpProxyRequest;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;

/** The API of target HTTP proxies. */
@GrpcService
public class TargetHttpProxiesGrpcService extends TargetHttpProxiesGrpc.TargetHttpProxiesImplBase {
  private final TargetProxies<TargetHttpProxy> proxies;

  @Inject
  TargetHttpProxiesGrpcService(TargetProxies<TargetHttpProxy> proxies) {
    this.proxies = proxies;
  }

  @Override
  public void createTargetHttpProxy(
      CreateTargetHttpProxyRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.create(
                request,
                request.getRequestId(),
                request.getParent(),
                request.getTargetHttpProxyId(),
                request.getTargetHttpProxy()));
  }

  @Override
  public void getTargetHttpProxy(
      GetTargetHttpProxyRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(reply, () -> proxies.get(request.getName()));
  }

  @Override
  public void listTargetHttpProxies(
      ListTargetHttpProxiesRequest request, StreamObserver<ListTargetHttpProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              proxies.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListTargetHttpProxiesResponse.newBuilder()
              .addAllTargetHttpProxies(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateTargetHttpProxy(
      UpdateTargetHttpProxyRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.update(
                request,
                request.getRequestId(),
                "target_http_proxy.name",
                request.getTargetHttpProxy().getName(),
                request.getTargetHttpProxy(),
                request.getUpdateMask().getPathsList()));
  }

  @Override
  public void setUrlMap(SetUrlMapRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(
        reply,
        () ->
            proxies.update(
                request,
                request.getRequestId(),
                "name",
                request.getName(),
                TargetHttpProxy.newBuilder().setUrlMap(request.getUrlMap()).build(),
                List.of("url_map")));
  }

  @Override
  public void deleteTargetHttpProxy(
      DeleteTargetHttpProxyRequest request, StreamObserver<DeleteTargetHttpProxyResponse> reply) {
    Replies.answer(
        reply,
        () ->
            DeleteTargetHttpProxyResponse.newBuilder()
                .setChangeToken(proxies.delete(request, request.getRequestId(), request.getName()))
                .build());
  }
}
