package io.openneg.negservice.neg;

import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Asks health-service how endpoints are. Thread-safe. */
public final class NegHealth {
  private final ManagedChannel healthService;
  private final Duration deadline;

  /**
   * @param deadline of a question, however many pages its answer has
   */
  public NegHealth(ManagedChannel healthService, Duration deadline) {
    this.healthService = healthService;
    this.deadline = deadline;
  }

  /**
   * The health of endpoints of a group, one for each endpoint and backend service, all of them.
   *
   * @param endpoints up to 10,000
   * @throws StatusRuntimeException when there is no complete answer in time
   */
  List<EndpointHealth> of(String name, List<EndpointAddress> endpoints) {
    List<EndpointHealth> healths = new ArrayList<>();
    if (endpoints.isEmpty()) {
      return healths;
    }
    // Else a connection that failed often is not tried again for up to two minutes.
    healthService.resetConnectBackoff();
    var stub =
        HealthGrpc.newBlockingStub(healthService)
            .withDeadline(Deadline.after(deadline.toMillis(), TimeUnit.MILLISECONDS));
    ListEndpointHealthRequest.Builder request =
        ListEndpointHealthRequest.newBuilder().setNetworkEndpointGroup(name);
    endpoints.forEach(
        address ->
            request
                .addEndpointsBuilder()
                .setIpAddress(address.ip().toString())
                .setPort(address.port()));
    do {
      ListEndpointHealthResponse page = stub.listEndpointHealth(request.build());
      healths.addAll(page.getEndpointHealthList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return healths;
  }
}
