package io.openneg.serviceruntime.history;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.v1.Event;
import io.openneg.eventlog.v1.EventsGrpc;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.openneg.eventlog.v1.ListEventsResponse;
import io.openneg.serviceruntime.api.Page;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.api.WireTime;
import io.openneg.serviceruntime.grpc.Replies;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jspecify.annotations.Nullable;

/**
 * {@code Events} for the resources of one service, read from its event table. A service extends it
 * with its store and the message its events are, annotated as a gRPC service. Thread-safe.
 */
public abstract class EventsOfStore extends EventsGrpc.EventsImplBase {
  private static final int STANDARD_PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private final Jdbi jdbi;
  private final EventStore store;
  private final EventJson json;

  /**
   * @param envelope the message of the service's topic, with one {@code oneof} of all events
   */
  protected EventsOfStore(Jdbi jdbi, EventStore store, Message envelope) {
    this.jdbi = jdbi;
    this.store = store;
    this.json = new EventJson(envelope);
  }

  @Override
  public final void listEvents(
      ListEventsRequest request, StreamObserver<ListEventsResponse> reply) {
    Replies.answer(reply, () -> list(request));
  }

  private ListEventsResponse list(ListEventsRequest request) {
    String resource = request.getResource();
    check(
        !resource.isEmpty() && resource.chars().noneMatch(Character::isISOControl),
        "resource",
        "must be the full name of a resource");
    Page page = Page.of(request.getPageSize(), request.getPageToken(), STANDARD_PAGE, MAX_PAGE);
    @Nullable Instant from = request.hasFrom() ? WireTime.instant("from", request.getFrom()) : null;
    @Nullable Instant to = request.hasTo() ? WireTime.instant("to", request.getTo()) : null;
    // One snapshot, so that the bounds are those of the events read.
    var found =
        page.answer(
            jdbi.inTransaction(
                TransactionIsolationLevel.REPEATABLE_READ,
                tx -> {
                  if (store.version(tx, resource) == 0) {
                    throw notFound(resource);
                  }
                  return read(tx, resource, bounds(tx, resource, from, to), page, request);
                }),
            event -> Long.toString(event.version()));
    return ListEventsResponse.newBuilder()
        .addAllEvents(found.items().stream().map(this::message).toList())
        .setNextPageToken(found.nextPageToken())
        .build();
  }

  /** Versions; none when the last is before the first. */
  private record Bounds(long first, long last) {}

  private Bounds bounds(Handle tx, String resource, @Nullable Instant from, @Nullable Instant to) {
    return new Bounds(
        from == null ? 1 : store.versionAt(tx, resource, before(from)) + 1,
        to == null ? Long.MAX_VALUE : store.versionAt(tx, resource, before(to)));
  }

  private List<RecordedEvent> read(
      Handle tx, String resource, Bounds bounds, Page page, ListEventsRequest request) {
    long first = bounds.first();
    long last = bounds.last();
    if (!page.after().isEmpty()) {
      long seen = version(page.after());
      if (request.getNewestFirst()) {
        last = Math.min(last, seen - 1);
      } else {
        first = Math.max(first, seen + 1);
      }
    }
    return store.read(tx, resource, first, last, request.getNewestFirst(), page.size() + 1);
  }

  private Event message(RecordedEvent event) {
    Event.Builder message =
        Event.newBuilder()
            .setVersion(event.version())
            .setType(event.type())
            .setTime(WireTime.timestamp(event.occurredAt()))
            .setActor(event.actor())
            .setPayload(json.of(event));
    if (event.requestId() != null) {
      message.setRequestId(event.requestId());
    }
    if (event.cause() != null) {
      message.setCause(event.cause());
    }
    return message.build();
  }

  /** The moment before, as exactly as times are kept: microseconds. */
  private static Instant before(Instant moment) {
    Instant kept = moment.truncatedTo(ChronoUnit.MICROS);
    return kept.equals(moment) ? kept.minus(1, ChronoUnit.MICROS) : kept;
  }

  private static long version(String key) {
    check(
        key.matches("[1-9][0-9]{0,17}"),
        "page_token",
        "must be a next_page_token of an earlier answer");
    return Long.parseLong(key);
  }

  private static void check(boolean holds, String field, String rule) {
    Violations violations = new Violations();
    violations.check(holds, field, rule);
    violations.orThrow();
  }

  private static RejectedException notFound(String resource) {
    return new RejectedException(
        new Rejection(
            Kind.NOT_FOUND,
            "NOT_FOUND",
            "No event of the resource '%s' is recorded here.".formatted(resource)));
  }
}
