package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.NEGS;
import static io.openneg.healthservice.OtherServices.SERVICES;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthHistoryRequest;
import io.openneg.health.v1.GetHealthHistoryResponse;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthHistoryEntry;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import io.openneg.health.v1.ProbeNowRequest;
import io.openneg.health.v1.ProbeNowResponse;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.probe.FakeBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the API answers, of the service as it is shipped. */
class HealthQueriesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final OtherServices OTHERS = new OtherServices();
  private static final Database DATABASE = TestServers.freshDatabase();
  private static EventPublisher negs;
  private static EventPublisher backends;
  private static ServiceProcess service;

  @BeforeAll
  static void start() {
    negs = new EventPublisher("neg.events.v1");
    backends = new EventPublisher("backend.events.v1");
    service = ServiceProcess.start(DATABASE);
  }

  @AfterAll
  static void stop() {
    service.close();
    negs.close();
    backends.close();
  }

  private static List<EndpointHealth> pagesOfService(String name, int size) {
    List<EndpointHealth> all = new ArrayList<>();
    String token = "";
    do {
      GetHealthResponse page =
          service
              .client()
              .getHealth(
                  GetHealthRequest.newBuilder()
                      .setBackendService(SERVICES + name)
                      .setPageSize(size)
                      .setPageToken(token)
                      .build());
      assertThat(page.getEndpointHealthCount()).isLessThanOrEqualTo(size);
      all.addAll(page.getEndpointHealthList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  private static ListEndpointHealthResponse ofGroup(ListEndpointHealthRequest.Builder request) {
    return service.client().listEndpointHealth(request.build());
  }

  @Test
  void aGroupsEndpointsAreShownInEveryServiceThatUsesThem() {
    int dead = FreePorts.next();
    try (FakeBackend alive = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      backends.publish(
          OTHERS.checkCreated(httpCheck("shown").setUnhealthyThreshold(3)),
          OTHERS.serviceCreated("shown-b", "shown"),
          OTHERS.serviceCreated("shown-a", "shown"),
          OTHERS.serviceCreated("shown-unchecked", ""),
          OTHERS.backendAdded("shown-b", "shown"),
          OTHERS.backendAdded("shown-a", "shown"),
          OTHERS.backendAdded("shown-unchecked", "shown"));
      negs.publish(
          OTHERS.attached("shown", "127.0.0.1", alive.port()),
          OTHERS.attached("shown", "127.0.0.2", dead));
      var whole = ListEndpointHealthRequest.newBuilder().setNetworkEndpointGroup(NEGS + "shown");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  ofGroup(whole).getEndpointHealthList().stream()
                          .filter(
                              e ->
                                  e.getState() == HealthState.HEALTHY
                                      || e.getState() == HealthState.UNHEALTHY)
                          .count()
                      == 4);

      ListEndpointHealthResponse answer = ofGroup(whole);

      assertThat(answer.getEndpointHealthList())
          .extracting(
              EndpointHealth::getIpAddress,
              e -> e.getBackendService().substring(SERVICES.length()),
              EndpointHealth::getState)
          .containsExactly(
              tuple("127.0.0.1", "shown-a", HealthState.HEALTHY),
              tuple("127.0.0.1", "shown-b", HealthState.HEALTHY),
              tuple("127.0.0.1", "shown-unchecked", HealthState.NOT_CHECKED),
              tuple("127.0.0.2", "shown-a", HealthState.UNHEALTHY),
              tuple("127.0.0.2", "shown-b", HealthState.UNHEALTHY),
              tuple("127.0.0.2", "shown-unchecked", HealthState.NOT_CHECKED));
      assertThat(answer.getHelpMap())
          .containsExactly(entry("CONNECTION_REFUSED", ProbeReason.CONNECTION_REFUSED.help()));
      assertThat(answer.getEffectiveHealthChecksList())
          .singleElement()
          .satisfies(
              effective -> {
                assertThat(effective.getHealthCheck().getName()).isEqualTo(CHECKS + "shown");
                assertThat(effective.getDetectionTime().getSeconds()).isEqualTo(3 + 1);
                assertThat(effective.getRecoveryTime().getSeconds()).isEqualTo(2 + 1);
              });
      assertThat(answer.getEndpointHealth(0).getProbedPort()).isEqualTo(alive.port());

      assertThat(
              ofGroup(
                      whole
                          .clone()
                          .addEndpoints(
                              EndpointAddress.newBuilder().setIpAddress("127.0.0.2").setPort(dead)))
                  .getEndpointHealthList())
          .hasSize(3)
          .allMatch(e -> e.getIpAddress().equals("127.0.0.2"));

      List<EndpointHealth> paged = new ArrayList<>();
      String token = "";
      do {
        var page = ofGroup(whole.clone().setPageSize(2).setPageToken(token));
        paged.addAll(page.getEndpointHealthList());
        token = page.getNextPageToken();
      } while (!token.isEmpty());
      assertThat(paged).isEqualTo(answer.getEndpointHealthList());
    }
  }

  @Test
  void pagesOfAServiceAreTheWhole() {
    backends.publish(
        OTHERS.serviceCreated("paged", ""),
        OTHERS.backendAdded("paged", "paged-b"),
        OTHERS.backendAdded("paged", "paged-a"));
    for (int i = 1; i <= 7; i++) {
      negs.publish(
          OTHERS.attached("paged-a", "127.0.0." + i, 80),
          OTHERS.attached("paged-b", "127.0.0." + i, 80 + i));
    }
    await()
        .atMost(PATIENCE)
        .ignoreException(StatusRuntimeException.class)
        .until(() -> service.getHealth(SERVICES + "paged", "").getEndpointHealthCount() == 14);
    List<EndpointHealth> whole = service.getHealth(SERVICES + "paged", "").getEndpointHealthList();

    for (int size : new int[] {1, 3, 7, 14, 15}) {
      assertThat(pagesOfService("paged", size)).isEqualTo(whole);
    }
  }

  @Test
  void aProbeOnRequestTellsAllAndChangesNothing() {
    int dead = FreePorts.next();
    try (FakeBackend backend =
        FakeBackend.start(
            FakeBackend.answering("HTTP/1.1 418 Teapot\r\nContent-Length: 3\r\n\r\nhot"))) {
      backends.publish(
          OTHERS.checkCreated(
              httpCheck("now").setCheckIntervalSec(300).setTimeoutSec(5).setUnhealthyThreshold(10)),
          OTHERS.serviceCreated("now", "now"),
          OTHERS.serviceCreated("now-unchecked", ""),
          OTHERS.backendAdded("now-unchecked", "now"),
          OTHERS.backendAdded("now", "now"));
      negs.publish(
          OTHERS.attached("now", "127.0.0.1", backend.port()),
          OTHERS.attached("now", "127.0.0.1", dead));
      await()
          .atMost(PATIENCE)
          .ignoreException(StatusRuntimeException.class)
          .until(() -> service.getHealth(SERVICES + "now", "").getEndpointHealthCount() == 2);

      ProbeNowResponse told = probeNow("now", "127.0.0.1", backend.port());

      assertThat(told.getReason()).isEqualTo(io.openneg.health.v1.ProbeReason.HTTP_STATUS);
      assertThat(told.getProbeText()).isEqualTo("HTTP status 418");
      assertThat(told.getHelp()).isEqualTo(ProbeReason.HTTP_STATUS.help());
      assertThat(told.getAddress()).isEqualTo("127.0.0.1:" + backend.port());
      assertThat(told.getSent()).startsWith("GET / HTTP/1.1\r\n").containsIgnoringCase("host: 127");
      assertThat(told.getReceived()).startsWith("HTTP/1.1 418 Teapot\r\n");
      assertThat(told.getStepsList())
          .extracting(step -> step.getWhat().split(" ", 2)[0])
          .containsExactly("connected", "request", "answer", "end");
      assertThat(Durations.toNanos(told.getLatency())).isPositive();
      assertThat(told.getEffectiveHealthCheck().getHealthCheck().getName())
          .isEqualTo(CHECKS + "now");
      assertThat(probeNow("now", "127.0.0.1", dead).getReason())
          .isEqualTo(io.openneg.health.v1.ProbeReason.CONNECTION_REFUSED);

      assertRefused(
          () -> probeNow("now", "127.0.0.1", 1), Status.Code.NOT_FOUND, "127.0.0.1:1 is not known");
      assertRefused(() -> probeNow("nobody", "127.0.0.1", 1), Status.Code.NOT_FOUND, "nobody");
      assertRefused(
          () -> probeNow("now-unchecked", "127.0.0.1", dead),
          Status.Code.FAILED_PRECONDITION,
          "has no health check");
      assertRefused(
          () -> probeNow("now", "localhost", dead), Status.Code.INVALID_ARGUMENT, "ip_address");
    }
  }

  private static ProbeNowResponse probeNow(String name, String ip, int port) {
    return service
        .client()
        .probeNow(
            ProbeNowRequest.newBuilder()
                .setBackendService(SERVICES + name)
                .setIpAddress(ip)
                .setPort(port)
                .build());
  }

  @Test
  void theHistoryIsWhatWasAnnouncedInASpanOfTime() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    int port = backend.port();
    backends.publish(
        OTHERS.checkCreated(httpCheck("past")),
        OTHERS.serviceCreated("past", "past"),
        OTHERS.backendAdded("past", "past"));
    negs.publish(OTHERS.attached("past", "127.0.0.1", port));
    awaitHistory(port, 1);
    backend.die();
    awaitHistory(port, 2);
    negs.publish(OTHERS.detached("past", "127.0.0.1", port));

    List<HealthHistoryEntry> all = awaitHistory(port, 3);

    assertThat(all.get(0).getEvent().getHealthChanged().getNewState())
        .isEqualTo(HealthState.HEALTHY);
    assertThat(all.get(1).getEvent().getHealthChanged().getNewState())
        .isEqualTo(HealthState.UNHEALTHY);
    assertThat(all.get(2).getEvent().hasProbingStopped()).isTrue();
    assertThat(history(pastOf(port)).getHelpMap()).containsKey("CONNECTION_REFUSED");
    // From the second on, up to before the third.
    assertThat(
            history(
                    pastOf(port)
                        .setStartTime(all.get(1).getRecordedAt())
                        .setEndTime(all.get(2).getRecordedAt()))
                .getEntriesList())
        .containsExactly(all.get(1));
    assertThat(history(pastOf(port).setHealthCheck(CHECKS + "past")).getEntriesList())
        .isEqualTo(all);
    assertThat(history(pastOf(port).setHealthCheck(CHECKS + "other")).getEntriesList()).isEmpty();

    List<HealthHistoryEntry> paged = new ArrayList<>();
    String token = "";
    do {
      GetHealthHistoryResponse page = history(pastOf(port).setPageSize(1).setPageToken(token));
      paged.addAll(page.getEntriesList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(paged).isEqualTo(all);

    assertRefused(
        () ->
            history(
                pastOf(port)
                    .setStartTime(all.get(2).getRecordedAt())
                    .setEndTime(all.get(1).getRecordedAt())),
        Status.Code.INVALID_ARGUMENT,
        "end_time");
    assertRefused(
        () -> history(pastOf(port).setHealthCheck("past").setPort(0)),
        Status.Code.INVALID_ARGUMENT,
        "port");
  }

  private static GetHealthHistoryRequest.Builder pastOf(int port) {
    return GetHealthHistoryRequest.newBuilder().setIpAddress("127.0.0.1").setPort(port);
  }

  private static GetHealthHistoryResponse history(GetHealthHistoryRequest.Builder request) {
    return service.client().getHealthHistory(request.build());
  }

  private static List<HealthHistoryEntry> awaitHistory(int port, int entries) {
    await().atMost(PATIENCE).until(() -> history(pastOf(port)).getEntriesCount() == entries);
    return history(pastOf(port)).getEntriesList();
  }

  @Test
  void badRequestsAreNamed() {
    assertRefused(ListEndpointHealthRequest.newBuilder(), "network_endpoint_group");
    var group = ListEndpointHealthRequest.newBuilder().setNetworkEndpointGroup(NEGS + "any");
    assertRefused(group.clone().setPageSize(3001), "page_size");
    assertRefused(group.clone().setPageToken("AAAA"), "page_token");
    // "x y z": three parts, of which none is what it should be.
    assertRefused(group.clone().setPageToken("eCB5IHo"), "page_token");
    assertRefused(
        group.clone().addEndpoints(EndpointAddress.newBuilder().setIpAddress("localhost")),
        "endpoints[0].ip_address");
    assertThat(ofGroup(group).getEndpointHealthList()).isEmpty();
  }

  private static void assertRefused(ListEndpointHealthRequest.Builder request, String field) {
    assertRefused(() -> ofGroup(request), Status.Code.INVALID_ARGUMENT, field);
  }

  private static void assertRefused(ThrowingCallable call, Status.Code code, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(words);
            });
  }
}
