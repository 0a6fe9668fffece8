package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.openneg.eventlog.v1.Event;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.serviceruntime.api.WireTime;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
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
        .isEqualTo("{\"networkEndpoint\":" + "{\"ipAddress\":\"10.0.0.1\",\"port\":8080}}");
  }

  @Test
  void aGroupIsReadAsItWasAtAVersionOrATime() {
    client.create("web");
    client.attach("web", "10.0.0.1", "10.0.0.2");
    NetworkEndpointGroup before = client.get("web");
    Instant between = timeOfLastEvent();
    client.detach("web", "10.0.0.1");
    client.attach("web", "10.0.0.3");

    assertThat(client.stub().getNetworkEndpointGroup(atVersion(3))).isEqualTo(before);
    assertThat(client.stub().getNetworkEndpointGroup(atTime(between))).isEqualTo(before);
    assertThat(client.stub().getNetworkEndpointGroup(atVersion(5))).isEqualTo(client.get("web"));
    assertThat(client.stub().getNetworkEndpointGroup(atTime(Instant.now().plusSeconds(60))))
        .isEqualTo(client.get("web"));
    assertThat(members(list().setAtTime(WireTime.timestamp(between)), 1))
        .containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
    assertThat(members(list().setAtVersion(4), 2)).containsExactly("10.0.0.2:8080");
    assertThat(members(list().setAtVersion(1), 2)).isEmpty();
    assertThat(members(list().setAtVersion(5), 1))
        .containsExactly("10.0.0.2:8080", "10.0.0.3:8080");

    Refusal.of(() -> client.stub().getNetworkEndpointGroup(atVersion(6)))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("must be 1..5, is 6");
    Refusal.of(() -> client.stub().listNetworkEndpoints(list().setAtVersion(0).build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    Refusal.of(() -> client.stub().getNetworkEndpointGroup(atTime(Instant.EPOCH)))
        .is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(
            () ->
                client
                    .stub()
                    .listNetworkEndpoints(
                        list().setAtTime(WireTime.timestamp(Instant.EPOCH)).build()))
        .is(Code.NOT_FOUND, "NOT_FOUND");
  }

  private Instant timeOfLastEvent() {
    var newest =
        client
            .events()
            .listEvents(
                ListEventsRequest.newBuilder()
                    .setResource(client.name("web"))
                    .setPageSize(1)
                    .setNewestFirst(true)
                    .build());
    return WireTime.instant("time", newest.getEvents(0).getTime());
  }

  private GetNetworkEndpointGroupRequest atVersion(long version) {
    return GetNetworkEndpointGroupRequest.newBuilder()
        .setName(client.name("web"))
        .setAtVersion(version)
        .build();
  }

  private GetNetworkEndpointGroupRequest atTime(Instant time) {
    return GetNetworkEndpointGroupRequest.newBuilder()
        .setName(client.name("web"))
        .setAtTime(WireTime.timestamp(time))
        .build();
  }

  private ListNetworkEndpointsRequest.Builder list() {
    return ListNetworkEndpointsRequest.newBuilder().setName(client.name("web"));
  }

  private List<String> members(ListNetworkEndpointsRequest.Builder request, int pageSize) {
    List<String> members = new ArrayList<>();
    do {
      var page = client.stub().listNetworkEndpoints(request.setPageSize(pageSize).build());
      page.getNetworkEndpointsList()
          .forEach(e -> members.add(e.getIpAddress() + ":" + e.getPort()));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return members;
  }
}
