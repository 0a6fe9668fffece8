package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.GRPC;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static io.openneg.proxyconfigservice.xds.XdsType.LISTENER;
import static io.openneg.proxyconfigservice.xds.XdsType.ROUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.openneg.proxyconfigservice.routing.RowKind;
import org.junit.jupiter.api.Test;

/** Who is sent what, and who is not: names, wildcards, versions. */
class SubscriptionRulesTest {
  private static final String WEB = service("web");
  private static final String OTHER = service("other");

  private final World world = new World(web(80, address(1)));

  @Test
  void nothingIsSentBeforeTheFirstSnapshot() {
    ScriptedClient client = new ScriptedClient(ENVOY);
    client.subscribe(CLUSTER);
    client.subscribe(LISTENER);
    client.expectNothing();

    client.publish(world.snapshot());
    client.expect(CLUSTER, WEB);
  }

  @Test
  void noNamesInTheFirstRequestMeanAllClustersAndListeners() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.expectNothing();
  }

  @Test
  void aStarMeansAllAsWell() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER, "*");
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER, WEB);
  }

  @Test
  void whoAskedForAllStillHasAllAfterARequestWithoutNames() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER);
    client.publish(world.change(service(httpService(OTHER))));
    client.expect(CLUSTER, OTHER, WEB);
  }

  @Test
  void namesAfterAnImplicitWildcardReplaceIt() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.expectNothing();
  }

  @Test
  void noNamesAfterNamesMeanNothing() {
    ScriptedClient client = new ScriptedClient(GRPC, world.snapshot());
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER);
    client.publish(world.change(service(httpService(WEB).setTimeoutSec(1))));
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.expectNothing();
  }

  @Test
  void namedClustersAreTheSubscribedOnesOnly() {
    world.change(service(httpService(OTHER)));
    ScriptedClient client = new ScriptedClient(GRPC, world.snapshot());
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER, WEB, OTHER);
    client.accepts(CLUSTER, OTHER, WEB);
    client.subscribe(CLUSTER, WEB);
    client.expectNothing();
  }

  @Test
  void aMissingListenerOrClusterIsToldByItsAbsenceFromTheSet() {
    ScriptedClient client = new ScriptedClient(GRPC, world.snapshot());
    client.subscribe(LISTENER, "missing");
    client.accepts(LISTENER);
    client.subscribe(LISTENER, "missing", "web");
    client.accepts(LISTENER, "web");
    client.subscribe(CLUSTER, "missing");
    client.accepts(CLUSTER);
  }

  @Test
  void wildcardWithNothingThereIsAnsweredWithTheEmptySet() {
    ScriptedClient client = new ScriptedClient(ENVOY, new World().snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER);
    client.subscribe(LISTENER);
    client.accepts(LISTENER);
    client.expectNothing();
  }

  @Test
  void endpointsAreSentByNameAndOnlyWhenTheyChange() {
    world.change(service(httpService(OTHER, neg("n2"))), attached(neg("n2"), address(2)));
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS, WEB, OTHER);
    client.accepts(ENDPOINTS, OTHER, WEB);
    client.expectNothing();

    client.publish(world.change(attached(neg("n2"), address(3))));
    client.accepts(ENDPOINTS, OTHER);
    client.publish(world.change(attached(neg("nobody's"), address(3))));
    client.expectNothing();
  }

  @Test
  void noNamesAreNoEndpoints() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS);
    client.publish(world.change(attached(neg("n"), address(3))));
    client.expectNothing();
  }

  @Test
  void aNameAskedForAgainIsAnsweredAgain() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(ENDPOINTS);
    client.expectNothing();
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
  }

  @Test
  void aNameIsNotSentAnyMoreOnceItIsGivenUp() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(ENDPOINTS);
    client.publish(world.change(attached(neg("n"), address(3))));
    client.expectNothing();
  }

  @Test
  void missingEndpointsAreAnsweredWithAnEmptyAssignment() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ENDPOINTS, "missing");
    client.accepts(ENDPOINTS, "missing");
    assertThat(client.only(ENDPOINTS, ClusterLoadAssignment.class).getEndpointsList()).isEmpty();
    client.expectNothing();

    client.publish(world.change(service(httpService("missing"))));
    client.expect(ENDPOINTS, "missing");
  }

  @Test
  void missingRoutesAreAnsweredWithoutVirtualHosts() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(ROUTES, "missing");
    client.accepts(ROUTES, "missing");
    assertThat(client.only(ROUTES, RouteConfiguration.class).getVirtualHostsList()).isEmpty();
  }

  @Test
  void unknownTypesAreIgnored() {
    XdsStream<DiscoveryRequest, DiscoveryResponse> stream =
        new XdsStream<>(StateOfTheWorld.FORM, ScriptedClient.ALL, ENVOY, ScriptedClient.BOUND);
    stream.publish(world.snapshot());
    stream.receive(
        DiscoveryRequest.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.service.runtime.v3.Runtime")
            .build());
    assertThat(stream.next(0)).isNull();
  }

  @Test
  void proxylessClientsGetApiListenersAndOthersSockets() {
    ScriptedClient envoy = new ScriptedClient(ENVOY, world.snapshot());
    envoy.subscribe(LISTENER);
    envoy.expect(LISTENER, "web");
    assertThat(envoy.only(LISTENER, Listener.class).hasAddress()).isTrue();
    assertThat(envoy.only(LISTENER, Listener.class).hasApiListener()).isFalse();

    ScriptedClient grpc = new ScriptedClient(GRPC, world.snapshot());
    grpc.subscribe(LISTENER, "web");
    grpc.expect(LISTENER, "web");
    assertThat(grpc.only(LISTENER, Listener.class).hasAddress()).isFalse();
    assertThat(grpc.only(LISTENER, Listener.class).hasApiListener()).isTrue();
  }

  @Test
  void aReconnectWithTheSameVersionsAndNamesGetsNothing() {
    ScriptedClient before = connected();
    // Another replica, or the same after a restart: nothing is known but the rows.
    ScriptedClient after = new ScriptedClient(ENVOY, new World(web(80, address(1))).snapshot());
    after.resume(CLUSTER, before.version(CLUSTER));
    after.resume(ENDPOINTS, before.version(ENDPOINTS), WEB);
    after.resume(LISTENER, before.version(LISTENER));
    after.resume(ROUTES, before.version(ROUTES), urlMap("web"));
    after.expectNothing();

    after.publish(world.change(attached(neg("n"), address(9))));
    after.expect(ENDPOINTS, WEB);
  }

  @Test
  void aReconnectDuringCatchUpWithTheSameVersionsGetsNothing() {
    ScriptedClient before = connected();
    ScriptedClient after = new ScriptedClient(ENVOY);
    after.resume(CLUSTER, before.version(CLUSTER));
    after.resume(ENDPOINTS, before.version(ENDPOINTS), WEB);
    after.expectNothing();
    after.publish(world.snapshot());
    after.expectNothing();
  }

  @Test
  void aReconnectAfterAChangeGetsWhatItSubscribesTo() {
    ScriptedClient before = connected();
    ScriptedClient after = new ScriptedClient(ENVOY, world.change(attached(neg("n"), address(2))));
    after.resume(CLUSTER, before.version(CLUSTER));
    after.resume(ENDPOINTS, before.version(ENDPOINTS), WEB);
    after.expect(ENDPOINTS, WEB);
  }

  @Test
  void aReconnectWithAnotherNameIsAnswered() {
    ScriptedClient before = connected();
    ScriptedClient after = new ScriptedClient(ENVOY, world.snapshot());
    after.resume(ENDPOINTS, before.version(ENDPOINTS), WEB, "missing");
    after.expect(ENDPOINTS, "missing");
  }

  @Test
  void aNonceOfAnEarlierStreamIsTakenAsNone() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.send(CLUSTER, "nonce of another stream");
    client.accepts(CLUSTER, WEB);
  }

  @Test
  void changesThatCancelOutSendNothing() {
    ScriptedClient client = connected();
    client.publish(world.change(attached(neg("n"), address(2))));
    client.publish(
        world.change(
            new io.openneg.proxyconfigservice.routing.RowChange(
                io.openneg.proxyconfigservice.routing.RowKey.endpoint(neg("n"), address(2)),
                null)));
    client.expectNothing();
  }

  @Test
  void aSecondRuleAddsAListenerToTheSet() {
    ScriptedClient client = connected();
    client.publish(world.change(rule(forwardingRule(rule("alt"), proxy("web"), 81))));
    client.accepts(LISTENER, "alt", "web");
    client.expectNothing();
  }

  /** An Envoy that has everything. */
  private ScriptedClient connected() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(ROUTES, urlMap("web"));
    client.accepts(ROUTES, urlMap("web"));
    client.expectNothing();
    return client;
  }
}
