package io.openneg.negservice;

import static io.openneg.negservice.InventoryClient.nic;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.openneg.neg.v1.AddInstancesRequest;
import io.openneg.neg.v1.AliasIpRange;
import io.openneg.neg.v1.CreateInstanceGroupRequest;
import io.openneg.neg.v1.CreateInstanceRequest;
import io.openneg.neg.v1.DeleteNetworkRequest;
import io.openneg.neg.v1.DeleteSubnetworkRequest;
import io.openneg.neg.v1.ExpandIpCidrRangeRequest;
import io.openneg.neg.v1.GetInstanceGroupRequest;
import io.openneg.neg.v1.GetNetworkRequest;
import io.openneg.neg.v1.GetSubnetworkRequest;
import io.openneg.neg.v1.Instance;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.ListGroupInstancesRequest;
import io.openneg.neg.v1.ListInstancesRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsRequest;
import io.openneg.neg.v1.ListSubnetworksRequest;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkInterface;
import io.openneg.neg.v1.SecondaryRange;
import io.openneg.neg.v1.SetNamedPortsRequest;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.neg.v1.SwitchToCustomModeRequest;
import io.openneg.neg.v1.UpdateInstanceRequest;
import io.openneg.neg.v1.UpdateSubnetworkRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Networks, machines and the groups in them, over the API. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class InventoryIT {
  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  private InventoryClient client;
  private String project;

  @BeforeEach
  void connect() {
    project = "inv-" + UUID.randomUUID().toString().substring(0, 8);
    client = new InventoryClient(service, project);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void theNetworkDefaultIsThereWithoutAnybodyCreatingIt() {
    Network network =
        client
            .networks()
            .getNetwork(GetNetworkRequest.newBuilder().setName(client.network("default")).build());
    assertThat(network.getAutoCreateSubnetworks()).isTrue();
    assertThat(network.getSubnetworksList())
        .containsExactly(
            client.subnetwork("default"),
            "projects/" + project + "/regions/us-east1/subnetworks/default");
    NetworkEndpointGroup group = client.createNeg("web");
    assertThat(group.getNetwork()).isEqualTo(client.network("default"));
    assertThat(group.getSubnetwork()).isEqualTo(client.subnetwork("default"));
  }

  @Test
  void theNetworkDefaultOnceDeletedStaysAway() {
    delete("default");
    Refusal.of(() -> client.createNeg("web")).is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
    client.createNetwork("default", Network.getDefaultInstance());
    client.createNeg("web");
  }

  @Test
  void anAutoModeNetworkHasASubnetworkInEveryRegion() {
    client.createNetwork("auto", Network.newBuilder().setDescription("all").build());
    List<Subnetwork> subnetworks = subnetworks("network eq .*/auto");
    assertThat(subnetworks)
        .extracting(Subnetwork::getIpCidrRange)
        .containsExactly("10.128.0.0/20", "10.142.0.0/20");
    assertThat(subnetworks).allMatch(Subnetwork::getAutomatic);
    Refusal.of(() -> deleteSubnetwork("auto")).is(Code.FAILED_PRECONDITION, "AUTO_SUBNETWORK");
    client
        .networks()
        .switchToCustomMode(
            SwitchToCustomModeRequest.newBuilder().setName(client.network("auto")).build());
    deleteSubnetwork("auto");
    assertThat(subnetworks("network eq .*/auto")).hasSize(1);
  }

  @Test
  void rangesOfOneNetworkDoNotOverlap() {
    client.createCustomNetwork("lab");
    client.createCustomNetwork("other");
    client.createSubnetwork("a", "lab", "10.0.0.0/24");
    Refusal.of(() -> client.createSubnetwork("b", "lab", "10.0.0.128/25"))
        .is(Code.FAILED_PRECONDITION, "RANGE_OVERLAPS")
        .saying("10.0.0.0/24 of " + client.subnetwork("a"));
    client.createSubnetwork("b", "other", "10.0.0.128/25");
    Subnetwork.Builder within =
        Subnetwork.newBuilder()
            .setNetwork(client.network("lab"))
            .setIpCidrRange("10.1.0.0/24")
            .addSecondaryIpRanges(range("pods", "10.1.0.0/28"));
    Refusal.of(() -> client.createSubnetwork("c", within))
        .is(Code.FAILED_PRECONDITION, "RANGE_OVERLAPS");
    Refusal.of(() -> client.createSubnetwork("a", "other", "10.9.0.0/24"))
        .is(Code.ALREADY_EXISTS, "ALREADY_EXISTS");
    Refusal.of(() -> client.createSubnetwork("d", "lab", "8.8.8.0/24"))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("must be private");
    Refusal.of(() -> client.createSubnetwork("d", "none", "10.8.0.0/24"))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
    expand("a", "10.0.0.0/16");
    Refusal.of(() -> expand("a", "10.0.0.0/24")).is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
  }

  @Test
  void aLegacyNetworkTakesNeitherSubnetworksNorInstancesNorGroups() {
    Network legacy =
        client.createNetwork("old", Network.newBuilder().setIpv4Range("10.240.0.0/16").build());
    assertThat(legacy.hasAutoCreateSubnetworks()).isFalse();
    Refusal.of(() -> client.createSubnetwork("a", "old", "10.0.0.0/24"))
        .is(Code.FAILED_PRECONDITION, "LEGACY_NETWORK");
    NetworkInterface.Builder nic = NetworkInterface.newBuilder().setNetwork(client.network("old"));
    Refusal.of(() -> client.createInstance("vm", nic))
        .is(Code.FAILED_PRECONDITION, "LEGACY_NETWORK");
    Refusal.of(
            () ->
                client.createNeg(
                    "web", NetworkEndpointGroup.newBuilder().setNetwork(client.network("old"))))
        .is(Code.FAILED_PRECONDITION, "LEGACY_NETWORK");
  }

  @Test
  void anInstanceHasTheAddressesItAsksForOrTheLowestFreeOnes() {
    Instance first = client.createInstance("vm-1", NetworkInterface.newBuilder());
    assertThat(first.getNetworkInterfaces(0).getNetworkIp()).isEqualTo("10.128.0.2");
    assertThat(first.getNetworkInterfaces(0).getSubnetwork())
        .isEqualTo(client.subnetwork("default"));
    client.createInstance("vm-2", nic("10.128.0.3", "10.128.1.0/24"));
    Instance third = client.createInstance("vm-3", nic("", "/24", "10.128.0.9"));
    assertThat(third.getNetworkInterfaces(0).getNetworkIp()).isEqualTo("10.128.0.4");
    assertThat(third.getNetworkInterfaces(0).getAliasIpRangesList())
        .extracting(AliasIpRange::getIpCidrRange)
        .containsExactly("10.128.2.0/24", "10.128.0.9/32");
    assertThat(client.getInstance("vm-3")).isEqualTo(third);
    Refusal.of(() -> client.createInstance("vm-4", nic("10.128.1.7")))
        .is(Code.FAILED_PRECONDITION, "ADDRESS_IN_USE")
        .saying("10.128.1.0/24 of " + client.instance("vm-2"));
    Refusal.of(() -> client.createInstance("vm-4", nic("10.9.0.1")))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("must be within 10.128.0.0/20");
    Refusal.of(() -> client.createInstance("vm-4", nic(""), nic("")))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("one interface a network");
  }

  @Test
  void aZoneIsOneOfTheCatalogue() {
    Refusal refusal =
        Refusal.of(
            () ->
                client
                    .instances()
                    .createInstance(
                        CreateInstanceRequest.newBuilder()
                            .setParent("projects/" + project + "/zones/mars-a")
                            .setInstanceId("vm")
                            .build()));
    refusal.is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT").saying("eu-west1-b");
    assertThat(refusal.fields()).containsExactly("parent");
  }

  @Test
  void endpointsAreOnAddressesOfInstances() {
    client.createInstance("vm-1", nic("10.128.0.5", "10.128.1.0/24"));
    client.createNeg("web");
    client.attach("web", "vm-1", "");
    client.attach("web", "vm-1", "10.128.1.77");
    assertThat(client.members("web"))
        .containsExactly("vm-1 10.128.0.5:8080", "vm-1 10.128.1.77:8080");
    Refusal.of(() -> client.attach("web", "vm-1", "10.128.2.1"))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("an alias of it");
    Refusal.of(() -> client.attach("web", "vm-2", "10.128.0.5"))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("does not exist in the zone");
    // Also one in another group.
    client.createNeg("other");
    client.attach("other", "vm-1", "10.128.0.5");
  }

  @Test
  void anInstanceWhoseAddressesServeIsNotDeletedUnlessForced() {
    client.createInstance("vm-1", nic("10.128.0.5", "10.128.1.0/24"));
    client.createNeg("web");
    client.createNeg("api");
    client.attach("web", "vm-1", "10.128.1.1");
    client.attach("web", "vm-1", "10.128.1.2");
    client.attach("api", "vm-1", "");
    Refusal refused = Refusal.of(() -> client.deleteInstance("vm-1", false));
    refused.is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
    assertThat(refused.subjects()).containsExactly(client.neg("api"), client.neg("web"));
    client.deleteInstance("vm-1", true);
    assertThat(client.members("web")).isEmpty();
    assertThat(client.members("api")).isEmpty();
    Refusal.of(() -> client.getInstance("vm-1")).is(Code.NOT_FOUND, "NOT_FOUND");
  }

  @Test
  void addressesThatServeAreNotTakenFromAnInstanceUnlessForced() {
    Instance before = client.createInstance("vm-1", nic("10.128.0.5", "10.128.1.0/24"));
    client.createNeg("web");
    client.attach("web", "vm-1", "10.128.1.1");
    client.attach("web", "vm-1", "");
    Instance without =
        before.toBuilder()
            .setNetworkInterfaces(
                0, before.getNetworkInterfaces(0).toBuilder().clearAliasIpRanges())
            .build();
    Refusal refused = Refusal.of(() -> update(without, false));
    refused.is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
    assertThat(refused.subjects()).containsExactly(client.neg("web"));
    Instance more =
        before.toBuilder()
            .setNetworkInterfaces(
                0,
                before.getNetworkInterfaces(0).toBuilder()
                    .addAliasIpRanges(AliasIpRange.newBuilder().setIpCidrRange("10.128.2.0/24")))
            .build();
    Instance after = update(more, false);
    assertThat(after.getFingerprint()).isNotEqualTo(before.getFingerprint());
    Refusal.of(() -> update(without, true)).is(Code.FAILED_PRECONDITION, "CONDITION_NOT_MET");
    update(without.toBuilder().setFingerprint(after.getFingerprint()).build(), true);
    assertThat(client.members("web")).containsExactly("vm-1 10.128.0.5:8080");
  }

  @Test
  void whatIsInUseIsNotDeletedAndItsUsersAreNamed() {
    client.createCustomNetwork("lab");
    client.createSubnetwork("a", "lab", "10.0.0.0/24");
    client.createInstance(
        "vm-1", NetworkInterface.newBuilder().setSubnetwork(client.subnetwork("a")));
    client.createNeg(
        "web",
        NetworkEndpointGroup.newBuilder()
            .setNetwork(client.network("lab"))
            .setSubnetwork(client.subnetwork("a")));
    assertThat(
            Refusal.of(() -> delete("lab"))
                .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                .subjects())
        .containsExactly(client.subnetwork("a"), client.instance("vm-1"), client.neg("web"));
    assertThat(
            Refusal.of(() -> deleteSubnetwork("a"))
                .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                .subjects())
        .containsExactly(client.instance("vm-1"), client.neg("web"));
  }

  @Test
  void aSecondaryRangeInUseStaysAsItIs() {
    client.createCustomNetwork("lab");
    Subnetwork created =
        client.createSubnetwork(
            "a",
            Subnetwork.newBuilder()
                .setNetwork(client.network("lab"))
                .setIpCidrRange("10.0.0.0/24")
                .addSecondaryIpRanges(range("pods", "10.1.0.0/16"))
                .addSecondaryIpRanges(range("spare", "10.2.0.0/16")));
    Instance vm =
        client.createInstance(
            "vm-1",
            NetworkInterface.newBuilder()
                .setSubnetwork(client.subnetwork("a"))
                .addAliasIpRanges(
                    AliasIpRange.newBuilder()
                        .setIpCidrRange("/24")
                        .setSubnetworkRangeName("pods")));
    assertThat(vm.getNetworkInterfaces(0).getAliasIpRanges(0).getIpCidrRange())
        .isEqualTo("10.1.0.0/24");
    Refusal.of(() -> update(created.toBuilder().removeSecondaryIpRanges(0).build()))
        .is(Code.FAILED_PRECONDITION, "RANGE_IN_USE");
    Subnetwork without = update(created.toBuilder().removeSecondaryIpRanges(1).build());
    assertThat(without.getSecondaryIpRangesList()).containsExactly(range("pods", "10.1.0.0/16"));
    Refusal.of(() -> update(created)).is(Code.FAILED_PRECONDITION, "CONDITION_NOT_MET");
  }

  @Test
  void membersOfAnInstanceGroupAreOfOneNetwork() {
    client.createCustomNetwork("lab");
    client.createSubnetwork("a", "lab", "10.0.0.0/24");
    client.createInstance("vm-1", NetworkInterface.newBuilder());
    client.createInstance("vm-2", NetworkInterface.newBuilder());
    client.createInstance(
        "far", NetworkInterface.newBuilder().setSubnetwork(client.subnetwork("a")));
    InstanceGroup created =
        client
            .groups()
            .createInstanceGroup(
                CreateInstanceGroupRequest.newBuilder()
                    .setParent(client.zone())
                    .setInstanceGroupId("ig")
                    .build());
    InstanceGroup filled = add("vm-1", "vm-2");
    assertThat(filled.getSize()).isEqualTo(2);
    assertThat(filled.getNetwork()).isEqualTo(client.network("default"));
    assertThat(filled.getFingerprint()).isEqualTo(created.getFingerprint());
    Refusal.of(() -> add("far")).is(Code.FAILED_PRECONDITION, "OTHER_NETWORK");
    Refusal.of(() -> add("vm-1")).is(Code.FAILED_PRECONDITION, "INSTANCE_ALREADY_MEMBER");
    Refusal.of(() -> add("none")).is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
    Refusal.of(() -> client.deleteInstance("vm-1", false))
        .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
        .saying(client.group("ig"));
    client.deleteInstance("vm-1", true);
    assertThat(
            client
                .groups()
                .listGroupInstances(
                    ListGroupInstancesRequest.newBuilder().setName(client.group("ig")).build())
                .getInstancesList())
        .containsExactly(client.instance("vm-2"));
    SetNamedPortsRequest ports =
        SetNamedPortsRequest.newBuilder()
            .setName(client.group("ig"))
            .addNamedPorts(NamedPort.newBuilder().setName("http").setPort(80))
            .setFingerprint(created.getFingerprint())
            .build();
    InstanceGroup named = client.groups().setNamedPorts(ports);
    assertThat(named.getFingerprint()).isNotEqualTo(created.getFingerprint());
    Refusal.of(() -> client.groups().setNamedPorts(ports))
        .is(Code.FAILED_PRECONDITION, "CONDITION_NOT_MET");
    assertThat(
            client
                .groups()
                .getInstanceGroup(
                    GetInstanceGroupRequest.newBuilder().setName(client.group("ig")).build()))
        .isEqualTo(named);
  }

  @Test
  void listsHavePagesAndFiltersOverAllZones() {
    for (int i = 1; i <= 5; i++) {
      client.createInstance("vm-" + i, NetworkInterface.newBuilder());
      client.createNeg("neg-" + i);
    }
    var request =
        ListInstancesRequest.newBuilder()
            .setParent("projects/" + project + "/zones/-")
            .setFilter("name ne vm-3 AND zone = eu-west1-b")
            .setPageSize(3);
    var first = client.instances().listInstances(request.build());
    assertThat(first.getInstancesList())
        .extracting(Instance::getName)
        .containsExactly(client.instance("vm-1"), client.instance("vm-2"), client.instance("vm-4"));
    var second =
        client.instances().listInstances(request.setPageToken(first.getNextPageToken()).build());
    assertThat(second.getInstancesList())
        .extracting(Instance::getName)
        .containsExactly(client.instance("vm-5"));
    assertThat(second.getNextPageToken()).isEmpty();
    var byAddress =
        client
            .instances()
            .listInstances(
                request
                    .setPageToken("")
                    .setFilter("network_interfaces.network_ip = 10.128.0.4")
                    .build());
    assertThat(byAddress.getInstancesList())
        .extracting(Instance::getName)
        .containsExactly(client.instance("vm-3"));
    assertThat(
            client
                .negs()
                .listNetworkEndpointGroups(
                    ListNetworkEndpointGroupsRequest.newBuilder()
                        .setParent("projects/" + project + "/zones/-")
                        .setFilter("name eq \"neg-[24]\" OR name = neg-5")
                        .build())
                .getNetworkEndpointGroupsList())
        .extracting(NetworkEndpointGroup::getName)
        .containsExactly(client.neg("neg-2"), client.neg("neg-4"), client.neg("neg-5"));
    Refusal.of(() -> client.instances().listInstances(request.setFilter("colour = red").build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("names 'colour'");
  }

  @Test
  void tenThousandEndpointsOnInstancesAreAttachedInOneCall() {
    client.createCustomNetwork("lab");
    client.createSubnetwork("a", "lab", "10.0.0.0/8");
    for (int i = 0; i < 20; i++) {
      client.createInstance(
          "vm-" + i,
          nic("10.100.%d.1".formatted(i), "10.%d.0.0/16".formatted(i))
              .setSubnetwork(client.subnetwork("a")));
    }
    client.createNeg(
        "web",
        NetworkEndpointGroup.newBuilder()
            .setNetwork(client.network("lab"))
            .setSubnetwork(client.subnetwork("a")));
    List<NetworkEndpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      endpoints.add(
          NetworkEndpoint.newBuilder()
              .setInstance("vm-" + i % 20)
              .setIpAddress("10.%d.%d.%d".formatted(i % 20, i >> 8, i & 255))
              .build());
    }
    for (int round = 0; round < 2; round++) {
      long start = System.nanoTime();
      client.attach("web", endpoints);
      print("attach 10,000 on 20 instances: " + (System.nanoTime() - start) / 1_000_000 + " ms");
      assertThat(client.members("web")).hasSize(10_000);
      long deletion = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        client.deleteInstance("vm-" + i, true);
        client.createInstance(
            "vm-" + i,
            nic("10.100.%d.1".formatted(i), "10.%d.0.0/16".formatted(i))
                .setSubnetwork(client.subnetwork("a")));
      }
      print("20 forced deletions: " + (System.nanoTime() - deletion) / 1_000_000 + " ms");
      assertThat(client.members("web")).isEmpty();
    }
  }

  @SuppressWarnings("SystemOut") // for whoever runs the test
  private static void print(String line) {
    System.out.println("MEASURED " + line);
  }

  private List<Subnetwork> subnetworks(String filter) {
    return client
        .subnetworks()
        .listSubnetworks(
            ListSubnetworksRequest.newBuilder()
                .setParent("projects/" + project + "/regions/-")
                .setFilter(filter)
                .build())
        .getSubnetworksList();
  }

  private void delete(String network) {
    client
        .networks()
        .deleteNetwork(DeleteNetworkRequest.newBuilder().setName(client.network(network)).build());
  }

  private void deleteSubnetwork(String id) {
    String requestId = UUID.randomUUID().toString();
    var request =
        DeleteSubnetworkRequest.newBuilder()
            .setName(client.subnetwork(id))
            .setRequestId(requestId)
            .build();
    var answer = client.subnetworks().deleteSubnetwork(request);
    assertThat(client.subnetworks().deleteSubnetwork(request)).isEqualTo(answer);
    Refusal.of(
            () ->
                client
                    .subnetworks()
                    .getSubnetwork(
                        GetSubnetworkRequest.newBuilder().setName(client.subnetwork(id)).build()))
        .is(Code.NOT_FOUND, "NOT_FOUND");
  }

  private void expand(String id, String range) {
    Subnetwork expanded =
        client
            .subnetworks()
            .expandIpCidrRange(
                ExpandIpCidrRangeRequest.newBuilder()
                    .setName(client.subnetwork(id))
                    .setIpCidrRange(range)
                    .build());
    assertThat(expanded.getIpCidrRange()).isEqualTo(range);
  }

  private Instance update(Instance instance, boolean force) {
    return client
        .instances()
        .updateInstance(
            UpdateInstanceRequest.newBuilder().setInstance(instance).setForce(force).build());
  }

  private Subnetwork update(Subnetwork subnetwork) {
    return client
        .subnetworks()
        .updateSubnetwork(UpdateSubnetworkRequest.newBuilder().setSubnetwork(subnetwork).build());
  }

  private InstanceGroup add(String... ids) {
    AddInstancesRequest.Builder request =
        AddInstancesRequest.newBuilder().setName(client.group("ig"));
    for (String id : ids) {
      request.addInstances(client.instance(id));
    }
    return client.groups().addInstances(request.build());
  }

  private static SecondaryRange range(String name, String range) {
    return SecondaryRange.newBuilder().setRangeName(name).setIpCidrRange(range).build();
  }
}
