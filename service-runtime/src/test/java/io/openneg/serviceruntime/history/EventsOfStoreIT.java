package io.openneg.serviceruntime.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Timestamp;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandContext.RequestKey;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.EventStore.NewEvent;
import io.openneg.eventlog.EventStore.StreamAppend;
import io.openneg.eventlog.v1.Event;
import io.openneg.eventlog.v1.EventsGrpc;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.openneg.eventlog.v1.ListEventsResponse;
import io.openneg.neg.v1.EndpointDetached;
import io.openneg.neg.v1.NegDeleted;
import io.openneg.neg.v1.NegEvent;
import io.openneg.serviceruntime.api.WireTime;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventsOfStoreIT {
  private static final Instant START = Instant.parse("2026-11-23T08:00:00.123456Z");
  private static final String WEB = "projects/p/zones/z/networkEndpointGroups/web";
  private static final Jdbi JDBI = migrated(TestServers.freshDatabase());

  private final EventStore store = new EventStore("neg.events.v1");
  private Server server;
  private ManagedChannel channel;

  private static Jdbi migrated(Database database) {
    Flyway.configure()
        .dataSource(database.jdbcUrl(), database.user(), database.password())
        .locations("db/eventlog")
        .load()
        .migrate();
    return Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }

  /** Three calls on one resource, one on another. */
  @BeforeEach
  void start() throws IOException {
    JDBI.useHandle(handle -> handle.execute("DELETE FROM append"));
    append(WEB, 0, context(START, "alice", "6a3e0f5c-0000-4000-8000-000000000001"), detached(1));
    append(WEB, 1, context(START.plusSeconds(10), "bob", null), detached(2), detached(3));
    append(
        WEB,
        3,
        CommandContext.internal(START.plusSeconds(20), "neg-service", WEB + "@3"),
        NegEvent.newBuilder().setNegDeleted(NegDeleted.getDefaultInstance()).build());
    append("other", 0, context(START, "eve", null), detached(9));
    server =
        InProcessServerBuilder.forName("events")
            .addService(new EventsOfStore(JDBI, store, NegEvent.getDefaultInstance()) {})
            .build()
            .start();
    channel = InProcessChannelBuilder.forName("events").build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void anEventSaysWhoChangedWhatAndWhen() {
    List<Event> events = list(request()).getEventsList();
    assertThat(events).extracting(Event::getVersion).containsExactly(1L, 2L, 3L, 4L);
    assertThat(events.getFirst())
        .isEqualTo(
            Event.newBuilder()
                .setVersion(1)
                .setType("openneg.neg.v1.EndpointDetached")
                .setTime(WireTime.timestamp(START))
                .setActor("alice")
                .setRequestId("6a3e0f5c-0000-4000-8000-000000000001")
                .setPayload("{\"ipAddress\":\"10.0.0.1\",\"port\":80}")
                .build());
    assertThat(events.getLast().getActor()).isEqualTo("neg-service");
    assertThat(events.getLast().getCause()).isEqualTo(WEB + "@3");
    assertThat(events.getLast().getRequestId()).isEmpty();
    assertThat(events.getLast().getPayload()).isEqualTo("{}");
  }

  @Test
  void aRangeOfTimeIncludesItsStartAndNotItsEnd() {
    assertThat(between(START, START.plusSeconds(10))).containsExactly(1L);
    assertThat(between(START.plusSeconds(10), START.plusSeconds(20))).containsExactly(2L, 3L);
    assertThat(between(START.plusSeconds(10), START.plusSeconds(20).plusNanos(1)))
        .containsExactly(2L, 3L, 4L);
    assertThat(between(START.plusNanos(1), START.plusSeconds(10))).isEmpty();
    assertThat(between(START.plusSeconds(20), START)).isEmpty();
    assertThat(versions(request().setFrom(time(START.plusSeconds(20))))).containsExactly(4L);
    assertThat(versions(request().setTo(time(START.plus(1, ChronoUnit.MICROS)))))
        .containsExactly(1L);
  }

  @Test
  void pagesFollowEachOtherFromEitherEnd() {
    for (int size = 1; size <= 5; size++) {
      assertThat(pages(request().setPageSize(size))).containsExactly(1L, 2L, 3L, 4L);
      assertThat(pages(request().setPageSize(size).setNewestFirst(true)))
          .containsExactly(4L, 3L, 2L, 1L);
      assertThat(
              pages(
                  request()
                      .setPageSize(size)
                      .setNewestFirst(true)
                      .setFrom(time(START.plusSeconds(10)))
                      .setTo(time(START.plusSeconds(20)))))
          .containsExactly(3L, 2L);
    }
  }

  @Test
  void anEventThatCannotBeReadIsToldWithoutItsPayload() {
    JDBI.useHandle(
        handle -> handle.execute("UPDATE append SET payloads[1] = '\\xff' WHERE stream = 'other'"));
    assertThat(list(request().setResource("other")).getEvents(0).getPayload()).isEmpty();
  }

  @Test
  void whatWasNeverThereIsNotFoundAndBadFieldsAreNamed() {
    assertThat(refusal(request().setResource(WEB + "x"))).isEqualTo(Code.NOT_FOUND);
    for (ListEventsRequest.Builder bad :
        List.of(
            request().setResource(""),
            request().setResource("a\0b"),
            request().setPageSize(1_001),
            request().setPageToken("MTJ4"),
            request().setPageToken("?"),
            request().setFrom(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)),
            request().setTo(Timestamp.newBuilder().setNanos(-1)))) {
      assertThat(refusal(bad)).as(bad.toString()).isEqualTo(Code.INVALID_ARGUMENT);
    }
  }

  private static NegEvent detached(int last) {
    return NegEvent.newBuilder()
        .setEndpointDetached(
            EndpointDetached.newBuilder().setIpAddress("10.0.0." + last).setPort(80))
        .build();
  }

  private static CommandContext context(
      Instant at, String actor, @org.jspecify.annotations.Nullable String requestId) {
    return new CommandContext(
        at, actor, requestId == null ? null : new RequestKey(requestId, new byte[0]), null);
  }

  private void append(String stream, long version, CommandContext context, NegEvent... events) {
    List<NewEvent> encoded = new ArrayList<>();
    for (NegEvent event : events) {
      String type = event.hasNegDeleted() ? "NegDeleted" : "EndpointDetached";
      encoded.add(new NewEvent("openneg.neg.v1." + type, event.toByteArray()));
    }
    JDBI.useTransaction(
        tx -> store.append(tx, List.of(new StreamAppend(stream, version, encoded)), context));
  }

  private static ListEventsRequest.Builder request() {
    return ListEventsRequest.newBuilder().setResource(WEB);
  }

  private ListEventsResponse list(ListEventsRequest.Builder request) {
    return EventsGrpc.newBlockingStub(channel).listEvents(request.build());
  }

  private List<Long> versions(ListEventsRequest.Builder request) {
    return list(request).getEventsList().stream().map(Event::getVersion).toList();
  }

  private List<Long> between(Instant from, Instant to) {
    return versions(request().setFrom(time(from)).setTo(time(to)));
  }

  private List<Long> pages(ListEventsRequest.Builder request) {
    List<Long> versions = new ArrayList<>();
    do {
      ListEventsResponse page = list(request);
      assertThat(page.getEventsCount()).isBetween(1, request.getPageSize());
      page.getEventsList().forEach(event -> versions.add(event.getVersion()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return versions;
  }

  private Code refusal(ListEventsRequest.Builder request) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> list(request))
        .getStatus()
        .getCode();
  }

  private static Timestamp time(Instant instant) {
    return WireTime.timestamp(instant);
  }
}
