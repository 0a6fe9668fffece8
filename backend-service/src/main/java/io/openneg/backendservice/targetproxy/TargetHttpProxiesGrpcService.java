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
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;

/** The API of target HTTP proxies. */
@GrpcService
public class TargetHttpProxiesGrpcService extends TargetHttpProxiesGrpc.TargetHttpProxiesImplBase {
  private final Resources<TargetHttpProxy, TargetHttpProxyCommand> proxies;

  @Inject
  TargetHttpProxiesGrpcService(Resources<TargetHttpProxy, TargetHttpProxyCommand> proxies) {
    this.proxies = proxies;
  }

  @Override
  public void createTargetHttpProxy(
      CreateTargetHttpProxyRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(
        reply,
        () -> {
          String name =
              proxies.newName(
                  request.getParent(), "target_http_proxy_id", request.getTargetHttpProxyId());
          CommandContext context = Requests.context(request, request.getRequestId());
          TargetHttpProxy wanted = request.getTargetHttpProxy();
          long id = Resources.newId();
          return proxies.run(
              name,
              context,
              tx ->
                  new TargetHttpProxyCommand.Create(
                      name,
                      id,
                      Resources.timestamp(context.now()),
                      wanted,
                      proxies.facts(tx, name, List.of(wanted.getUrlMap()))));
        });
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
              proxies.list(request.getParent(), request.getPageSize(), request.getPageToken());
          return ListTargetHttpProxiesResponse.newBuilder()
              .addAllTargetHttpProxies(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void setUrlMap(SetUrlMapRequest request, StreamObserver<TargetHttpProxy> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = proxies.name("name", request.getName());
          return proxies.run(
              name,
              Requests.context(request, request.getRequestId()),
              tx ->
                  new TargetHttpProxyCommand.SetUrlMap(
                      name,
                      request.getUrlMap(),
                      proxies.facts(tx, name, List.of(request.getUrlMap()))));
        });
  }

  @Override
  public void deleteTargetHttpProxy(
      DeleteTargetHttpProxyRequest request, StreamObserver<DeleteTargetHttpProxyResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = proxies.name("name", request.getName());
          String token =
              proxies.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx ->
                      new TargetHttpProxyCommand.Delete(name, proxies.facts(tx, name, List.of())));
          return DeleteTargetHttpProxyResponse.newBuilder().setChangeToken(token).build();
        });
  }
}
