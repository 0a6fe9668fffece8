package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.StreamObserver;
import io.openneg.backend.v1.GetBackendServiceHealthRequest;
import io.openneg.backend.v1.GetBackendServiceHealthResponse;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.HealthState;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of health-service, and what is said when it does not answer. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class BackendServiceHealthIT {
  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.neg-service")
  String negService;

  @ConfigProperty(name = "openneg.health-service")
  String healthService;

  private FakeNegService negs;
  private BackendClient client;
  private String web;
  private String neg;

  /** health-service, which knows the health of one endpoint, or of nothing. */
  private static final class FakeHealth extends HealthGrpc.HealthImplBase {
    private final boolean knows;

    FakeHealth(boolean knows) {
      this.knows = knows;
    }

    @Override
    public void getHealth(GetHealthRequest request, StreamObserver<GetHealthResponse> reply) {
      if (!knows) {
        reply.onError(Status.NOT_FOUND.asRuntimeException());
        return;
      }
      reply.onNext(
          GetHealthResponse.newBuilder()
              .addEndpointHealth(
                  EndpointHealth.newBuilder()
                      .setBackendService(request.getBackendService())
                      .setNetworkEndpointGroup(request.getGroup())
                      .setIpAddress("10.0.0.1")
                      .setPort(request.getPageSize())
                      .setState(HealthState.UNHEALTHY))
              .putHelp("TIMEOUT", "wait")
              .setNextPageToken("next after " + request.getPageToken())
              .build());
      reply.onCompleted();
    }
  }

  private Server start(boolean knows) throws IOException {
    return Grpc.newServerBuilderForPort(port(healthService), InsecureServerCredentials.create())
        .addService(new FakeHealth(knows))
        .build()
        .start();
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }

  @BeforeEach
  void connect() throws IOException {
    negs = FakeNegService.start(port(negService));
    client = new BackendClient(service, "p-" + UUID.randomUUID().toString().substring(0, 8));
    neg = negs.with(client.neg("web"), 7);
    web =
        client.createBackendService("web", client.createHealthCheck("hc").getName(), neg).getName();
  }

  @AfterEach
  void disconnect() {
    client.close();
    negs.close();
  }

  private GetBackendServiceHealthRequest.Builder of(String name) {
    return GetBackendServiceHealthRequest.newBuilder().setName(name);
  }

  @Test
  void healthServiceIsAskedAndItsAnswerIsPassedOn() throws Exception {
    Server health = start(true);
    try {
      GetBackendServiceHealthResponse answer =
          client.backendServices.getHealth(
              of(web).setGroup(neg).setPageSize(17).setPageToken("token").build());

      assertThat(answer.getEndpointHealthList())
          .singleElement()
          .satisfies(
              e -> {
                assertThat(e.getBackendService()).isEqualTo(web);
                assertThat(e.getNetworkEndpointGroup()).isEqualTo(neg);
                assertThat(e.getPort()).isEqualTo(17);
                assertThat(e.getState()).isEqualTo(HealthState.UNHEALTHY);
              });
      assertThat(answer.getNextPageToken()).isEqualTo("next after token");
      assertThat(answer.getHelpMap()).containsEntry("TIMEOUT", "wait");
    } finally {
      health.shutdownNow().awaitTermination();
    }
  }

  @Test
  void whatIsNotKnownIsNotToldAsNothing() throws Exception {
    Refusal.of(() -> client.backendServices.getHealth(of(web).build()))
        .is(Code.UNAVAILABLE, "HEALTH_UNAVAILABLE")
        .saying("health-service does not answer");
    Server health = start(false);
    try {
      Refusal.of(() -> client.backendServices.getHealth(of(web).build()))
          .is(Code.UNAVAILABLE, "HEALTH_UNAVAILABLE")
          .saying("has not heard of it");
    } finally {
      health.shutdownNow().awaitTermination();
    }
  }

  @Test
  void whatDoesNotExistIsSaidWithoutAsking() {
    Refusal.of(() -> client.backendServices.getHealth(of(web + "x").build()))
        .is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(
            () -> client.backendServices.getHealth(of(web).setGroup(client.neg("other")).build()))
        .is(Code.NOT_FOUND, "BACKEND_NOT_FOUND");
  }
}
