package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthState;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsResponse;
import io.openneg.neg.v1.NetworkEndpoint;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The list of endpoints with their health, and with health-service away. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegHealthIT {
  private static final String WEB = "projects/p/global/backendServices/web";
  private static final String API = "projects/p/global/backendServices/api";

  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  @ConfigProperty(name = "openneg.health-service")
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  String healthService;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "health-" + UUID.randomUUID().toString().substring(0, 8));
    client.create("web");
    client
        .stub()
        .attachNetworkEndpoints(
            client.attachRequest("web", List.of(endpoint(80), endpoint(81), endpoint(82))).build());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void everyEndpointHasItsHealthInEachBackendServiceThatUsesTheGroup() throws IOException {
    try (var _ = new FakeHealthService(port(), -1, WEB, API)) {
      await().until(() -> list(0).getHealthUnavailable().isEmpty());
      ListNetworkEndpointsResponse answer = list(0);
      assertThat(answer.getNetworkEndpointHealthsList()).hasSize(3);
      List<EndpointHealth> second = answer.getNetworkEndpointHealths(1).getHealthsList();
      assertThat(second).extracting(EndpointHealth::getPort).containsOnly(81);
      assertThat(second).extracting(EndpointHealth::getBackendService).containsExactly(WEB, API);
      assertThat(second).extracting(EndpointHealth::getState).containsOnly(HealthState.UNHEALTHY);
      // Of the page only.
      assertThat(list(1).getNetworkEndpointHealthsCount()).isEqualTo(1);
    }
  }

  @Test
  void anEndpointThatNobodyUsesHasNoHealthWhichIsAnAnswerToo() throws IOException {
    try (var _ = new FakeHealthService(port(), -1)) {
      await().until(() -> list(0).getHealthUnavailable().isEmpty());
      ListNetworkEndpointsResponse answer = list(0);
      assertThat(answer.getNetworkEndpointHealthsList())
          .hasSize(3)
          .allMatch(health -> health.getHealthsCount() == 0);
    }
  }

  @Test
  void theListIsThereWithoutHealthServiceAndSaysSo() throws IOException {
    saysThatHealthIsMissing();
    // It answers the first page, and no more.
    try (var _ = new FakeHealthService(port(), 1, WEB)) {
      saysThatHealthIsMissing();
    }
    // Back again, it is asked as soon as it is connected.
    try (var _ = new FakeHealthService(port(), -1, WEB)) {
      await().until(() -> list(0).getNetworkEndpointHealthsCount() == 3);
    }
  }

  private void saysThatHealthIsMissing() {
    ListNetworkEndpointsResponse answer = list(0);
    assertThat(answer.getNetworkEndpointsCount()).isEqualTo(3);
    assertThat(answer.getNetworkEndpointHealthsList()).isEmpty();
    assertThat(answer.getHealthUnavailable()).startsWith("health-service does not tell: ");
  }

  @Test
  void pastHealthIsNotKnownHere() {
    Refusal.of(
            () ->
                client
                    .stub()
                    .listNetworkEndpoints(
                        ListNetworkEndpointsRequest.newBuilder()
                            .setName(client.name("web"))
                            .setShowHealth(true)
                            .setAtVersion(1)
                            .build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
  }

  private ListNetworkEndpointsResponse list(int pageSize) {
    return client
        .stub()
        .listNetworkEndpoints(
            ListNetworkEndpointsRequest.newBuilder()
                .setName(client.name("web"))
                .setPageSize(pageSize)
                .setShowHealth(true)
                .build());
  }

  private int port() {
    return Integer.parseInt(healthService.substring(healthService.indexOf(':') + 1));
  }

  private static NetworkEndpoint endpoint(int port) {
    return NegClient.endpoints("10.0.0.1").getFirst().toBuilder().setPort(port).build();
  }
}
