package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.httpProxy;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.GRPC;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static io.openneg.proxyconfigservice.xds.XdsType.LISTENER;
import static io.openneg.proxyconfigservice.xds.XdsType.ROUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKind;
import org.junit.jupiter.api.Test;

/** New before old: no request is ever routed to a cluster the proxy does not have. */
class MakeBeforeBreakTest {
  private static final String WEB = service("web");
  private static final String NEXT = service("next");
  private static final String MAP = urlMap("web");

  private final World world = new World(web(80, address(1)));

  /** The service is replaced by another one, in one change. */
  private static final RowChange[] MOVE = {
    service(httpService(NEXT, neg("n"))),
    urlMap(simpleMap(MAP, NEXT)),
    gone(RowKind.BACKEND_SERVICE, WEB)
  };

  @Test
  void newClustersThenTheirEndpointsThenRoutesThenOldClustersGo() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));

    client.expect(CLUSTER, NEXT, WEB);
    client.expectNothing();
    // Envoy acknowledges clusters once they are warm, for which it asks for endpoints.
    client.subscribe(ENDPOINTS, WEB, NEXT);
    client.expect(ENDPOINTS, NEXT);
    client.ack(ENDPOINTS);
    client.expectNothing();
    client.ack(CLUSTER);
    client.expect(ROUTES, MAP);
    client.expectNothing();
    client.ack(ROUTES);
    client.expect(CLUSTER, NEXT);
    client.subscribe(ENDPOINTS, NEXT);
    client.ack(CLUSTER);
    client.expectNothing();
  }

  @Test
  void routesWaitForTheEndpointsOfANewClusterToo() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.accepts(CLUSTER, NEXT, WEB);
    client.expectNothing();
    client.subscribe(ENDPOINTS, WEB, NEXT);
    client.expect(ENDPOINTS, NEXT);
    client.expectNothing();
    client.ack(ENDPOINTS);
    client.expect(ROUTES, MAP);
  }

  @Test
  void theEndpointsOfARemovedClusterAreNotEmptiedWhileItIsInUse() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.expect(CLUSTER);
    client.expectNothing();
    client.ack(CLUSTER);
    client.expectNothing();
  }

  @Test
  void aReconnectingClientIsNotTurnedEmptyBeforeItsClustersAreUpToDate() {
    connectedEnvoy();
    ScriptedClient back = new ScriptedClient(ENVOY, world.change(MOVE));
    back.resume(ENDPOINTS, "of before the move", WEB);
    back.resume(CLUSTER, "of before the move");
    back.expect(CLUSTER, NEXT);
    back.expectNothing();
    back.subscribe(ENDPOINTS, NEXT);
    back.expect(ENDPOINTS, NEXT);
  }

  @Test
  void aSilentClientDoesNotBlockRoutesForEver() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT, WEB);
    client.expectNothing();
    assertThat(client.wantsToBeWokenWithin(BOUND)).isTrue();
    client.passes(BOUND);
    client.expect(ROUTES, MAP);
  }

  @Test
  void aClientThatRefusesTheNewClusterDoesNotBlockRoutesForEver() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT, WEB);
    client.nack(CLUSTER, "no");
    client.expectNothing();
    client.passes(BOUND);
    client.expect(ROUTES, MAP);
  }

  @Test
  void aClientThatRefusesTheRoutesKeepsTheOldClusterForTheBoundOnly() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.accepts(CLUSTER, NEXT, WEB);
    client.subscribe(ENDPOINTS, WEB, NEXT);
    client.accepts(ENDPOINTS, NEXT);
    client.expect(ROUTES, MAP);
    client.expectNothing();
    client.passes(BOUND);
    client.expect(CLUSTER, NEXT);
  }

  @Test
  void eachWaitHasTheWholeBound() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT, WEB);
    client.expectNothing();
    client.passes(BOUND);
    client.accepts(ROUTES, MAP);
    client.ack(CLUSTER);
    client.accepts(CLUSTER, NEXT);
    client.subscribe(ENDPOINTS, NEXT);
    client.accepts(ENDPOINTS, NEXT);

    client.publish(world.change(service(httpService(WEB, neg("n"))), urlMap(simpleMap(MAP, WEB))));
    client.expect(CLUSTER, NEXT, WEB);
    client.expectNothing();
    client.passes(BOUND.dividedBy(2));
    client.expectNothing();
  }

  @Test
  void routesThatNeedNoNewClusterDoNotWait() {
    ScriptedClient client = connectedEnvoy();
    client.publish(
        world.change(
            service(httpService(NEXT)), service(httpService(WEB, neg("n")).setTimeoutSec(1))));
    client.expect(CLUSTER, NEXT, WEB);
    client.expect(ROUTES, MAP);
  }

  @Test
  void endpointsNeverWait() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT, WEB);
    client.subscribe(ENDPOINTS, WEB, NEXT);
    client.accepts(ENDPOINTS, NEXT);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, NEXT);
  }

  @Test
  void aListenerThatMovesToAnotherUrlMapWaitsForItsClusters() {
    ScriptedClient client = connectedEnvoy();
    client.publish(
        world.change(
            service(httpService(NEXT, neg("n"))),
            urlMap(simpleMap(urlMap("next"), NEXT)),
            proxy(httpProxy(proxy("web"), urlMap("next"))),
            gone(RowKind.BACKEND_SERVICE, WEB),
            gone(RowKind.URL_MAP, MAP)));

    client.accepts(CLUSTER, NEXT, WEB);
    client.expectNothing();
    client.subscribe(ENDPOINTS, WEB, NEXT);
    client.accepts(ENDPOINTS, NEXT);
    client.accepts(LISTENER, "web");
    // The old listener is in use until the new one has its routes.
    client.expectNothing();
    client.subscribe(ROUTES, MAP, urlMap("next"));
    client.accepts(ROUTES, urlMap("next"));
    client.accepts(CLUSTER, NEXT);
  }

  @Test
  void aClusterThatComesBackMeanwhileIsKept() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.publish(world.change(service(httpService(WEB, neg("n")))));
    client.expectNothing();
    client.passes(BOUND.multipliedBy(2));
    client.expectNothing();
  }

  @Test
  void clientsThatNameTheirClustersLearnOfNewOnesFromTheRoutes() {
    ScriptedClient client = connectedGrpc();
    client.publish(world.change(MOVE));

    client.expect(ROUTES, MAP);
    client.expectNothing();
    client.ack(ROUTES);
    client.subscribe(CLUSTER, WEB, NEXT);
    client.accepts(CLUSTER, NEXT);
    client.subscribe(CLUSTER, NEXT);
    client.expectNothing();
    client.subscribe(ENDPOINTS, NEXT);
    client.accepts(ENDPOINTS, NEXT);
    client.expectNothing();
  }

  @Test
  void clientsThatNameTheirClustersKeepTheOldOneUntilTheRoutesHaveMoved() {
    ScriptedClient client = connectedGrpc();
    client.publish(world.change(MOVE));
    client.expect(ROUTES, MAP);
    client.expectNothing();
    client.ack(ROUTES);
    client.expect(CLUSTER);
  }

  @Test
  void theLastListenerCanBeRemoved() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(gone(RowKind.FORWARDING_RULE, rule("web"))));
    client.accepts(LISTENER);
    client.expectNothing();
  }

  @Test
  void aNewListenerToKnownClustersDoesNotWait() {
    ScriptedClient client = connectedEnvoy();
    client.publish(world.change(rule(forwardingRule(rule("alt"), proxy("web"), 81))));
    client.expect(LISTENER, "alt", "web");
  }

  private ScriptedClient connectedEnvoy() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(ROUTES, MAP);
    client.accepts(ROUTES, MAP);
    client.expectNothing();
    return client;
  }

  private ScriptedClient connectedGrpc() {
    ScriptedClient client = new ScriptedClient(GRPC, world.snapshot());
    client.subscribe(LISTENER, "web");
    client.accepts(LISTENER, "web");
    client.subscribe(ROUTES, MAP);
    client.accepts(ROUTES, MAP);
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.expectNothing();
    return client;
  }
}
