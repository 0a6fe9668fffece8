package io.openneg.proxyconfigservice.history;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.ListProxiesResponse;
import io.openneg.proxyconfig.v1.ListRevisionsRequest;
import io.openneg.proxyconfig.v1.ListRevisionsResponse;
import io.openneg.proxyconfig.v1.Proxy;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import io.openneg.proxyconfig.v1.RoutingRow;
import io.openneg.proxyconfig.v1.TypeStatus;
import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.util.Objects;

/** What the proxies are told and were told, and whether they took it. */
@GrpcService
public class ProxyConfigGrpcService extends ProxyConfigGrpc.ProxyConfigImplBase {
  private static final int STANDARD_PAGE = 100;
  private static final int MAX_PAGE = 500;

  private final RoutingFeed feed;
  private final Revisions revisions;
  private final ConnectedProxies proxies;

  @Inject
  ProxyConfigGrpcService(RoutingFeed feed, Revisions revisions, ConnectedProxies proxies) {
    this.feed = feed;
    this.revisions = revisions;
    this.proxies = proxies;
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
    feed.asOf(revision).changes().forEach(row -> answer.addRows(row(row)));
    return answer.build();
  }

  private static RoutingRow row(RowChange row) {
    try {
      return RoutingRow.newBuilder()
          .setKind(row.key().kind().name())
          .setKey(row.key().text())
          .setContentJson(
              JsonFormat.printer()
                  .omittingInsignificantWhitespace()
                  .print(Objects.requireNonNull(row.content())))
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

  private static Proxy proxy(ProxyStatus status) {
    var proxy =
        Proxy.newBuilder()
            .setNodeId(status.nodeId())
            .setRegion(status.region())
            .setZone(status.zone())
            .setUserAgent(status.userAgent())
            .setConnectedSince(Timestamps.fromMillis(status.connectedSince().toEpochMilli()));
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
