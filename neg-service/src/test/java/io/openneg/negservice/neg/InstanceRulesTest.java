package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.NAME;
import static io.openneg.negservice.neg.Groups.SUBNETWORK;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Scenario.given;

import io.openneg.negservice.neg.Interfaces.Interface;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the seed says of endpoints and the machines they are on. */
class InstanceRulesTest {
  private static final String INSTANCE = "network_endpoints[0].instance";
  private static final Ipv4Range ALIAS = range("10.1.0.0/24");
  private static final Interface NIC =
      new Interface(SUBNETWORK, address("10.0.0.5"), List.of(range("10.0.0.5/32"), ALIAS));
  private static final String ELSEWHERE = "projects/shop/regions/eu-west1/subnetworks/other";
  private static final Interfaces INTERFACES =
      new Interfaces(
          Map.of(
              "vm-1", Optional.of(NIC),
              "apart", Optional.empty(),
              "elsewhere",
                  Optional.of(
                      new Interface(
                          ELSEWHERE, address("10.2.0.5"), List.of(range("10.2.0.5/32"))))));

  private static Ipv4Address address(String text) {
    return Ipv4Address.parse(text).orElseThrow();
  }

  private static Ipv4Range range(String text) {
    return Ipv4Range.parse(text).orElseThrow();
  }

  private static AttachEndpoints attach(String instance, String ip) {
    return new AttachEndpoints(
        NAME,
        List.of(new EndpointRequest(instance, ip, OptionalInt.empty(), Map.of())),
        false,
        INTERFACES,
        BadEndpoint.REFUSES);
  }

  private static EndpointAttached attached(String address, Ipv4Range range) {
    return new EndpointAttached(
        new Endpoint("vm-1", Groups.address(address), Map.of(), Optional.of(range)));
  }

  @Test
  void thePrimaryAddressOfTheInstanceIsAnEndpoint() {
    given(created())
        .when(attach("vm-1", "10.0.0.5"))
        .then(attached("10.0.0.5:8080", range("10.0.0.5/32")));
  }

  @Test
  void anAliasOfTheInstanceIsAnEndpoint() {
    given(created()).when(attach("vm-1", "10.1.0.255")).then(attached("10.1.0.255:8080", ALIAS));
  }

  @Test
  void withoutAnAddressThePrimaryOneIsTaken() {
    given(created()).when(attach("vm-1", "")).then(attached("10.0.0.5:8080", range("10.0.0.5/32")));
  }

  @Test
  void anAddressThatIsNotTheInstancesIsRefused() {
    given(created())
        .when(attach("vm-1", "10.1.1.0"))
        .thenInvalid(
            "network_endpoints[0].ip_address",
            "must be the primary address of 'vm-1' in the network, 10.0.0.5, or an alias of it");
  }

  @Test
  void anInstanceThatIsNotInTheZoneIsRefused() {
    given(created())
        .when(attach("vm-9", "10.0.0.5"))
        .thenInvalid(INSTANCE, "names 'vm-9', which does not exist in the zone of the group");
  }

  @Test
  void anInstanceWithoutAnInterfaceInTheNetworkIsRefused() {
    given(created())
        .when(attach("apart", ""))
        .thenInvalid(
            INSTANCE,
            "names 'apart', which has no interface in the network of the group,"
                + " 'projects/shop/global/networks/default'");
  }

  @Test
  void anInstanceInAnotherSubnetworkIsRefused() {
    given(created())
        .when(attach("elsewhere", "10.2.0.5"))
        .thenInvalid(
            INSTANCE,
            "names 'elsewhere', whose interface is in '%s'; the group is in '%s'"
                .formatted(ELSEWHERE, SUBNETWORK));
  }

  @Test
  void aGroupFromBeforeNetworksWereKnownTakesNoMoreEndpoints() {
    NegDefinition old =
        new NegDefinition(
            NAME,
            Groups.ID,
            Groups.NOW,
            "",
            EndpointType.GCE_VM_IP_PORT,
            Groups.NETWORK,
            OptionalInt.of(8080),
            Map.of(),
            OptionalLong.empty(),
            "");
    Endpoint endpoint = new Endpoint("vm-1", Groups.address("10.0.0.9:8080"), Map.of());
    given(new NegCreated(old), new EndpointAttached(endpoint))
        .when(attach("vm-1", "10.0.0.5"))
        .thenInvalid(
            INSTANCE,
            "cannot be checked: the group is from before networks were known; create it anew");
    given(new NegCreated(old), new EndpointAttached(endpoint))
        .when(Groups.detach("10.0.0.9"))
        .then(Groups.detached("10.0.0.9:8080"));
  }
}
