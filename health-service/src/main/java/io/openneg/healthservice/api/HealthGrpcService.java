package io.openneg.healthservice.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthHistoryRequest;
import io.openneg.health.v1.GetHealthHistoryResponse;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import io.openneg.health.v1.ProbeNowRequest;
import io.openneg.health.v1.ProbeNowResponse;
import io.openneg.health.v1.WatchHealthRequest;
import io.openneg.health.v1.WatchHealthResponse;
import io.openneg.healthservice.probe.Prober;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.List;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** The API of health, from the tables; any replica can answer. */
@GrpcService
public class HealthGrpcService extends HealthGrpc.HealthImplBase {
  /** With the longest names and texts there can be, this many fit into 4 MiB. */
  private static final int MAX_PAGE = 3_000;

  private static final int MAX_ENDPOINTS = 10_000;

  private final Jdbi jdbi;
  private final HealthWatches watches;
  private final SingleProbe single;

  @Inject
  HealthGrpcService(EventLogRuntime runtime, HealthWatches watches, Prober prober) {
    this.jdbi = runtime.jdbi();
    this.watches = watches;
    this.single = new SingleProbe(jdbi, prober);
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

  @Override
  public void watchHealth(WatchHealthRequest request, StreamObserver<WatchHealthResponse> reply) {
    // At once, as handlers of a call must be set.
    HealthWatch watch = watches.open((ServerCallStreamObserver<WatchHealthResponse>) reply);
    Replies.stream(reply, () -> watches.follow(watch, request));
  }

  @Override
  public void getHealthHistory(
      GetHealthHistoryRequest request, StreamObserver<GetHealthHistoryResponse> reply) {
    Replies.answer(reply, () -> jdbi.withHandle(handle -> HealthHistory.of(handle, request)));
  }

  @Override
  public void probeNow(ProbeNowRequest request, StreamObserver<ProbeNowResponse> reply) {
    Replies.answer(reply, () -> single.probe(request));
  }

  private GetHealthResponse health(GetHealthRequest request) {
    String service = Requested.service(request.getBackendService());
    String group = request.getGroup().isEmpty() ? "" : Requested.group("group", request.getGroup());
    Page page = Page.of(request.getPageSize(), request.getPageToken(), MAX_PAGE, MAX_PAGE);
    ServiceCursor after = ServiceCursor.of(page.after());
    // One snapshot, so that the answer is the health of one membership.
    return jdbi.inTransaction(
        TransactionIsolationLevel.REPEATABLE_READ,
        tx -> {
          var check = Requested.check(tx, service, group);
          var answer =
              page.answer(
                  EndpointHealthQueries.ofService(tx, service, group, after, page.size() + 1),
                  ServiceCursor::key);
          var checks = EffectiveChecks.named(tx, check.stream().toList());
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
    String group = Requested.group("network_endpoint_group", request.getNetworkEndpointGroup());
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
      Requested.endpoint(
          "endpoints[%d].".formatted(i), endpoint.getIpAddress(), endpoint.getPort(), faults);
    }
    Requested.none(faults);
  }
}
