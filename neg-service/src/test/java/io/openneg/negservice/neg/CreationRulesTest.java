package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.NAME;
import static io.openneg.negservice.neg.Groups.createNeg;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Scenario.given;

import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.Census;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CreationRulesTest {
  private static final Census ROOM = new Census(99, 100);
  private static final OptionalInt NO_PORT = OptionalInt.empty();

  @Test
  void aNewGroupHasWhatWasAskedFor() {
    var annotations = Map.of("team", "checkout", "app", "web");
    given()
        .when(
            createNeg(
                "projects/host/global/networks/lab",
                OptionalInt.of(80),
                "the web",
                annotations,
                ROOM))
        .then(
            new NegCreated(
                new NegDefinition(
                    NAME,
                    Groups.ID,
                    Groups.NOW,
                    "the web",
                    EndpointType.GCE_VM_IP_PORT,
                    "projects/host/global/networks/lab",
                    OptionalInt.of(80),
                    annotations,
                    OptionalLong.of(Groups.NETWORK_ID),
                    Groups.SUBNETWORK)));
  }

  @Test
  void theNetworkIsTheProjectsDefaultUnlessNamed() {
    given().when(createNeg()).then(created());
  }

  @Test
  void theNetworkMustBeAFullName() {
    given()
        .when(createNeg("default", NO_PORT, "", Map.of(), ROOM))
        .thenInvalid(
            "network_endpoint_group.network", "must be projects/{project}/global/networks/{id}");
  }

  @Test
  void theDefaultPortMayBeAbsent() {
    given()
        .when(createNeg("", NO_PORT, "", Map.of(), ROOM))
        .then(created(EndpointType.GCE_VM_IP_PORT, NO_PORT));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65_536})
  void theDefaultPortIsAPort(int port) {
    given()
        .when(createNeg("", OptionalInt.of(port), "", Map.of(), ROOM))
        .thenInvalid(
            "network_endpoint_group.default_port", "must be 1..65535, is %d".formatted(port));
  }

  @Test
  void theDescriptionIsBounded() {
    given().when(createNeg("", NO_PORT, "x".repeat(2_048), Map.of(), ROOM)).events();
    given()
        .when(createNeg("", NO_PORT, "x".repeat(2_049), Map.of(), ROOM))
        .thenInvalid(
            "network_endpoint_group.description", "must have at most 2048 characters, has 2049");
  }

  @Test
  void theAnnotationsAreBounded() {
    String field = "network_endpoint_group.annotations";
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 64; i++) {
      many.put("k" + i, "");
    }
    given().when(createNeg("", NO_PORT, "", many, ROOM)).events();
    many.put("k64", "");
    given()
        .when(createNeg("", NO_PORT, "", many, ROOM))
        .thenInvalid(field, "must have at most 64 entries, has 65");
    given()
        .when(createNeg("", NO_PORT, "", Map.of("k", "é".repeat(8_192)), ROOM))
        .thenInvalid(field, "must have at most 16384 bytes in keys and values together, has 16385");
  }

  @Test
  void textThatTheDatabaseCannotHoldIsRefused() {
    given()
        .when(createNeg("", NO_PORT, "a\0", Map.of("k", "\0", "", "v"), ROOM))
        .thenInvalid(
            "network_endpoint_group.description", "must have no character U+0000",
            "network_endpoint_group.annotations", "must have no empty key",
            "network_endpoint_group.annotations", "must have no character U+0000");
  }

  @Test
  void everyFaultIsNamed() {
    given()
        .when(createNeg("x", OptionalInt.of(0), "", Map.of("", ""), ROOM))
        .thenInvalid(
            "network_endpoint_group.network", "must be projects/{project}/global/networks/{id}",
            "network_endpoint_group.default_port", "must be 1..65535, is 0",
            "network_endpoint_group.annotations", "must have no empty key");
  }

  @Test
  void aProjectHasNoMoreGroupsThanItsQuota() {
    given()
        .when(createNeg("", NO_PORT, "", Map.of(), new Census(100, 100)))
        .thenRejected(Kind.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
        .saying("has 100 network endpoint groups; its quota is 100");
  }

  @Test
  void aNameIsGivenOnce() {
    CreateNeg again = createNeg("", NO_PORT, "", Map.of(), new Census(100, 100));
    given(created()).when(again).thenRejected(Kind.ALREADY_EXISTS, "ALREADY_EXISTS");
    given(created(), new NegDeletionStarted())
        .when(again)
        .thenRejected(Kind.ALREADY_EXISTS, "ALREADY_EXISTS")
        .saying("deletion is under way");
  }

  @Test
  void aDeletedGroupMayBeCreatedAnew() {
    given(created(), new NegDeletionStarted(), new NegDeleted()).when(createNeg()).then(created());
  }

  private static CreateNeg in(EndpointType type, String subnetwork, NegNetwork network) {
    return new CreateNeg(
        NAME,
        "shop",
        Groups.ID,
        Groups.NOW,
        "",
        type,
        subnetwork,
        network,
        OptionalInt.of(8080),
        Map.of(),
        ROOM);
  }

  private static NegNetwork network(
      OptionalLong id, boolean legacy, Optional<String> automatic, Optional<String> ofSubnetwork) {
    return new NegNetwork("eu-west1", Groups.NETWORK, id, legacy, automatic, ofSubnetwork);
  }

  @Test
  void inAnAutoModeNetworkTheSubnetworkIsTheRegionsAutomaticOneUnlessNamed() {
    given()
        .when(in(EndpointType.GCE_VM_IP_PORT, "", Groups.network(Groups.NETWORK)))
        .then(created());
  }

  @Test
  void inACustomModeNetworkTheSubnetworkMustBeNamed() {
    OptionalLong id = OptionalLong.of(Groups.NETWORK_ID);
    given()
        .when(
            in(
                EndpointType.GCE_VM_IP_PORT,
                "",
                network(id, false, Optional.empty(), Optional.empty())))
        .thenInvalid(
            "network_endpoint_group.subnetwork",
            "must be given: 'projects/shop/global/networks/default' has no automatic subnetwork in"
                + " eu-west1");
    given()
        .when(
            in(
                EndpointType.GCE_VM_IP_PORT,
                Groups.SUBNETWORK,
                network(id, false, Optional.empty(), Optional.of(Groups.NETWORK))))
        .then(created());
  }

  @Test
  void theSubnetworkIsInTheNetworkAndInTheRegionOfTheZone() {
    OptionalLong id = OptionalLong.of(Groups.NETWORK_ID);
    given()
        .when(
            in(
                EndpointType.GCE_VM_IP_PORT,
                "projects/shop/regions/us-east1/subnetworks/default",
                Groups.network(Groups.NETWORK)))
        .thenInvalid(
            "network_endpoint_group.subnetwork",
            "must be projects/{project}/regions/eu-west1/subnetworks/{id}: in the region of the"
                + " zone");
    given()
        .when(
            in(
                EndpointType.GCE_VM_IP_PORT,
                Groups.SUBNETWORK,
                network(
                    id, false, Optional.empty(), Optional.of("projects/shop/global/networks/b"))))
        .thenRejected(Kind.FAILED_PRECONDITION, "OTHER_NETWORK");
    given()
        .when(
            in(
                EndpointType.GCE_VM_IP_PORT,
                Groups.SUBNETWORK,
                network(id, false, Optional.empty(), Optional.empty())))
        .thenRejected(Kind.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
  }

  @Test
  void theNetworkExists() {
    given()
        .when(
            in(
                EndpointType.NON_GCP_PRIVATE_IP_PORT,
                "",
                network(OptionalLong.empty(), false, Optional.empty(), Optional.empty())))
        .thenRejected(Kind.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
  }

  @Test
  void aLegacyNetworkTakesNoGroups() {
    for (EndpointType type : EndpointType.values()) {
      given()
          .when(
              in(
                  type,
                  "",
                  network(
                      OptionalLong.of(Groups.NETWORK_ID),
                      true,
                      Optional.empty(),
                      Optional.empty())))
          .thenRejected(Kind.FAILED_PRECONDITION, "LEGACY_NETWORK");
    }
  }

  @Test
  void aGroupWithoutInstancesHasNoSubnetwork() {
    given()
        .when(
            in(
                EndpointType.NON_GCP_PRIVATE_IP_PORT,
                Groups.SUBNETWORK,
                Groups.network(Groups.NETWORK)))
        .thenInvalid(
            "network_endpoint_group.subnetwork",
            "must be absent in a group of type NON_GCP_PRIVATE_IP_PORT");
  }
}
