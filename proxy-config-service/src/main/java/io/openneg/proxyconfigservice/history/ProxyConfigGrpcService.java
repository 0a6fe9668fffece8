package io.openneg.proxyconfigservice.history;

import com.google.protobuf.util.Timestamps;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.openneg.proxyconfig.v1.DiffRoutingTableRequest;
import io.openneg.proxyconfig.v1.DiffRoutingTableResponse;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.ListPinChangesRequest;
import io.openneg.proxyconfig.v1.ListPinChangesResponse;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.ListProxiesResponse;
import io.openneg.proxyconfig.v1.ListRevisionsRequest;
import io.openneg.proxyconfig.v1.ListRevisionsResponse;
import io.openneg.proxyconfig.v1.Pin;
import io.openneg.proxyconfig.v1.PinChange;
import io.openneg.proxyconfig.v1.PinRevisionRequest;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import io.openneg.proxyconfig.v1.UnpinRevisionRequest;
import io.openneg.proxyconfig.v1.UnpinRevisionResponse;
import io.openneg.proxyconfig.v1.WatchRoutingTableRequest;
import io.openneg.proxyconfig.v1.WatchRoutingTableResponse;
import io.openneg.proxyconfigservice.history.RoutingHistory.Difference;
import io.openneg.proxyconfigservice.history.RoutingHistory.StoredRow;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher.Served;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.grpc.Actor;
import io.openneg.serviceruntime.grpc.Replies;
import io.quarkus.grpc.GrpcService;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** What the proxies are told and were told, and whether they took it. */
@GrpcService
public class ProxyConfigGrpcService extends ProxyConfigGrpc.ProxyConfigImplBase {
  private static final int STANDARD_PAGE = 100;
  private static final int MAX_PAGE = 500;
  private static final int MAX_REASON = 500;

  private final RoutingHistory history;
  private final Revisions revisions;
  private final Moments moments;
  private final Pins pins;
  private final RoutingPublisher publisher;
  private final ConnectedProxies proxies;

  @Inject
  ProxyConfigGrpcService(
      RoutingHistory history,
      Revisions revisions,
      Pins pins,
      RoutingPublisher publisher,
      ConnectedProxies proxies) {
    this.history = history;
    this.revisions = revisions;
    this.moments = new Moments(history, revisions);
    this.pins = pins;
    this.publisher = publisher;
    this.proxies = proxies;
  }

