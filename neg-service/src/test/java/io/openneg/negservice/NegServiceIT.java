package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.EndpointAddress;
import io.openneg.neg.v1.GetNetworkEndpointGroupRequest;
import io.openneg.neg.v1.ListNetworkEndpointGroupsRequest;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import io.openneg.neg.v1.RejectedEndpoint;
import io.openneg.neg.v1.SetNetworkEndpointsRequest;
import io.openneg.neg.v1.SetNetworkEndpointsResponse;
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

/** The API over a real channel, on a real database. */
@QuarkusTest
@WithTestResource(NegServiceResource.class)
class NegServiceIT {
  @TestHTTPResource
  @SuppressWarnings("NullAway.Init") // Quarkus sets it
  URI service;

  private NegClient client;

  @BeforeEach
  void connect() {
    client = new NegClient(service, "api-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void aGroupIsReadAsItWasCreated() {
    NetworkEndpointGroup created =
        client
            .stub()
            .createNetworkEndpointGroup(
                client
                    .createRequest("web")
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder()
                            .setName("ignored")
                            .setId(1)
                            .setSize(7)
                            .setDescription("the web")
                            .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT)
                            .setNetwork(
                                client
                                    .parent()
                                    .replaceFirst("/zones/.*", "/global/networks/default"))
                            .setDefaultPort(80)
                            .putAnnotations("team", "\"checkout\" ✓"))
                    .build());
    assertThat(created.getName()).isEqualTo(client.name("web"));
    assertThat(created.getId()).isPositive().isNotEqualTo(1);
    assertThat(created.getSize()).isZero();
    assertThat(created.getChangeToken()).isEqualTo(client.name("web") + "@1");
    assertThat(client.get("web")).isEqualTo(created);
  }

  @Test
  void aGroupHasDefaults() {
    NetworkEndpointGroup created =
        client
            .stub()
            .createNetworkEndpointGroup(
                client
                    .createRequest("web")
                    .setNetworkEndpointGroup(NetworkEndpointGroup.getDefaultInstance())
                    .build());
    assertThat(created.getNetworkEndpointType()).isEqualTo(NetworkEndpointType.GCE_VM_IP_PORT);
    assertThat(created.getNetwork()).endsWith("/global/networks/default");
    assertThat(created.hasDefaultPort()).isFalse();
    assertThat(client.get("web")).isEqualTo(created);
  }

  @Test
  void whatWasWrittenIsReadAtOnce() {
    client.create("web");
    for (int i = 1; i <= 20; i++) {
      NetworkEndpointGroup attached = client.attach("web", "10.0.0." + i);
      assertThat(client.get("web")).isEqualTo(attached);
      assertThat(attached.getSize()).isEqualTo(i);
      assertThat(attached.getChangeToken()).isEqualTo(client.name("web") + "@" + (1 + i));
      assertThat(client.members("web", 500)).hasSize(i).contains("10.0.0." + i + ":8080");
    }
    assertThat(client.detach("web", "10.0.0.7", "10.0.0.9").getSize()).isEqualTo(18);
    assertThat(client.members("web", 500)).doesNotContain("10.0.0.7:8080", "10.0.0.9:8080");
  }

  @Test
  void endpointsAreListedByAddressAsANumberAndPort() {
    client.create("web");
    client.attach("web", "10.0.0.10", "10.0.0.9", "192.168.0.1", "10.0.0.100", "127.0.0.1");
    client
        .stub()
        .attachNetworkEndpoints(
            client
                .attachRequest(
                    "web",
                    List.of(
                        NetworkEndpoint.newBuilder()
                            .setIpAddress("10.0.0.9")
                            .setPort(443)
                            .putAnnotations("rack", "7")
                            .build()))
                .build());
    String[] inOrder = {
      "10.0.0.9:443",
      "10.0.0.9:8080",
      "10.0.0.10:8080",
      "10.0.0.100:8080",
      "127.0.0.1:8080",
      "192.168.0.1:8080"
    };
    for (int pageSize : new int[] {0, 1, 2, 6, 10_000}) {
      assertThat(client.members("web", pageSize)).containsExactly(inOrder);
    }
    var first =
        client
            .stub()
            .listNetworkEndpoints(
                ListNetworkEndpointsRequest.newBuilder()
                    .setName(client.name("web"))
                    .setPageSize(1)
                    .build());
    assertThat(first.getNetworkEndpointsList())
        .containsExactly(
            NetworkEndpoint.newBuilder()
                .setIpAddress("10.0.0.9")
                .setPort(443)
                .putAnnotations("rack", "7")
                .build());
  }

  @Test
  void groupsAreListedByNameInOneZoneOrAll() {
    for (String id : List.of("b", "a-1", "a", "c")) {
      client.create(id);
    }
    String elsewhere = client.parent().replace(NegClient.ZONE, "us-east1-a");
    client
        .stub()
        .createNetworkEndpointGroup(client.createRequest("a").setParent(elsewhere).build());
    client.attach("a", "10.0.0.1");
    for (int pageSize : new int[] {0, 1, 3, 4}) {
      assertThat(list(client.parent(), pageSize))
          .extracting(NetworkEndpointGroup::getName)
          .containsExactly(
              client.name("a"), client.name("a-1"), client.name("b"), client.name("c"));
      assertThat(list(client.parent().replace(NegClient.ZONE, "-"), pageSize))
          .extracting(NetworkEndpointGroup::getName)
          .containsExactly(
              client.name("a"),
              client.name("a-1"),
              client.name("b"),
              client.name("c"),
              elsewhere + "/networkEndpointGroups/a");
    }
    assertThat(list(client.parent(), 1).getFirst()).isEqualTo(client.get("a"));
    assertThat(list("projects/nobody/zones/-", 0)).isEmpty();
  }

  private List<NetworkEndpointGroup> list(String parent, int pageSize) {
    List<NetworkEndpointGroup> groups = new ArrayList<>();
    String token = "";
    do {
      var page =
          client
              .stub()
              .listNetworkEndpointGroups(
                  ListNetworkEndpointGroupsRequest.newBuilder()
                      .setParent(parent)
                      .setPageSize(pageSize)
                      .setPageToken(token)
                      .build());
      groups.addAll(page.getNetworkEndpointGroupsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return groups;
  }

  @Test
  void refusalsCarryReasonAndFields() {
    client.create("web");
    client.attach("web", "10.0.0.1");
    Refusal.of(() -> client.create("web")).is(Code.ALREADY_EXISTS, "ALREADY_EXISTS");
    Refusal.of(() -> client.get("none")).is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(() -> client.members("none", 0)).is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(() -> client.attach("none", "10.0.0.1")).is(Code.NOT_FOUND, "NOT_FOUND");
    Refusal.of(() -> client.delete("none")).is(Code.NOT_FOUND, "NOT_FOUND");
    assertThat(
            Refusal.of(() -> client.attach("web", "8.8.8.8", "10.0.0.2", "x", "10.0.0.1"))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly(
            "network_endpoints[0].ip_address",
            "network_endpoints[2].ip_address",
            "network_endpoints[3]");
    assertThat(
            Refusal.of(() -> client.attach("web", "10.0.0.2", "10.0.0.1"))
                .is(Code.FAILED_PRECONDITION, "ENDPOINT_ALREADY_ATTACHED")
                .subjects())
        .containsExactly("network_endpoints[1]");
    assertThat(
            Refusal.of(() -> client.detach("web", "10.0.0.2", "10.0.0.1"))
                .is(Code.FAILED_PRECONDITION, "ENDPOINT_NOT_ATTACHED")
                .subjects())
        .containsExactly("network_endpoints[0]");
    assertThat(client.members("web", 0)).containsExactly("10.0.0.1:8080");
  }

  @Test
  void namesAndPagesMustBeWellFormed() {
    assertThat(invalid(() -> client.create("Web"))).containsExactly("network_endpoint_group_id");
    assertThat(invalid(() -> list("projects/p/global", 0))).containsExactly("parent");
    assertThat(invalid(() -> list(client.parent(), 501))).containsExactly("page_size");
    assertThat(invalid(() -> client.members("web", 10_001))).containsExactly("page_size");
    assertThat(
            invalid(
                () ->
                    client
                        .stub()
                        .getNetworkEndpointGroup(
                            GetNetworkEndpointGroupRequest.newBuilder()
                                .setName("projects/p/global/networkEndpointGroups/web")
                                .build())))
        .containsExactly("name");
    assertThat(
            invalid(
                () ->
                    client
                        .stub()
                        .createNetworkEndpointGroup(
                            client.createRequest("web").setParent("projects/p/zones/-").build())))
        .containsExactly("parent");
    assertThat(
            invalid(
                () ->
                    client
                        .stub()
                        .createNetworkEndpointGroup(
                            client
                                .createRequest("web")
                                .setNetworkEndpointGroup(
                                    NetworkEndpointGroup.newBuilder()
                                        .setNetworkEndpointTypeValue(99))
                                .build())))
        .containsExactly("network_endpoint_group.network_endpoint_type");
    client.create("web");
    assertThat(
            invalid(
                () ->
                    client
                        .stub()
                        .listNetworkEndpoints(
                            ListNetworkEndpointsRequest.newBuilder()
                                .setName(client.name("web"))
                                .setPageToken("d2Vi")
                                .build())))
        .containsExactly("page_token");
  }

  private static List<String> invalid(Runnable call) {
    return Refusal.of(call::run).is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT").fields();
  }

  @Test
  void aRepeatedRequestGetsTheSameAnswerAndDoesNothingAgain() {
    var create = client.createRequest("web").setRequestId(UUID.randomUUID().toString()).build();
    NetworkEndpointGroup created = client.stub().createNetworkEndpointGroup(create);
    assertThat(client.stub().createNetworkEndpointGroup(create)).isEqualTo(created);

    var attach =
        client
            .attachRequest("web", NegClient.endpoints("10.0.0.1", "10.0.0.2"))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    var attached = client.stub().attachNetworkEndpoints(attach);
    var detach =
        DetachNetworkEndpointsRequest.newBuilder()
            .setName(client.name("web"))
            .addAllNetworkEndpoints(NegClient.endpoints("10.0.0.1"))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    var detached = client.stub().detachNetworkEndpoints(detach);

    assertThat(client.stub().attachNetworkEndpoints(attach)).isEqualTo(attached);
    assertThat(attached.getNetworkEndpointGroup().getSize()).isEqualTo(2);
    assertThat(client.stub().detachNetworkEndpoints(detach)).isEqualTo(detached);
    assertThat(client.get("web")).isEqualTo(detached.getNetworkEndpointGroup());
  }

  @Test
  void aRequestIdIsForOneRequest() {
    client.create("web");
    var attach =
        client
            .attachRequest("web", NegClient.endpoints("10.0.0.1"))
            .setRequestId(UUID.randomUUID().toString());
    client.stub().attachNetworkEndpoints(attach.build());
    var other = attach.addAllNetworkEndpoints(NegClient.endpoints("10.0.0.2")).build();
    Refusal.of(() -> client.stub().attachNetworkEndpoints(other))
        .is(Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED");
    assertThat(
            invalid(
                () ->
                    client
                        .stub()
                        .attachNetworkEndpoints(other.toBuilder().setRequestId("7").build())))
        .containsExactly("request_id");
    assertThat(client.get("web").getSize()).isEqualTo(1);
  }

  @Test
  void aPartialCallDoesWhatItCanAndNamesTheRest() {
    client.create("web");
    client.attach("web", "10.0.0.1");
    var attach =
        client
            .attachRequest("web", NegClient.endpoints("10.0.0.1", "10.0.0.2", "8.8.8.8"))
            .setPartial(true)
            .setRequestId(UUID.randomUUID().toString())
            .build();
    var attached = client.stub().attachNetworkEndpoints(attach);
    assertThat(attached.getNetworkEndpointGroup()).isEqualTo(client.get("web"));
    assertThat(attached.getRejectedEndpointsList())
        .extracting(RejectedEndpoint::getIndex)
        .containsExactly(0, 2);
    assertThat(attached.getRejectedEndpoints(0).getReason()).isEqualTo("ENDPOINT_ALREADY_ATTACHED");
    assertThat(attached.getRejectedEndpoints(1).getFaults(0).getField())
        .isEqualTo("network_endpoints[2].ip_address");

    var detached =
        client
            .stub()
            .detachNetworkEndpoints(
                DetachNetworkEndpointsRequest.newBuilder()
                    .setName(client.name("web"))
                    .addAllNetworkEndpoints(NegClient.endpoints("10.0.0.9", "10.0.0.2"))
                    .setPartial(true)
                    .build());
    assertThat(detached.getRejectedEndpointsList())
        .extracting(RejectedEndpoint::getReason)
        .containsExactly("ENDPOINT_NOT_ATTACHED");
    assertThat(client.members("web", 0)).containsExactly("10.0.0.1:8080");
    // To the letter, though the group has changed since.
    assertThat(client.stub().attachNetworkEndpoints(attach)).isEqualTo(attached);
    assertThat(client.members("web", 0)).containsExactly("10.0.0.1:8080");
  }

  @Test
  void whatIsOnlyValidatedSaysWhatWouldBeAndChangesNothing() {
    client.create("web");
    NetworkEndpointGroup before = client.attach("web", "10.0.0.1");
    var attach =
        client
            .attachRequest("web", NegClient.endpoints("10.0.0.1", "10.0.0.2"))
            .setValidateOnly(true)
            .build();
    var answer = client.stub().attachNetworkEndpoints(attach);
    assertThat(answer.getNetworkEndpointGroup().getSize()).isEqualTo(2);
    assertThat(answer.getRejectedEndpointsCount()).isEqualTo(1);
    var set = client.stub().setNetworkEndpoints(set("10.0.0.5").setValidateOnly(true).build());
    assertThat(set.getAttachedCount()).isEqualTo(1);
    assertThat(set.getDetachedCount()).isEqualTo(1);
    set = client.stub().setNetworkEndpoints(set("10.0.0.5", "?").setValidateOnly(true).build());
    assertThat(set.getRejectedEndpointsCount()).isEqualTo(1);
    assertThat(set.getDetachedCount()).isZero();
    assertThat(client.get("web")).isEqualTo(before);
  }

  @Test
  void endpointsAreSetToWhatIsDeclaredAndTheAnswerSaysWhatChanged() {
    client.create("web");
    client.attach("web", "10.0.0.1", "10.0.0.2", "10.0.0.3");
    var request =
        set("10.0.0.2", "10.0.0.3", "10.0.0.4")
            .setNetworkEndpoints(
                1, NegClient.endpoints("10.0.0.3").getFirst().toBuilder().putAnnotations("a", "b"))
            .build();
    var answer = client.stub().setNetworkEndpoints(request);
    assertThat(answer.getAttachedList()).containsExactly(address("10.0.0.4"));
    assertThat(answer.getDetachedList()).containsExactly(address("10.0.0.1"));
    assertThat(answer.getUpdatedList()).containsExactly(address("10.0.0.3"));
    assertThat(answer.getNetworkEndpointGroup()).isEqualTo(client.get("web"));
    assertThat(client.members("web", 0))
        .containsExactly("10.0.0.2:8080", "10.0.0.3:8080", "10.0.0.4:8080");

    var again = client.stub().setNetworkEndpoints(request);
    assertThat(again.toBuilder().clearNetworkEndpointGroup().build())
        .isEqualTo(SetNetworkEndpointsResponse.getDefaultInstance());
    assertThat(again.getNetworkEndpointGroup()).isEqualTo(answer.getNetworkEndpointGroup());

    assertThat(client.stub().setNetworkEndpoints(set().build()).getDetachedCount()).isEqualTo(3);
    assertThat(client.members("web", 0)).isEmpty();
    Refusal.of(() -> client.stub().setNetworkEndpoints(set("8.8.8.8").build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
  }

  @Test
  void groupsAreFilteredOverAllZonesPageByPage() {
    for (String zone : List.of("a", "b")) {
      for (int i = 0; i < 6; i++) {
        client
            .stub()
            .createNetworkEndpointGroup(
                client
                    .createRequest((i % 2 == 0 ? "web-" : "api-") + i)
                    .setParent(client.parent().replaceFirst("[^/]*$", "eu-west1-" + zone))
                    .build());
      }
    }
    String allZones = client.parent().replaceFirst("[^/]*$", "-");
    for (int size : List.of(1, 2, 5, 500)) {
      List<String> found = new ArrayList<>();
      var request =
          ListNetworkEndpointGroupsRequest.newBuilder()
              .setParent(allZones)
              .setPageSize(size)
              .setFilter("name eq \"web-.*\" AND size = 0");
      do {
        var page = client.stub().listNetworkEndpointGroups(request.build());
        page.getNetworkEndpointGroupsList()
            .forEach(group -> found.add(group.getName().replaceAll(".*/zones/", "")));
        request.setPageToken(page.getNextPageToken());
      } while (!request.getPageToken().isEmpty());
      assertThat(found)
          .containsExactly(
              "eu-west1-a/networkEndpointGroups/web-0",
              "eu-west1-a/networkEndpointGroups/web-2",
              "eu-west1-a/networkEndpointGroups/web-4",
              "eu-west1-b/networkEndpointGroups/web-0",
              "eu-west1-b/networkEndpointGroups/web-2",
              "eu-west1-b/networkEndpointGroups/web-4");
    }
    var page =
        client
            .stub()
            .listNetworkEndpointGroups(
                ListNetworkEndpointGroupsRequest.newBuilder()
                    .setParent(allZones)
                    .setPageSize(1)
                    .build());
    var other =
        ListNetworkEndpointGroupsRequest.newBuilder()
            .setParent("projects/other/zones/eu-west1-a")
            .setPageToken(page.getNextPageToken());
    Refusal.of(() -> client.stub().listNetworkEndpointGroups(other.build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("page_token");
    Refusal.of(
            () ->
                client
                    .stub()
                    .listNetworkEndpointGroups(
                        ListNetworkEndpointGroupsRequest.newBuilder()
                            .setParent(allZones)
                            .setFilter("colour = red")
                            .build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("filter");
  }

  private SetNetworkEndpointsRequest.Builder set(String... ips) {
    return SetNetworkEndpointsRequest.newBuilder()
        .setName(client.name("web"))
        .addAllNetworkEndpoints(NegClient.endpoints(ips));
  }

  private static EndpointAddress address(String ip) {
    return EndpointAddress.newBuilder().setIpAddress(ip).setPort(8080).build();
  }
}
