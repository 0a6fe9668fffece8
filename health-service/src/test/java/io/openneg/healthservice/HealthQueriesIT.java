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

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.ListEndpointHealthRequest;
import io.openneg.health.v1.ListEndpointHealthResponse;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.probe.FakeBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    assertThatThrownBy(() -> ofGroup(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).contains(field);
            });
  }
}
