package io.openneg.healthservice.endpointhealth;

import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** The health of endpoints, from the tables; any replica can answer. */
@GrpcService
public class HealthGrpcService extends HealthGrpc.HealthImplBase {
  /** With the longest names and texts there can be, this many fit into 4 MiB. */
  private static final int MAX_PAGE = 3_000;

  private static final int MAX_ENDPOINTS = 10_000;

  private final Jdbi jdbi;

  @Inject
  HealthGrpcService(EventLogRuntime runtime) {
    this.jdbi = runtime.jdbi();
  }

  @Override
  public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> reply) {
    Replies.answer(reply, () -> health(request));
  }

  @Override
  public void listEndpointHealth(
      ListEndpointHealthRequest request, StreamObserver<ListEndpointHealthResponse> reply) {
    Replies.answer(reply, () -> endpointHealth(request));
  }

  private GetHealthResponse health(GetHealthRequest request) {
    String service = service(request.getBackendService());
    String group = request.getGroup().isEmpty() ? "" : group("group", request.getGroup());
    Page page = Page.of(request.getPageSize(), request.getPageToken(), MAX_PAGE, MAX_PAGE);
    ServiceCursor after = ServiceCursor.of(page.after());
    // One snapshot, so that the answer is the health of one membership.
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          var check =
              EndpointHealthQueries.healthCheck(tx, service).orElseThrow(() -> unknown(service));
          if (!group.isEmpty() && !EndpointHealthQueries.isBackend(tx, service, group)) {
            throw invalid("group", "must be a backend of " + service);
          }
          var answer =
              page.answer(
                  EndpointHealthQueries.ofService(tx, service, group, after, page.size() + 1),
                  ServiceCursor::key);
          var checks = EffectiveChecks.named(tx, check.map(Set::of).orElse(Set.of()));
          var response =
              GetHealthResponse.newBuilder()
                  .addAllEndpointHealth(
                      EndpointHealthQueries.withProbedPorts(answer.items(), checks))
                  .setNextPageToken(answer.nextPageToken())
                  .putAllHelp(EndpointHealthQueries.help(answer.items()));
          checks.values().forEach(found -> response.setEffectiveHealthCheck(found.message()));
          return response.build();
        });
  }

  private ListEndpointHealthResponse endpointHealth(ListEndpointHealthRequest request) {
    String group = group("network_endpoint_group", request.getNetworkEndpointGroup());
    check(request.getEndpointsList());
    Page page = Page.of(request.getPageSize(), request.getPageToken(), MAX_PAGE, MAX_PAGE);
    GroupCursor after = GroupCursor.of(page.after());
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          var answer =
              page.answer(
                  EndpointHealthQueries.ofGroup(
                      tx, group, request.getEndpointsList(), after, page.size() + 1),
                  GroupCursor::key);
          var checks =
              EffectiveChecks.named(
                  tx,
                  answer.items().stream()
                      .map(EndpointHealth::getHealthCheck)
                      .collect(Collectors.toSet()));
          return ListEndpointHealthResponse.newBuilder()
              .addAllEndpointHealth(EndpointHealthQueries.withProbedPorts(answer.items(), checks))
              .setNextPageToken(answer.nextPageToken())
              .addAllEffectiveHealthChecks(
                  checks.values().stream().map(EffectiveChecks.Effective::message).toList())
              .putAllHelp(EndpointHealthQueries.help(answer.items()))
              .build();
        });
  }

  private static void check(List<EndpointAddress> endpoints) {
    Violations faults = new Violations();
    faults.check(
        endpoints.size() <= MAX_ENDPOINTS,
        "endpoints",
        "must have up to %,d items, has %,d".formatted(MAX_ENDPOINTS, endpoints.size()));
    for (int i = 0; i < Math.min(endpoints.size(), MAX_ENDPOINTS); i++) {
      EndpointAddress endpoint = endpoints.get(i);
      String at = "endpoints[%d].".formatted(i);
      faults.check(
          PageKeys.isIp(endpoint.getIpAddress()), at + "ip_address", "must be an IPv4 address");
      faults.range(endpoint.getPort(), 1, 65_535, at + "port");
    }
    faults
        .rejection()
        .ifPresent(
            rejection -> {
              throw new RejectedException(rejection);
            });
  }

  private static String service(String name) {
    return ResourceName.parse("backend_service", name, Scope.GLOBAL, "backendServices").toString();
  }

  private static String group(String field, String name) {
    return ResourceName.parse(field, name, Scope.ZONE, "networkEndpointGroups").toString();
  }

  private static RejectedException unknown(String service) {
    return new RejectedException(
        new Rejection(
            Kind.NOT_FOUND,
            "NOT_FOUND",
            "The backend service '%s' is not known to health-service.".formatted(service)));
  }

  private static RejectedException invalid(String field, String rule) {
    Violations faults = new Violations();
    faults.check(false, field, rule);
    return new RejectedException(faults.rejection().orElseThrow());
  }
}