  @Override
  public void getRoutingTable(
      GetRoutingTableRequest request, StreamObserver<GetRoutingTableResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          Moment moment =
              new Moment(
                  request.getRevision(),
                  "revision",
                  request.hasAt() ? request.getAt() : null,
                  "at");
          RowPage page = RowPage.of(request.getPageSize(), request.getPageToken());
          long revision =
              page.revisions().isEmpty()
                  ? moments.revision(moment, true)
                  : page.revisions().getFirst();
          var rows = history.rows(revision, page.after(), page.size() + 1);
          var answer = GetRoutingTableResponse.newBuilder().setRevision(revision);
          pin().ifPresent(answer::setPin);
          page.answer(
              rows,
              StoredRow::key,
              row -> answer.addRows(RowMessages.row(row)),
              answer::setNextPageToken,
              revision);
          return answer.build();
        });
  }

  @Override
  public void diffRoutingTable(
      DiffRoutingTableRequest request, StreamObserver<DiffRoutingTableResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          Moment from =
              new Moment(
                  request.getFromRevision(),
                  "from_revision",
                  request.hasFromTime() ? request.getFromTime() : null,
                  "from_time");
          Moment to =
              new Moment(
                  request.getToRevision(),
                  "to_revision",
                  request.hasToTime() ? request.getToTime() : null,
                  "to_time");
          RowPage page = RowPage.of(request.getPageSize(), request.getPageToken());
          boolean first = page.revisions().isEmpty();
          long before = first ? moments.revision(from, false) : page.revisions().getFirst();
          long after = first ? moments.revision(to, true) : page.revisions().getLast();
          var differences = history.differences(before, after, page.after(), page.size() + 1);
          var answer =
              DiffRoutingTableResponse.newBuilder().setFromRevision(before).setToRevision(after);
          page.answer(
              differences,
              Difference::key,
              difference -> answer.addDifferences(RowMessages.difference(difference)),
              answer::setNextPageToken,
              before,
              after);
          return answer.build();
        });
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
  public void watchRoutingTable(
      WatchRoutingTableRequest request, StreamObserver<WatchRoutingTableResponse> reply) {
    RoutingWatch watch =
        new RoutingWatch(
            history,
            publisher::newest,
            proxies.movements(),
            (ServerCallStreamObserver<WatchRoutingTableResponse>) reply);
    Replies.stream(
        reply,
        () -> {
          long since =
              moments.revision(new Moment(request.getSinceRevision(), "since_revision"), false);
          watch.run(since, epoch(request.getEpoch()));
        });
  }

  private static Optional<UUID> epoch(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException _) {
      Violations violations = new Violations();
      violations.check(false, "epoch", "must be one of an earlier answer");
      violations.orThrow();
      return Optional.empty();
    }
  }

  @Override
  public void pinRevision(PinRevisionRequest request, StreamObserver<Pin> reply) {
    String actor = Actor.current();
    Replies.answer(
        reply,
        () -> {
          Violations violations = new Violations();
          violations.check(request.getRevision() >= 1, "revision", "must be 1 or later");
          checkReason(violations, request.getReason());
          violations.orThrow();
          Pins.Change change = pins.pin(request.getRevision(), actor, request.getReason());
          return pin(request.getRevision(), change.at(), change.actor(), change.reason());
        });
  }

  @Override
  public void unpinRevision(
      UnpinRevisionRequest request, StreamObserver<UnpinRevisionResponse> reply) {
    String actor = Actor.current();
    Replies.answer(
        reply,
        () -> {
          Violations violations = new Violations();
          checkReason(violations, request.getReason());
          violations.orThrow();
          pins.unpin(actor, request.getReason());
          return UnpinRevisionResponse.getDefaultInstance();
        });
  }

  private static void checkReason(Violations violations, String reason) {
    violations.check(
        reason.length() <= MAX_REASON,
        "reason",
        "must have at most %d characters, has %d".formatted(MAX_REASON, reason.length()));
  }

  @Override
  public void listPinChanges(
      ListPinChangesRequest request, StreamObserver<ListPinChangesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          Page.Of<Pins.Change> page =
              pins.list(
                  Page.of(request.getPageSize(), request.getPageToken(), STANDARD_PAGE, MAX_PAGE));
          var answer = ListPinChangesResponse.newBuilder().setNextPageToken(page.nextPageToken());
          for (Pins.Change change : page.items()) {
            answer.addChanges(
                PinChange.newBuilder()
                    .setTime(Timestamps.fromMillis(change.at().toEpochMilli()))
                    .setActor(change.actor())
                    .setReason(change.reason())
                    .setRevision(change.revision() == null ? 0 : change.revision()));
          }
          return answer.build();
        });
  }

  /** What the proxies of this replica are held at. */
  private Optional<Pin> pin() {
    return publisher
        .served()
        .flatMap(Served::pin)
        .map(pin -> pin(pin.revision(), pin.since(), pin.actor(), pin.reason()));
  }

  private static Pin pin(long revision, Instant since, String actor, String reason) {
    return Pin.newBuilder()
        .setRevision(revision)
        .setPinnedAt(Timestamps.fromMillis(since.toEpochMilli()))
        .setActor(actor)
        .setReason(reason)
        .build();
  }

  @Override
  public void listProxies(ListProxiesRequest request, StreamObserver<ListProxiesResponse> reply) {
    Replies.answer(
        reply,
        () -> {
          var answer = ListProxiesResponse.newBuilder();
          pin().ifPresent(answer::setPin);
          long told = publisher.served().map(served -> served.table().revision()).orElse(-1L);
          answer.setRevision(Math.max(0, told));
          proxies.status().forEach(status -> answer.addProxies(ProxyMessages.proxy(status, told)));
          return answer.build();
        });
  }
}
