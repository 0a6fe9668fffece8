package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.v1.Event;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was: who changed a group, and how it was before. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegHistoryIT {
  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "past-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void whoChangedWhatAndWhenIsTold() {
    String requestId = UUID.randomUUID().toString();
    client.create("web");
    client
        .stub("alice")
        .attachNetworkEndpoints(
            client
                .attachRequest("web", NegClient.endpoints("10.0.0.1", "10.0.0.2"))
                .setRequestId(requestId)
                .build());
    client.detach("web", "10.0.0.1");
    List<Event> events =
        client
            .events()
            .listEvents(ListEventsRequest.newBuilder().setResource(client.name("web")).build())
            .getEventsList();
    assertThat(events)
        .extracting(Event::getType)
        .containsExactly(
            "openneg.neg.v1.NegCreated",
            "openneg.neg.v1.EndpointAttached",
            "openneg.neg.v1.EndpointAttached",
            "openneg.neg.v1.EndpointDetached");
    assertThat(events)
        .extracting(Event::getActor)
        .containsExactly("anonymous", "alice", "alice", "anonymous");
    assertThat(events)
        .extracting(Event::getRequestId)
        .containsExactly("", requestId, requestId, "");
    assertThat(events.get(1).getPayload())
        .isEqualTo(
            "{\"networkEndpoint\":"
                + "{\"instance\":\"vm-1\",\"ipAddress\":\"10.0.0.1\",\"port\":8080}}");
  }
}
