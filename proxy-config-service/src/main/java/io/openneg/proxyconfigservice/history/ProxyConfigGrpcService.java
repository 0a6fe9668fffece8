package io.openneg.proxyconfigservice.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.proxyconfig.v1.ExplainEndpointRequest;
import io.openneg.proxyconfig.v1.ExplainEndpointResponse;
import io.openneg.proxyconfig.v1.Finding;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.LaggingProxy;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.ListProxiesResponse;
import io.openneg.proxyconfig.v1.ListRevisionsRequest;
import io.openneg.proxyconfig.v1.ListRevisionsResponse;
import io.openneg.proxyconfig.v1.Proxy;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import io.openneg.proxyconfig.v1.Refusal;
import io.openneg.proxyconfig.v1.RoutingRow;
import io.openneg.proxyconfig.v1.TypeStatus;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import io.openneg.proxyconfigservice.explain.ChangeToken;
import io.openneg.proxyconfigservice.explain.Convergence;
import io.openneg.proxyconfigservice.explain.Convergence.Lag;
import io.openneg.proxyconfigservice.explain.Convergence.Progress;
import io.openneg.proxyconfigservice.explain.EndpointExplanation;
import io.openneg.proxyconfigservice.explain.EndpointExplanation.Explanation;
import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.StoredRow;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher.Served;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import io.openneg.proxyconfigservice.xds.NegName;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the proxies are told and were told, and whether they took it. */
@GrpcService
public class ProxyConfigGrpcService extends ProxyConfigGrpc.ProxyConfigImplBase {
  private static final int STANDARD_PAGE = 100;
  private static final int MAX_PAGE = 500;
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final int STANDARD_WAIT_MS = 10_000;
  private static final int MAX_WAIT_MS = 60_000;

  private final RoutingFeed feed;
  private final Revisions revisions;
  private final ConnectedProxies proxies;
  private final RoutingPublisher publisher;
  private final Convergence convergence;

  @Inject
  ProxyConfigGrpcService(
      RoutingFeed feed, Revisions revisions, RoutingPublisher publisher, ConnectedProxies proxies) {
    this.feed = feed;
    this.revisions = revisions;
    this.publisher = publisher;
    this.proxies = proxies;
    this.convergence = new Convergence(feed, proxies);
  }

  @Override
  public void getRoutingTable(
      GetRoutingTableRequest request, StreamObserver<GetRoutingTableResponse> reply) {
    Replies.answer(reply, () -> table(request.getRevision()));
  }

  private GetRoutingTableResponse table(long wanted) {
    long revision = wanted == 0 ? feed.lastRevision() : wanted;
    if (wanted != 0 && revisions.get(wanted).isEmpty()) {
      throw new RejectedException(
          new Rejection(
              Kind.NOT_FOUND,
              "REVISION_NOT_FOUND",
              "there is no revision %d; the newest is %d".formatted(wanted, feed.lastRevision())));
    }
    var answer = GetRoutingTableResponse.newBuilder().setRevision(revision);
    feed.asOf(revision).forEach(row -> answer.addRows(row(row)));
    return answer.build();
  }

  private static RoutingRow row(StoredRow row) {
    try {
      return RoutingRow.newBuilder()
          .setKind(row.key().kind().name())
          .setKey(row.key().text())
          .setContentJson(
              JsonFormat.printer().omittingInsignificantWhitespace().print(row.content()))
          .setFromRevision(row.fromRevision())
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void listRevisions(
      ListRevisionsRequest request, StreamObserver<ListRevisionsResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var page =
              revisions.list(
                  Page.of(request.getPageSize(), request.getPageToken(), STANDARD_PAGE, MAX_PAGE));
          return ListRevisionsResponse.newBuilder()
              .addAllRevisions(page.items())
              .setNextPageToken(page.nextPageToken())
              .build();
        });
  }

  @Override
  public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var answer = ListProxiesResponse.newBuilder();
          proxies.status().forEach(status -> answer.addProxies(proxy(status)));
          return answer.build();
        });
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
          refuse(violations);
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
              "must be projects/{project}/zones/{zone}/networkEndpointGroups/{id}");
          violations.check(
              IPV4.matcher(request.getIpAddress()).matches(), "ip_address", "must be IPv4");
          violations.range(request.getPort(), 1, 65_535, "port");
          refuse(violations);
          Served served =
              publisher
                  .served()
                  .orElseThrow(
                      () ->
                          new RejectedException(
                              new Rejection(
                                  Kind.UNAVAILABLE,
                                  "ROUTING_TABLE_NOT_COMPLETE",
                                  "the routing table is not complete yet; try again")));
          return answer(
              EndpointExplanation.of(
                  request.getNetworkEndpointGroup(),
                  new EndpointAddress(request.getIpAddress(), request.getPort()),
                  served.table(),
                  served.snapshot(),
                  proxies.status()),
              served.table().revision());
        });
  }

  private static ExplainEndpointResponse answer(Explanation explanation, long revision) {
    var answer =
        ExplainEndpointResponse.newBuilder()
            .setReceivesTraffic(explanation.receivesTraffic())
            .setSummary(explanation.summary())
            .setRevision(revision);
    for (EndpointExplanation.Finding finding : explanation.findings()) {
      answer.addFindings(
          Finding.newBuilder()
              .setResource(finding.resource())
              .setHolds(finding.holds())
              .setText(finding.text())
              .setAdvice(finding.advice()));
    }
    return answer.build();
  }

  private static void refuse(Violations violations) {
    Optional<Rejection> refused = violations.rejection();
    if (refused.isPresent()) {
      throw new RejectedException(refused.get());
    }
  }

  private static WaitForConvergenceResponse answer(Progress progress) {
    var answer =
        WaitForConvergenceResponse.newBuilder()
            .setConverged(progress.converged())
            .setRevision(progress.revision())
            .setNotApplied(progress.notApplied())
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

  private static Proxy proxy(ProxyStatus status) {
    var proxy =
        Proxy.newBuilder()
            .setNodeId(status.nodeId())
            .setRegion(status.region())
            .setZone(status.zone())
            .setUserAgent(status.userAgent())
            .setConnectedSince(Timestamps.fromMillis(status.connectedSince().toEpochMilli()))
            .addAllAwaited(status.awaited());
    if (status.settledRevision() >= 0) {
      proxy.setSettledRevision(status.settledRevision());
    }
    for (ProxyStatus.Refusal refusal : status.refusals()) {
      proxy.addRefusals(
          Refusal.newBuilder()
              .setType(refusal.type().shortName())
              .setRevision(refusal.revision())
              .setError(refusal.error()));
    }
    for (ProxyStatus.Type type : status.types()) {
      proxy.addTypes(
          TypeStatus.newBuilder()
              .setType(type.type().shortName())
              .setVersionSent(type.versionSent())
              .setVersionAcked(type.versionAcked())
              .setLastError(type.lastError()));
    }
    return proxy.build();
  }
}
