package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.ListenerSelection;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which listeners a node gets by what it says of itself. */
class NodeMetadataTest {
  private final World world = new World(web(80, address(1)));

  private static ListenerSelection selection(String metadata) {
    Node.Builder node = Node.newBuilder();
    try {
      JsonFormat.parser().merge(metadata, node.getMetadataBuilder());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(metadata, e);
    }
    return NodeMetadata.listeners(node.build());
  }

  private static ForwardingRule.Builder forwarding(String id, int port) {
    return forwardingRule(rule(id), proxy("web"), port).toBuilder();
  }

  private XdsSnapshot withOthers() {
    return world.change(
        rule(
            forwarding("shop-1", 81)
                .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED)
                .build()),
        rule(
            forwarding("shop-2", 82)
                .setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL_MANAGED)
                .build()));
  }

  private static Set<String> listeners(XdsSnapshot snapshot, String metadata) {
    return snapshot
        .set(new Audience(false, "", selection(metadata)), XdsType.LISTENER)
        .byName()
        .keySet();
  }

  @Test
  void withoutAWordAllListenersElseThoseOfTheNamesAndSchemes() {
    XdsSnapshot snapshot = withOthers();
    assertThat(listeners(snapshot, "{}")).containsExactly("shop-1", "shop-2", "web");
    assertThat(listeners(snapshot, "{\"openneg\":{\"other\":1}}")).hasSize(3);
    assertThat(listeners(snapshot, "{\"openneg\":{\"forwarding_rules\":[\"web\",\"no\"]}}"))
        .containsExactly("web");
    assertThat(listeners(snapshot, "{\"openneg\":{\"forwarding_rules\":[\"shop-*\"]}}"))
        .containsExactly("shop-1", "shop-2");
    assertThat(
            listeners(
                snapshot, "{\"openneg\":{\"load_balancing_schemes\":[\"INTERNAL_MANAGED\"]}}"))
        .containsExactly("shop-1");
    assertThat(
            listeners(
                snapshot,
                "{\"openneg\":{\"forwarding_rules\":[\"web\",\"shop-2\"],"
                    + "\"load_balancing_schemes\":[\"EXTERNAL_MANAGED\"]}}"))
        .containsExactly("shop-2");
  }

  @Test
  void whatCannotBeMeantIsRefusedWithTheField() {
    assertThatThrownBy(() -> selection("{\"openneg\":1}"))
        .hasMessage("node.metadata.openneg must be an object");
    assertThatThrownBy(() -> selection("{\"openneg\":{\"forwarding_rules\":\"web\"}}"))
        .hasMessageContaining("node.metadata.openneg.forwarding_rules must be a list");
    assertThatThrownBy(() -> selection("{\"openneg\":{\"load_balancing_schemes\":[\"X\"]}}"))
        .hasMessageContaining("'X' is none of [EXTERNAL,");
  }

  @Test
  void aStreamIsToldOfItsListenersOnlyAlsoWhenTheyComeAndGo() {
    ScriptedClient client =
        new ScriptedClient(
            new Audience(false, "", selection("{\"openneg\":{\"forwarding_rules\":[\"shop-*\"]}}")),
            withOthers());
    client.subscribe(XdsType.LISTENER);
    client.accepts(XdsType.LISTENER, "shop-1", "shop-2");
    client.publish(world.change(rule(forwarding("web", 90).build())));
    client.expectNothing();
    client.publish(world.change(gone(RowKind.FORWARDING_RULE, rule("shop-1"))));
    client.expect(XdsType.LISTENER, "shop-2");
  }
}
