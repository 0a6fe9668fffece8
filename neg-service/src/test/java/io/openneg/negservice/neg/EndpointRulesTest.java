package io.openneg.negservice.neg;

import static io.openneg.negservice.neg.Groups.NAME;
import static io.openneg.negservice.neg.Groups.at;
import static io.openneg.negservice.neg.Groups.attach;
import static io.openneg.negservice.neg.Groups.attached;
import static io.openneg.negservice.neg.Groups.created;
import static io.openneg.negservice.neg.Groups.detach;
import static io.openneg.negservice.neg.Groups.detached;
import static io.openneg.negservice.neg.Scenario.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.NegDeleted;
import io.openneg.negservice.neg.NegEvent.NegDeletionRefused;
import io.openneg.negservice.neg.NegEvent.NegDeletionStarted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointRulesTest {
  private static final NegEvent NO_DEFAULT_PORT =
      created(EndpointType.GCE_VM_IP_PORT, OptionalInt.empty());
  private static final NegEvent OUTSIDE =
      created(EndpointType.NON_GCP_PRIVATE_IP_PORT, OptionalInt.of(8080));
  private static final String PRIVATE_ONLY =
      "must be private: RFC 1918, 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
  private static final String INSTANCE_NAME =
      "must be the name of an instance: 1-63 characters, a lower-case letter first, then"
          + " lower-case letters, digits and hyphens, no hyphen last";

  @Test
  void anEndpointIsAttachedWithAllThatWasSaidAboutIt() {
    var annotations = Map.of("rack", "7");
    given(created())
        .when(attach(new EndpointRequest("vm-9", "10.0.0.1", OptionalInt.of(81), annotations)))
        .then(new EndpointAttached(Groups.on("vm-9", Groups.address("10.0.0.1:81"), annotations)));
  }

  @Test
  void anEndpointWithoutPortHasTheDefaultPort() {
    given(created()).when(attach("10.0.0.1")).then(attached("10.0.0.1:8080"));
    given(created(), attached("10.0.0.1:8080"))
        .when(detach("10.0.0.1"))
        .then(detached("10.0.0.1:8080"));
  }

  @Test
  void withoutDefaultPortEveryEndpointNeedsOne() {
    given(NO_DEFAULT_PORT)
        .when(attach("10.0.0.1:80", "10.0.0.2"))
        .thenInvalid("network_endpoints[1].port", "must be given: the group has no default port");
    given(NO_DEFAULT_PORT, attached("10.0.0.1:80"))
        .when(detach("10.0.0.1"))
        .thenInvalid("network_endpoints[0].port", "must be given: the group has no default port");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65_536})
  void aPortIsAPort(int port) {
    given(created())
        .when(attach("10.0.0.1:" + port))
        .thenInvalid("network_endpoints[0].port", "must be 1..65535, is %d".formatted(port));
    given(created())
        .when(detach("10.0.0.1:" + port))
        .thenInvalid("network_endpoints[0].port", "must be 1..65535, is %d".formatted(port));
  }

  @Test
  void everyPortMayBeUsed() {
    given(created())
        .when(attach("10.0.0.1:1", "10.0.0.1:65535"))
        .then(attached("10.0.0.1:1"), attached("10.0.0.1:65535"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1.2",
        "010.0.0.1",
        "10.0.0.1 ",
        "10.0.0.-1",
        "fd00::1",
        "localhost",
        "10.0.0.١"
      })
  void anAddressIsADottedQuad(String ip) {
    EndpointRequest request = new EndpointRequest("vm-1", ip, OptionalInt.of(80), Map.of());
    given(created())
        .when(attach(request))
        .thenInvalid("network_endpoints[0].ip_address", "must be an IPv4 address such as 10.0.0.1");
    given(created())
        .when(detach(request))
        .thenInvalid("network_endpoints[0].ip_address", "must be an IPv4 address such as 10.0.0.1");
  }

  @Test
  void anAddressMustBeGivenWithoutAnInstance() {
    given(OUTSIDE)
        .when(attach(new EndpointRequest("", "", OptionalInt.of(80), Map.of())))
        .thenInvalid("network_endpoints[0].ip_address", "must be given");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10.255.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.168.0.0",
        "192.168.255.255"
      })
  void privateAddressesAreAccepted(String ip) {
    given(created()).when(attach(ip)).then(attached(ip + ":8080"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "127.0.0.1",
        "169.254.0.1",
        "100.64.0.1",
        "8.8.8.8",
        "0.0.0.0",
        "255.255.255.255"
      })
  void onlyPrivateAddressesAreAccepted(String ip) {
    given(created()).when(attach(ip)).thenInvalid("network_endpoints[0].ip_address", PRIVATE_ONLY);
  }

  @Test
  void aLabAcceptsLoopbackToo() {
    given(created())
        .when(inLab("127.0.0.1", "10.0.0.1"))
        .then(attached("127.0.0.1:8080"), attached("10.0.0.1:8080"));
    given(created())
        .when(inLab("8.8.8.8"))
        .thenInvalid("network_endpoints[0].ip_address", "must be private (RFC 1918) or loopback");
  }

  @Test
  void anEndpointOnAVmNamesIt() {
    given(created())
        .when(attach(new EndpointRequest("", "10.0.0.1", OptionalInt.empty(), Map.of())))
        .thenInvalid(
            "network_endpoints[0].instance", "must be given in a group of type GCE_VM_IP_PORT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Vm", "1vm", "vm-", "vm_1", "zones/z/instances/vm"})
  void anInstanceIsNamedByItsId(String instance) {
    given(created())
        .when(attach(new EndpointRequest(instance, "10.0.0.1", OptionalInt.empty(), Map.of())))
        .thenInvalid("network_endpoints[0].instance", INSTANCE_NAME);
  }

  @Test
  void anInstanceIdHasAtMost63Characters() {
    String longest = "v" + "m".repeat(62);
    given(created())
        .when(attach(new EndpointRequest(longest, "10.0.0.1", OptionalInt.empty(), Map.of())))
        .events();
    given(created())
        .when(attach(new EndpointRequest(longest + "m", "10.0.0.1", OptionalInt.empty(), Map.of())))
        .thenInvalid("network_endpoints[0].instance", INSTANCE_NAME);
  }

  @Test
  void anEndpointOutsideHasNoInstance() {
    EndpointRequest outside = new EndpointRequest("", "192.168.1.1", OptionalInt.of(80), Map.of());
    given(OUTSIDE)
        .when(attach(outside))
        .then(new EndpointAttached(new Endpoint("", Groups.address("192.168.1.1:80"), Map.of())));
    given(OUTSIDE)
        .when(attach(at("192.168.1.1")))
        .thenInvalid(
            "network_endpoints[0].instance",
            "must be absent in a group of type NON_GCP_PRIVATE_IP_PORT");
  }

  @Test
  void anEndpointOutsideNeedsAPrivateAddressToo() {
    given(OUTSIDE)
        .when(attach(new EndpointRequest("", "8.8.8.8", OptionalInt.of(80), Map.of())))
        .thenInvalid("network_endpoints[0].ip_address", PRIVATE_ONLY);
  }

  @Test
  void theAnnotationsOfAnEndpointAreBounded() {
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 17; i++) {
      many.put("k" + i, "");
    }
    String field = "network_endpoints[0].annotations";
    given(created())
        .when(attach(new EndpointRequest("vm-1", "10.0.0.1", OptionalInt.empty(), many)))
        .thenInvalid(field, "must have at most 16 entries, has 17");
    var large = Map.of("k", "v".repeat(1_024));
    given(created())
        .when(attach(new EndpointRequest("vm-1", "10.0.0.1", OptionalInt.empty(), large)))
        .thenInvalid(field, "must have at most 1024 bytes in keys and values together, has 1025");
  }

  @Test
  void addressAndPortTogetherAreUniqueWithinTheGroup() {
    given(created(), attached("10.0.0.1:8080"))
        .when(attach("10.0.0.1:8081", "10.0.0.2:8080"))
        .then(attached("10.0.0.1:8081"), attached("10.0.0.2:8080"));
    given(created(), attached("10.0.0.1:8080"), attached("10.0.0.2:80"))
        .when(attach("10.0.0.1:8080", "10.0.0.3", "10.0.0.2:80"))
        .thenRejected(Kind.FAILED_PRECONDITION, "ENDPOINT_ALREADY_ATTACHED")
        .naming(
            "network_endpoints[0]", "10.0.0.1:8080 is already attached",
            "network_endpoints[2]", "10.0.0.2:80 is already attached");
  }

  @Test
  void uniquenessCountsTheDefaultPort() {
    given(created(), attached("10.0.0.1:8080"))
        .when(attach("10.0.0.1"))
        .thenRejected(Kind.FAILED_PRECONDITION, "ENDPOINT_ALREADY_ATTACHED")
        .saying("network_endpoints[0]: 10.0.0.1:8080 is already attached. Nothing was changed.");
  }

  @Test
  void anEndpointIsNamedOnceInACall() {
    given(created())
        .when(attach("10.0.0.1", "10.0.0.2", "10.0.0.1:8080", "10.0.0.1"))
        .thenInvalid(
            "network_endpoints[2]", "repeats 10.0.0.1:8080 of network_endpoints[0]",
            "network_endpoints[3]", "repeats 10.0.0.1:8080 of network_endpoints[0]");
    given(created(), attached("10.0.0.1:8080"))
        .when(detach("10.0.0.1", "10.0.0.1:8080"))
        .thenInvalid("network_endpoints[1]", "repeats 10.0.0.1:8080 of network_endpoints[0]");
  }

  @Test
  void allEndpointsMayBeOnOneInstance() {
    given(created(), attached("10.0.0.1:8080"))
        .when(attach("10.0.0.1:1", "10.0.0.1:2"))
        .then(attached("10.0.0.1:1"), attached("10.0.0.1:2"));
  }

  @Test
  void onlyAttachedEndpointsAreDetached() {
    given(created(), attached("10.0.0.1:8080"), attached("10.0.0.2:8080"))
        .when(detach("10.0.0.3", "10.0.0.1", "10.0.0.2:80"))
        .thenRejected(Kind.FAILED_PRECONDITION, "ENDPOINT_NOT_ATTACHED")
        .naming(
            "network_endpoints[0]", "10.0.0.3:8080 is not attached",
            "network_endpoints[2]", "10.0.0.2:80 is not attached");
  }

  @Test
  void instanceAndAnnotationsDoNotCountForDetaching() {
    EndpointRequest request =
        new EndpointRequest("OTHER", "10.0.0.1", OptionalInt.empty(), Map.of("", "\0"));
    given(created(), attached("10.0.0.1:8080"))
        .when(detach(request))
        .then(detached("10.0.0.1:8080"));
  }

  @Test
  void oneBadEndpointRefusesTheCallAndEveryFaultIsNamed() {
    given(created(), attached("10.0.0.9:8080"))
        .when(
            attach(
                at("10.0.0.1"),
                new EndpointRequest("", "10.0.0.2", OptionalInt.of(0), Map.of()),
                at("8.8.8.8"),
                at("10.0.0.9"),
                at("10.0.0.1:8080")))
        .thenInvalid(
            "network_endpoints[1].instance",
            "must be given in a group of type GCE_VM_IP_PORT",
            "network_endpoints[1].port",
            "must be 1..65535, is 0",
            "network_endpoints[2].ip_address",
            PRIVATE_ONLY,
            "network_endpoints[3]",
            "10.0.0.9:8080 is already attached",
            "network_endpoints[4]",
            "repeats 10.0.0.1:8080 of network_endpoints[0]");
  }

  @Test
  void aCallHasOneTo10000Endpoints() {
    given(created())
        .when(attach(List.of()))
        .thenInvalid("network_endpoints", "must have 1..10000 items, has 0");
    given(created())
        .when(detach(new String[0]))
        .thenInvalid("network_endpoints", "must have 1..10000 items, has 0");
    given(created())
        .when(attach(distinct(0, 10_001)))
        .thenInvalid("network_endpoints", "must have 1..10000 items, has 10001");
    assertThat(given(created()).when(attach(distinct(0, 10_000))).events()).hasSize(10_000);
  }

  @Test
  void aGroupHasAtMost10000Endpoints() {
    List<NegEvent> full = new ArrayList<>();
    full.add(created());
    full.addAll(given(created()).when(attach(distinct(0, 9_999))).events());
    given(full).when(attach(distinct(9_999, 1))).events();
    given(full)
        .when(attach(distinct(9_999, 2)))
        .thenRejected(Kind.RESOURCE_EXHAUSTED, "ENDPOINT_LIMIT_EXCEEDED")
        .saying("has 9999 endpoints and takes 10000 at most; none of the 2 was attached");
    full.add(detached("10.0.0.0:8080"));
    given(full).when(attach(distinct(9_999, 2))).events();
  }

  @Test
  void withoutTheGroupNothingIsAttachedOrDetached() {
    given().when(attach("10.0.0.1")).thenRejected(Kind.NOT_FOUND, "NOT_FOUND").saying(NAME);
    given().when(detach("10.0.0.1")).thenRejected(Kind.NOT_FOUND, "NOT_FOUND");
    given(created(), new NegDeletionStarted(), new NegDeleted())
        .when(attach("10.0.0.1"))
        .thenRejected(Kind.NOT_FOUND, "NOT_FOUND");
  }

  @Test
  void aGroupBeingDeletedDoesNotChange() {
    Scenario deleting = given(created(), attached("10.0.0.1:8080"), new NegDeletionStarted());
    deleting
        .when(attach("10.0.0.2"))
        .thenRejected(Kind.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
    deleting
        .when(detach("10.0.0.1"))
        .thenRejected(Kind.FAILED_PRECONDITION, "DELETION_IN_PROGRESS");
  }

  @Test
  void aGroupWhoseDeletionWasRefusedIsAsBefore() {
    given(
            created(),
            attached("10.0.0.1:8080"),
            new NegDeletionStarted(),
            new NegDeletionRefused(List.of("user")))
        .when(detach("10.0.0.1"))
        .then(detached("10.0.0.1:8080"));
  }

  @Test
  void aGroupCreatedAnewIsEmpty() {
    given(
            created(),
            attached("10.0.0.1:8080"),
            new NegDeletionStarted(),
            new NegDeleted(),
            created())
        .when(attach("10.0.0.1"))
        .then(attached("10.0.0.1:8080"));
  }

  private static List<EndpointRequest> distinct(int from, int count) {
    List<EndpointRequest> endpoints = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      endpoints.add(at("10.0." + (i >> 8) + "." + (i & 0xff)));
    }
    return endpoints;
  }

  private static AttachEndpoints inLab(String... addresses) {
    return new AttachEndpoints(
        NAME, Groups.requests(addresses), true, Groups.INTERFACES, BadEndpoint.REFUSES);
  }
}
