package io.openneg.backendservice.backendservice;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.AddBackendRequest;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServicesGrpc;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.DeleteBackendServiceRequest;
import io.openneg.backend.v1.DeleteBackendServiceResponse;
import io.openneg.backend.v1.GetBackendServiceHealthRequest;
import io.openneg.backend.v1.GetBackendServiceHealthResponse;
import io.openneg.backend.v1.GetBackendServiceRequest;
import io.openneg.backend.v1.ListBackendServicesRequest;
import io.openneg.backend.v1.ListBackendServicesResponse;
import io.openneg.backend.v1.RemoveBackendRequest;
import io.openneg.backend.v1.UpdateBackendRequest;
import io.openneg.backend.v1.UpdateBackendServiceRequest;
import io.openneg.backendservice.resource.Backends;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.RejectedException;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;

/** The API of backend services. */
@GrpcService
public class BackendServicesGrpcService extends BackendServicesGrpc.BackendServicesImplBase {
  private final Resources<BackendService, BackendServiceCommand> services;
  private final KnownGroups known;
  private final EndpointHealths health;

  @Inject
  BackendServicesGrpcService(
      Resources<BackendService, BackendServiceCommand> services,
      KnownGroups known,
      EndpointHealths health) {
    this.services = services;
    this.known = known;
    this.health = health;
  }

  @Override
  public void createBackendService(
      CreateBackendServiceRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(
        reply,
        () -> {
          String name =
              services.newName(
                  request.getParent(), "backend_service_id", request.getBackendServiceId());
          CommandContext context = Requests.context(request, request.getRequestId());
          BackendService wanted = request.getBackendService();
          List<String> groups = groups(wanted);
          long id = Resources.newId();
          known.learn(groups);
          return services.run(
              name,
              context,
              tx ->
                  new BackendServiceCommand.Create(
                      name,
                      id,
                      Resources.timestamp(context.now()),
                      wanted,
                      services.facts(tx, name, wanted.getHealthChecksList()),
                      KnownGroups.facts(tx, groups)));
        });
  }

  @Override
  public void getBackendService(
      GetBackendServiceRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(reply, () -> services.get(request.getName()));
  }

  @Override
  public void listBackendServices(
      ListBackendServicesRequest request, StreamObserver<ListBackendServicesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              services.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListBackendServicesResponse.newBuilder()
              .addAllBackendServices(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void getHealth(
      GetBackendServiceHealthRequest request,
      StreamObserver<GetBackendServiceHealthResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          BackendService service = services.get(request.getName());
          String group = request.getGroup();
          if (!group.isEmpty() && !Backends.has(service, group)) {
            throw new RejectedException(BackendServiceDecider.noBackend(service, group));
          }
          return health.of(request);
        });
  }

  @Override
  public void updateBackendService(
      UpdateBackendServiceRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(
        reply,
        () -> {
          BackendService wanted = request.getBackendService();
          String name = services.name("backend_service.name", wanted.getName());
          List<String> fields = request.getUpdateMask().getPathsList();
          List<String> groups = replaces(fields, "backends") ? groups(wanted) : List.of();
          List<String> checks =
              replaces(fields, "health_checks") ? wanted.getHealthChecksList() : List.of();
          known.learn(groups);
          return services.run(
              name,
              Requests.context(request, request.getRequestId()),
              tx ->
                  new BackendServiceCommand.Update(
                      name,
                      wanted,
                      fields,
                      services.connections(tx, name, checks),
                      KnownGroups.facts(tx, groups)));
        });
  }

  private static boolean replaces(List<String> fields, String field) {
    return fields.isEmpty() || fields.contains(field);
  }

  private static List<String> groups(BackendService service) {
    return service.getBackendsList().stream().map(Backend::getGroup).toList();
  }

  @Override
  public void addBackend(AddBackendRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = services.name("name", request.getName());
          List<String> groups = List.of(request.getBackend().getGroup());
          known.learn(groups);
          return services.run(
              name,
              Requests.context(request, request.getRequestId()),
              tx ->
                  new BackendServiceCommand.AddBackend(
                      name, request.getBackend(), KnownGroups.facts(tx, groups)));
        });
  }

  @Override
  public void updateBackend(UpdateBackendRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = services.name("name", request.getName());
          return services.run(
              name,
              Requests.context(request, request.getRequestId()),
              _ -> new BackendServiceCommand.UpdateBackend(name, request.getBackend()));
        });
  }

  @Override
  public void removeBackend(RemoveBackendRequest request, StreamObserver<BackendService> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = services.name("name", request.getName());
          return services.run(
              name,
              Requests.context(request, request.getRequestId()),
              _ -> new BackendServiceCommand.RemoveBackend(name, request.getGroup()));
        });
  }

  @Override
  public void deleteBackendService(
      DeleteBackendServiceRequest request, StreamObserver<DeleteBackendServiceResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = services.name("name", request.getName());
          String token =
              services.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx ->
                      new BackendServiceCommand.Delete(name, services.facts(tx, name, List.of())));
          return DeleteBackendServiceResponse.newBuilder().setChangeToken(token).build();
        });
  }
}
