package io.openneg.backendservice.healthcheck;

import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.CreateHealthCheckRequest;
import io.openneg.backend.v1.DeleteHealthCheckRequest;
import io.openneg.backend.v1.DeleteHealthCheckResponse;
import io.openneg.backend.v1.GetHealthCheckRequest;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HealthChecksGrpc;
import io.openneg.backend.v1.ListHealthChecksRequest;
import io.openneg.backend.v1.ListHealthChecksResponse;
import io.openneg.backend.v1.UpdateHealthCheckRequest;
import io.openneg.backendservice.resource.Resources;
import io.openneg.eventlog.CommandContext;
import io.openneg.serviceruntime.grpc.Replies;
import io.openneg.serviceruntime.grpc.Requests;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;

/** The API of health checks. */
@GrpcService
public class HealthChecksGrpcService extends HealthChecksGrpc.HealthChecksImplBase {
  private final Resources<HealthCheck, HealthCheckCommand> checks;

  @Inject
  HealthChecksGrpcService(Resources<HealthCheck, HealthCheckCommand> checks) {
    this.checks = checks;
  }

  @Override
  public void createHealthCheck(
      CreateHealthCheckRequest request, StreamObserver<HealthCheck> reply) {
    Replies.answer(
        reply,
        () -> {
          String name =
              checks.newName(request.getParent(), "health_check_id", request.getHealthCheckId());
          CommandContext context = Requests.context(request, request.getRequestId());
          var create =
              new HealthCheckCommand.Create(
                  name,
                  Resources.newId(),
                  Resources.timestamp(context.now()),
                  request.getHealthCheck());
          return checks.run(name, context, _ -> create);
        });
  }

  @Override
  public void getHealthCheck(GetHealthCheckRequest request, StreamObserver<HealthCheck> reply) {
    Replies.answer(reply, () -> checks.get(request.getName()));
  }

  @Override
  public void listHealthChecks(
      ListHealthChecksRequest request, StreamObserver<ListHealthChecksResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              checks.list(
                  request.getParent(),
                  request.getPageSize(),
                  request.getPageToken(),
                  request.getFilter());
          return ListHealthChecksResponse.newBuilder()
              .addAllHealthChecks(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void updateHealthCheck(
      UpdateHealthCheckRequest request, StreamObserver<HealthCheck> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = checks.name("health_check.name", request.getHealthCheck().getName());
          return checks.run(
              name,
              Requests.context(request, request.getRequestId()),
              _ -> new HealthCheckCommand.Update(name, request.getHealthCheck()));
        });
  }

  @Override
  public void deleteHealthCheck(
      DeleteHealthCheckRequest request, StreamObserver<DeleteHealthCheckResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          String name = checks.name("name", request.getName());
          String token =
              checks.delete(
                  name,
                  Requests.context(request, request.getRequestId()),
                  tx -> new HealthCheckCommand.Delete(name, checks.facts(tx, name, List.of())));
          return DeleteHealthCheckResponse.newBuilder().setChangeToken(token).build();
        });
  }
}
