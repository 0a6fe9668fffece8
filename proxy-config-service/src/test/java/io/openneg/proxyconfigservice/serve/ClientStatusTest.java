package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ConfigStatus;
import io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StructMatcher;
import io.openneg.eventlog.RejectedException;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What the client status service says of a client, step by step. */
class ClientStatusTest {
  private static final String WEB = service("web");
  private static final String OTHER = service("other");

  private final World world = new World(web(80, address(1)));

  private static GenericXdsConfig of(List<ResourceState> resources, String name) {
    ClientView view = new ClientView(Node.newBuilder().setId("n").build(), resources);
    return ClientConfigs.of(view, true).getGenericXdsConfigsList().stream()
        .filter(config -> config.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void is(
      GenericXdsConfig config, ConfigStatus server, ClientResourceStatus client) {
    assertThat(config.getConfigStatus()).isEqualTo(server);
    assertThat(config.getClientStatus()).isEqualTo(client);
  }

  @Test
  void aResourceIsNotSentThenNotAcknowledgedThenHad() {
    ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());
    assertThat(client.resources()).isEmpty();
    client.subscribe(CLUSTER);
    is(of(client.resources(), WEB), ConfigStatus.NOT_SENT, ClientResourceStatus.REQUESTED);
    client.expect(CLUSTER, WEB);
    is(of(client.resources(), WEB), ConfigStatus.STALE, ClientResourceStatus.REQUESTED);
    assertThat(of(client.resources(), WEB).getVersionInfo()).isEmpty();
    client.ack(CLUSTER);
    is(of(client.resources(), WEB), ConfigStatus.SYNCED, ClientResourceStatus.ACKED);
    assertThat(of(client.resources(), WEB).getVersionInfo())
        .isEqualTo(client.versions(CLUSTER).get(WEB));
    assertThat(of(client.resources(), WEB).getXdsConfig().getTypeUrl())
        .isEqualTo(CLUSTER.typeUrl());
  }

  @Test
  void aRefusedResourceSaysWhyAndWhatIsStillInUse() {
    ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    String before = client.versions(ENDPOINTS).getOrDefault(WEB, "none");
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "no such address family");
    GenericXdsConfig refused = of(client.resources(), WEB);
    is(refused, ConfigStatus.ERROR, ClientResourceStatus.NACKED);
    assertThat(refused.getVersionInfo()).isEqualTo(before);
    assertThat(refused.getErrorState().getDetails()).isEqualTo("no such address family");
    assertThat(refused.getErrorState().getVersionInfo()).isNotEqualTo(before).isNotEmpty();
    assertThat(refused.getErrorState().getFailedConfiguration().getTypeUrl())
        .isEqualTo(ENDPOINTS.typeUrl());
  }

  @Test
  void inStateOfTheWorldWhatARefusedSetWouldHaveChangedIsRefused() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.expect(CLUSTER, OTHER, WEB);
    client.nack(CLUSTER, "no");
    is(of(client.resources(), OTHER), ConfigStatus.ERROR, ClientResourceStatus.NACKED);
    is(of(client.resources(), WEB), ConfigStatus.SYNCED, ClientResourceStatus.ACKED);
    assertThat(of(client.resources(), WEB).hasErrorState()).isFalse();
  }

  @Test
  void aNameThatDoesNotExistSaysSo() {
    ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER, "missing");
    client.accepts(CLUSTER, "-missing");
    is(of(client.resources(), "missing"), ConfigStatus.SYNCED, ClientResourceStatus.DOES_NOT_EXIST);
  }

  @Test
  void contentsCanBeLeftOut() {
    ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    ClientView view = new ClientView(Node.newBuilder().setId("n").build(), client.resources());
    assertThat(ClientConfigs.of(view, false).getGenericXdsConfigs(0).hasXdsConfig()).isFalse();
    assertThat(ClientConfigs.of(view, true).getGenericXdsConfigs(0).hasXdsConfig()).isTrue();
  }

  @Test
  void nodesAreMatchedByIdAndAnyMatcherWillDo() {
    assertThat(NodeFilter.of(ClientStatusRequest.getDefaultInstance()).test("any")).isTrue();
    Predicate<String> some =
        NodeFilter.of(
            request(
                StringMatcher.newBuilder().setExact("edge-1"),
                StringMatcher.newBuilder().setPrefix("ENVOY-").setIgnoreCase(true)));
    assertThat(some.test("edge-1")).isTrue();
    assertThat(some.test("edge-10")).isFalse();
    assertThat(some.test("envoy-7")).isTrue();
    assertThat(NodeFilter.of(request(StringMatcher.newBuilder().setSuffix("-7"))).test("a-7"))
        .isTrue();
    assertThat(NodeFilter.of(request(StringMatcher.newBuilder().setContains("x"))).test("a-7"))
        .isFalse();
  }

  @Test
  void matchersOfOtherKindsAreRefusedByName() {
    assertThatThrownBy(
            () ->
                NodeFilter.of(
                    request(
                        StringMatcher.newBuilder()
                            .setSafeRegex(RegexMatcher.newBuilder().setRegex(".*")))))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("node_matchers[0].node_id");
    NodeMatcher byMetadata =
        NodeMatcher.newBuilder()
            .setNodeId(StringMatcher.newBuilder().setExact("a"))
            .addNodeMetadatas(StructMatcher.getDefaultInstance())
            .build();
    assertThatThrownBy(
            () ->
                NodeFilter.of(ClientStatusRequest.newBuilder().addNodeMatchers(byMetadata).build()))
        .isInstanceOf(RejectedException.class)
        .hasMessageContaining("node_matchers[0].node_metadatas");
  }

  private static ClientStatusRequest request(StringMatcher.Builder... ids) {
    ClientStatusRequest.Builder request = ClientStatusRequest.newBuilder();
    for (StringMatcher.Builder id : ids) {
      request.addNodeMatchers(NodeMatcher.newBuilder().setNodeId(id));
    }
    return request.build();
  }
}
