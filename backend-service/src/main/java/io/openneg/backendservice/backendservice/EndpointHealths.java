package io.openneg.backendservice.backendservice;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.GetBackendServiceHealthRequest;
import io.openneg.backend.v1.GetBackendServiceHealthResponse;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Asks health-service how the endpoints of backend services are. Thread-safe. */
public final class EndpointHealths {
  private final ManagedChannel healthService;
  private final Duration deadline;

  public EndpointHealths(ManagedChannel healthService, Duration deadline) {
    this.healthService = healthService;
    this.deadline = deadline;
  }

  /**
   * @param request for a backend service that exists
   * @throws RejectedException HEALTH_UNAVAILABLE: what is not known is never told as nothing
   * @throws StatusRuntimeException when health-service refuses the page
   */
  GetBackendServiceHealthResponse of(GetBackendServiceHealthRequest request) {
    // Else a connection that failed often is not tried again for up to two minutes.
    healthService.resetConnectBackoff();
    try {
      GetHealthResponse answer =
          HealthGrpc.newBlockingStub(healthService)
              // One that has just come back is not missed.
              .withWaitForReady()
              .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS)
              .getHealth(
                  GetHealthRequest.newBuilder()
                      .setBackendService(request.getName())
                      .setGroup(request.getGroup())
                      .setPageSize(request.getPageSize())
                      .setPageToken(request.getPageToken())
                      .build());
      return GetBackendServiceHealthResponse.newBuilder()
          .addAllEndpointHealth(answer.getEndpointHealthList())
          .setNextPageToken(answer.getNextPageToken())
          .putAllHelp(answer.getHelpMap())
          .build();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT) {
        throw e;
      }
      String why =
          e.getStatus().getCode() == Status.Code.NOT_FOUND
              ? "has not heard of it, or of its group, yet"
              : "does not answer (%s)".formatted(e.getStatus().getCode());
      throw new RejectedException(
          new Rejection(
              Kind.UNAVAILABLE,
              "HEALTH_UNAVAILABLE",
              "the health of '%s' is not known: health-service %s"
                  .formatted(request.getName(), why)));
    }
  }
}
