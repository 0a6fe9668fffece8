package io.openneg.backendservice.urlmap;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.DeleteUrlMapRequest;
import io.openneg.backend.v1.DeleteUrlMapResponse;
import io.openneg.backend.v1.GetUrlMapRequest;
import io.openneg.backend.v1.ListUrlMapsRequest;
import io.openneg.backend.v1.ListUrlMapsResponse;
import io.openneg.backend.v1.UpdateUrlMapRequest;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapValidationResult;
import io.openneg.backend.v1.UrlMapsGrpc;
import io.openneg.backend.v1.ValidateUrlMapRequest;
import io.openneg.backendservice.resource.Resources;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.eventlog.CommandContext;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.Stream;

/** The API of URL maps. */
@GrpcService
public class UrlMapsGrpcService extends UrlMapsGrpc.UrlMapsImplBase {
  private final Resources<UrlMap, UrlMapCommand> maps;

  @Inject
  UrlMapsGrpcService(Resources<UrlMap, UrlMapCommand> maps) {
    this.maps = maps;
  }

  @Override
  public void createUrlMap(CreateUrlMapRequest request, StreamObserver<UrlMap> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = maps.newName(request.getParent(), "url_map_id", request.getUrlMapId());
          CommandContext context = Requests.context(request, request.getRequestId());
          UrlMap wanted = request.getUrlMap();
          long id = Resources.newId();
          return maps.run(
              name,
              context,
              tx ->
                  new UrlMapCommand.Create(
                      name,
                      id,
                      Resources.timestamp(context.now()),
                      wanted,
                      maps.connections(tx, name, services(wanted))));
        });
  }

  @Override
  public void getUrlMap(GetUrlMapRequest request, StreamObserver<UrlMap> reply) {
    Replies.answer(reply, () -> maps.get(request.getName()));
  }

  @Override
  public void listUrlMaps(ListUrlMapsRequest request, StreamObserver<ListUrlMapsResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              maps.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListUrlMapsResponse.newBuilder()
              .addAllUrlMaps(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateUrlMap(UpdateUrlMapRequest request, StreamObserver<UrlMap> reply) {
    Replies.answer(
        reply,
        () -> {
          UrlMap wanted = request.getUrlMap();
          String name = maps.name("url_map.name", wanted.getName());
          return maps.run(
              name,
              Requests.context(request, request.getRequestId()),
              tx ->
                  new UrlMapCommand.Update(
                      name,
                      wanted,
                      request.getUpdateMask().getPathsList(),
                      maps.connections(tx, name, both(services(wanted), maps.used(tx, name)))));
        });
  }

  @Override
  public void deleteUrlMap(
      DeleteUrlMapRequest request, StreamObserver<DeleteUrlMapResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = maps.name("name", request.getName());
          String token =
              maps.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx -> new UrlMapCommand.Delete(name, maps.facts(tx, name, List.of())));
          return DeleteUrlMapResponse.newBuilder().setChangeToken(token).build();
        });
  }

  @Override
  public void validateUrlMap(
      ValidateUrlMapRequest request, StreamObserver<UrlMapValidationResult> reply) {
    Replies.answer(
        reply,
        () -> {
          UrlMap wanted = request.getUrlMap();
          String name = maps.name("name", request.getName());
          return UrlMapValidation.result(name, wanted, maps.connections(name, services(wanted)));
        });
  }

  /** With an update mask the map may keep what it refers to. */
  private static List<String> both(List<String> wanted, List<String> current) {
    return Stream.concat(wanted.stream(), current.stream()).distinct().toList();
  }

  private static List<String> services(UrlMap map) {
    return List.copyOf(UrlMapReferences.services(map).keySet());
  }
}
