package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.NAME;
import static io.openneg.negservice.neg.Groups.attached;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Groups.detached;
import static io.openneg.negservice.neg.Groups.requests;
import static io.openneg.negservice.neg.Groups.set;
import static io.openneg.negservice.neg.Scenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Calls that leave bad endpoints out, and those that declare what there is to be. */
class PartialAndSetTest {
  private static final Endpoint FIRST = endpoint("vm-1", "10.0.0.1:8080", Map.of());
  private static final Endpoint SECOND = endpoint("vm-1", "10.0.0.2:8080", Map.of());

  @Test
  void theGoodOnesAreAttachedAndEveryBadOneIsReported() {
    AttachEndpoints attach =
        new AttachEndpoints(
            NAME,
            requests("10.0.0.2", "10.0.0.1", "8.8.8.8", "10.0.0.2:8080", "10.0.0.3:0", "10.0.0.4"),
            false,
            Groups.INTERFACES,
            BadEndpoint.IS_LEFT_OUT);
    given(created(), attached("10.0.0.1:8080"))
        .when(attach)
        .then(attached("10.0.0.2:8080"), attached("10.0.0.4:8080"));
    List<RejectedEndpoint> leftOut = leftOut(attach, created(), attached("10.0.0.1:8080"));
    assertThat(leftOut).extracting(RejectedEndpoint::index).containsExactly(1, 2, 3, 4);
    assertThat(leftOut)
        .extracting(RejectedEndpoint::reason)
        .containsExactly(
            "ENDPOINT_ALREADY_ATTACHED",
            "INVALID_ARGUMENT",
            "INVALID_ARGUMENT",
            "INVALID_ARGUMENT");
    assertThat(leftOut)
        .extracting(rejected -> rejected.faults().getFirst().subject())
        .containsExactly(
            "network_endpoints[1]",
            "network_endpoints[2].ip_address",
            "network_endpoints[3]",
            "network_endpoints[4].port");
  }

  @Test
  void allThatIsWrongWithAnEndpointIsReported() {
    AttachEndpoints attach =
        new AttachEndpoints(
            NAME,
            List.of(new EndpointRequest("VM", "10.0.0.256", OptionalInt.of(0), Map.of())),
            false,
            Groups.INTERFACES,
            BadEndpoint.IS_LEFT_OUT);
    given(created()).when(attach).thenNothing();
    assertThat(leftOut(attach, created()).getFirst().faults()).hasSize(3);
  }

  @Test
  void aGroupThatGetsFullTakesTheFirstOnes() {
    List<NegEvent> events = new ArrayList<>(List.of(created()));
    for (int i = 0; i < 9_999; i++) {
      events.add(attached("10.1.%d.%d:80".formatted(i >> 8, i & 255)));
    }
    AttachEndpoints attach =
        new AttachEndpoints(
            NAME,
            requests("10.0.0.1", "10.0.0.2"),
            false,
            Groups.INTERFACES,
            BadEndpoint.IS_LEFT_OUT);
    given(events).when(attach).then(attached("10.0.0.1:8080"));
    assertThat(leftOut(attach, events.toArray(NegEvent[]::new)))
        .singleElement()
        .satisfies(
            rejected -> {
              assertThat(rejected.index()).isEqualTo(1);
              assertThat(rejected.reason()).isEqualTo("ENDPOINT_LIMIT_EXCEEDED");
            });
  }

  @Test
  void thoseThatAreAttachedAreDetachedAndTheOthersAreReported() {
    DetachEndpoints detach =
        new DetachEndpoints(
            NAME, requests("10.0.0.9", "10.0.0.1", "10.0.0.1"), BadEndpoint.IS_LEFT_OUT);
    given(created(), attached("10.0.0.1:8080")).when(detach).then(detached("10.0.0.1:8080"));
    assertThat(leftOut(detach, created(), attached("10.0.0.1:8080")))
        .extracting(RejectedEndpoint::reason)
        .containsExactly("ENDPOINT_NOT_ATTACHED", "INVALID_ARGUMENT");
  }

