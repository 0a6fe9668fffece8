package io.openneg.proxyconfigservice.explain;

import com.google.protobuf.util.Timestamps;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.proxyconfig.v1.ExplainEndpointRequest;
import io.openneg.proxyconfig.v1.ExplainEndpointResponse;
import io.openneg.proxyconfig.v1.ExplainGrpc;
import io.openneg.proxyconfig.v1.ExplainRequestRequest;
import io.openneg.proxyconfig.v1.ExplainRequestResponse;
import io.openneg.proxyconfig.v1.LaggingProxy;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import io.openneg.proxyconfigservice.explain.Convergence.Lag;
import io.openneg.proxyconfigservice.explain.Convergence.Progress;
import io.openneg.proxyconfigservice.explain.EndpointExplanation.Explanation;
import io.openneg.proxyconfigservice.history.Moments;
import io.openneg.proxyconfigservice.history.Revisions;
import io.openneg.proxyconfigservice.history.RoutingHistory;
import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher.Served;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.Pin;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.xds.NegName;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** What became of a change, why an endpoint gets traffic or not, and what becomes of a request. */
@GrpcService
public class ExplainGrpcService extends ExplainGrpc.ExplainImplBase {
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final int STANDARD_WAIT_MS = 10_000;
  private static final int MAX_WAIT_MS = 60_000;

  private final RoutingPublisher publisher;
  private final ConnectedProxies proxies;
  private final Convergence convergence;
  private final RequestQuery requests;

  @Inject
  ExplainGrpcService(
      RoutingFeed feed,
      RoutingPublisher publisher,
      ConnectedProxies proxies,
      RoutingHistory history,
      Revisions revisions) {
    this.publisher = publisher;
    this.proxies = proxies;
    this.convergence =
        new Convergence(feed, proxies, () -> publisher.served().flatMap(Served::pin));
    this.requests = new RequestQuery(proxies, history, new Moments(history, revisions));
  }

  @Override
  public void waitForConvergence(
      WaitForConvergenceRequest request, StreamObserver<WaitForConvergenceResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          int timeout = request.hasTimeoutMs() ? request.getTimeoutMs() : STANDARD_WAIT_MS;
          Optional<ChangeToken> token = ChangeToken.parse(request.getChangeToken());
          Violations violations = new Violations();
          violations.check(
              token.isPresent(),
              "change_token",
              "must be \"{name}@{version}\", as a write answers");
          violations.range(timeout, 0, MAX_WAIT_MS, "timeout_ms");
          violations.orThrow();
          return answer(convergence.await(token.orElseThrow(), Duration.ofMillis(timeout)));
        });
  }

  @Override
  public void explainEndpoint(
      ExplainEndpointRequest request, StreamObserver<ExplainEndpointResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          Violations violations = new Violations();
          violations.check(
              NegName.parse(request.getNetworkEndpointGroup()).isPresent(),
              "network_endpoint_group",
              "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id} or"
                  + " projects/{project}/zones/{zone}/instanceGroups/{id}");
          violations.check(
              IPV4.matcher(request.getIpAddress()).matches(), "ip_address", "must be IPv4");
          violations.range(request.getPort(), 1, 65_535, "port");
          violations.orThrow();
          Served served = served();
          return answer(
              EndpointExplanation.of(
                  request.getNetworkEndpointGroup(),
                  new EndpointAddress(request.getIpAddress(), request.getPort()),
                  served.table(),
                  served.snapshot(),
                  proxies.status()),
              served);
        });
  }

  @Override
  public void explainRequest(
      ExplainRequestRequest request, StreamObserver<ExplainRequestResponse> reply) {
    Replies.answer(reply, () -> requests.explain(RequestQuestion.of(request), served()));
  }

  private Served served() {
    return publisher
        .served()
        .orElseThrow(
            () ->
                new RejectedException(
                    new Rejection(
                        Kind.UNAVAILABLE,
                        "ROUTING_TABLE_NOT_COMPLETE",
                        "the routing table is not complete yet; try again")));
  }

  private static ExplainEndpointResponse answer(Explanation explanation, Served served) {
    var answer =
        ExplainEndpointResponse.newBuilder()
            .setReceivesTraffic(explanation.receivesTraffic())
            .setSummary(explanation.summary())
            .setRevision(served.table().revision())
            .setHeldBack(served.pin().map(Pin::toString).orElse(""));
    return answer.addAllFindings(FindingMessages.of(explanation.findings())).build();
  }

  private static WaitForConvergenceResponse answer(Progress progress) {
    var answer =
        WaitForConvergenceResponse.newBuilder()
            .setConverged(progress.converged())
            .setRevision(progress.revision())
            .setNotApplied(progress.notApplied())
            .setHeldBack(progress.heldBack())
            .setConnectedProxies(progress.connected());
    for (Lag lag : progress.lagging()) {
      answer.addLaggingProxies(
          LaggingProxy.newBuilder()
              .setNodeId(lag.proxy().nodeId())
              .setConnectedSince(Timestamps.fromMillis(lag.proxy().connectedSince().toEpochMilli()))
              .addAllReasons(lag.reasons()));
    }
    return answer.build();
  }
}