  @Test
  void settingDetachesAttachesAndUpdatesJustWhatDiffers() {
    Endpoint moved = endpoint("vm-2", "10.0.0.2:8080", Map.of());
    given(created(), attached("10.0.0.1:8080"), attached("10.0.0.2:8080"), attached("10.0.0.9:1"))
        .when(
            set(
                List.of(
                    Groups.at("10.0.0.3"),
                    new EndpointRequest("vm-2", "10.0.0.2", OptionalInt.empty(), Map.of()),
                    Groups.at("10.0.0.1")),
                FIRST,
                SECOND,
                endpoint("vm-1", "10.0.0.9:1", Map.of())))
        .then(detached("10.0.0.9:1"), new EndpointUpdated(moved), attached("10.0.0.3:8080"));
  }

  @Test
  void anEndpointWhoseAnnotationsDifferIsUpdated() {
    Endpoint annotated = endpoint("vm-1", "10.0.0.1:8080", Map.of("rack", "7"));
    given(created(), attached("10.0.0.1:8080"))
        .when(
            set(
                List.of(
                    new EndpointRequest(
                        "vm-1", "10.0.0.1", OptionalInt.empty(), Map.of("rack", "7"))),
                FIRST))
        .then(new EndpointUpdated(annotated));
  }

  @Test
  void settingWhatIsThereChangesNothing() {
    given(created(), attached("10.0.0.1:8080"), attached("10.0.0.2:8080"))
        .when(set(requests("10.0.0.2", "10.0.0.1:8080"), FIRST, SECOND))
        .thenNothing();
    given(created()).when(set(List.of())).thenNothing();
  }

  @Test
  void settingNothingDetachesAll() {
    given(created(), attached("10.0.0.2:8080"), attached("10.0.0.1:8080"))
        .when(set(List.of(), FIRST, SECOND))
        .then(detached("10.0.0.1:8080"), detached("10.0.0.2:8080"));
  }

  @Test
  void aBadEndpointRefusesASetOrLeavesEverythingAsItIs() {
    List<EndpointRequest> endpoints = requests("10.0.0.2", "8.8.8.8", "10.0.0.2");
    given(created(), attached("10.0.0.1:8080"))
        .when(set(endpoints, FIRST))
        .thenRejected(Kind.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    SetEndpoints previewed =
        new SetEndpoints(
            NAME,
            endpoints,
            false,
            Groups.INTERFACES,
            Map.of(FIRST.address(), FIRST),
            BadEndpoint.IS_LEFT_OUT);
    given(created(), attached("10.0.0.1:8080")).when(previewed).thenNothing();
    assertThat(leftOut(previewed, created(), attached("10.0.0.1:8080")))
        .extracting(RejectedEndpoint::index)
        .containsExactly(1, 2);
  }

  @Test
  void aSetHasAtMostTenThousandEndpoints() {
    List<EndpointRequest> endpoints = new ArrayList<>();
    for (int i = 0; i <= 10_000; i++) {
      endpoints.add(Groups.at("10.1.%d.%d".formatted(i >> 8, i & 255)));
    }
    given(created())
        .when(set(endpoints))
        .thenInvalid("network_endpoints", "must have 0..10000 items, has 10001");
    assertThat(given(created()).when(set(endpoints.subList(1, 10_001))).events()).hasSize(10_000);
  }

  @Test
  void aGroupThatIsBeingDeletedOrIsNotThereIsNotSet() {
    given(created(), new NegDeletionStarted())
        .when(set(List.of()))
        .thenRejected(Kind.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
    given().when(set(List.of())).thenRejected(Kind.NOT_FOUND, "NOT_FOUND");
  }

  private static List<RejectedEndpoint> leftOut(NegCommand command, NegEvent... events) {
    assertThat(Scenario.fold(List.of(events))).isInstanceOf(Live.class);
    return EndpointRules.leftOut((Live) Scenario.fold(List.of(events)), command);
  }

  private static Endpoint endpoint(String instance, String address, Map<String, String> rest) {
    return Groups.on(instance, Groups.address(address), rest);
  }
}
