package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static io.openneg.proxyconfigservice.xds.XdsType.LISTENER;
import static io.openneg.proxyconfigservice.xds.XdsType.ROUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKind;
import org.junit.jupiter.api.Test;

/** Delta: nonces, ACKs and NACKs, and new before old. */
class DeltaAcknowledgementRulesTest {
  private static final String WEB = service("web");
  private static final String OTHER = service("other");
  private static final String NEXT = service("next");
  private static final String MAP = urlMap("web");

  /** The service is replaced by another one, in one change. */
  private static final RowChange[] MOVE = {
    service(httpService(NEXT, neg("n"))),
    urlMap(simpleMap(MAP, NEXT)),
    gone(RowKind.BACKEND_SERVICE, WEB)
  };

  private final World world = new World(web(80, address(1)));
  private final ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());

  @Test
  void oneAnswerAtATimeAndTheLatestStateWins() {
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.publish(world.change(service(httpService(NEXT))));
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    client.expectNothing();
    client.ack(CLUSTER);
    client.accepts(CLUSTER, NEXT);
    client.expectNothing();
  }

  @Test
  void aStaleNonceAcknowledgesNothingButItsNamesCount() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    String stale = client.nonce(ENDPOINTS);
    client.ack(ENDPOINTS);
    client.publish(world.change(attached(neg("n"), address(2)), service(httpService(OTHER))));
    client.expect(ENDPOINTS, WEB);

    client.ackOf(ENDPOINTS, stale, OTHER);
    client.expectNothing();
    assertThat(client.status(ENDPOINTS).versionAcked())
        .isNotEqualTo(client.status(ENDPOINTS).versionSent());
    client.ack(ENDPOINTS);
    client.accepts(ENDPOINTS, OTHER);
  }

  @Test
  void aNonceOfAnEarlierStreamIsTakenAsNone() {
    client.ackOf(CLUSTER, "nonce of another stream", WEB);
    client.accepts(CLUSTER, WEB);
  }

  @Test
  void aRefusedClusterIsNotSentAgainUntilItChanges() {
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, WEB);
    client.nack(CLUSTER, "no");
    client.expectNothing();
    assertThat(client.refusals(CLUSTER))
        .extracting(Subscription.Parked::error)
        .containsExactly("no");

    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER);
    client.expectNothing();
    assertThat(client.refusals(CLUSTER)).hasSize(1);
    client.publish(
        world.change(
            service(
                httpService(WEB, neg("n")).setLocalityLbPolicy(LocalityLbPolicy.LEAST_REQUEST))));
    client.accepts(CLUSTER, WEB);
    assertThat(client.refusals(CLUSTER)).isEmpty();
  }

  @Test
  void ofClustersRefusedTogetherOnlyTheBadOneIsParked() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, OTHER, WEB);
    client.nack(CLUSTER, "one of them");
    client.expect(CLUSTER, OTHER);
    client.nack(CLUSTER, "this one");
    client.accepts(CLUSTER, WEB);
    client.expectNothing();
    assertThat(client.refusals(CLUSTER))
        .extracting(Subscription.Parked::error)
        .containsExactly("this one");
  }

  @Test
  void changesOfOthersDoNotWaitForSuspects() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, OTHER, WEB);
    client.nack(CLUSTER, "one of them");
    client.publish(world.change(service(httpService(NEXT))));
    client.accepts(CLUSTER, NEXT);
    client.accepts(CLUSTER, OTHER);
    client.accepts(CLUSTER, WEB);
    client.expectNothing();
  }

  @Test
  void ofEndpointsRefusedTogetherOnlyTheBadOneIsParked() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(ENDPOINTS, WEB, OTHER, "missing");
    client.expect(ENDPOINTS, OTHER, WEB, "-missing");
    client.nack(ENDPOINTS, "one of them");
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "this one");
    client.accepts(ENDPOINTS, OTHER);
    client.accepts(ENDPOINTS, "-missing");
    client.expectNothing();
    client.publish(world.change(attached(neg("n"), address(2))));
    client.accepts(ENDPOINTS, WEB);
  }

  @Test
  void aRefusedRemovalIsNotRepeatedForEver() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, OTHER, WEB);
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    client.expect(CLUSTER, "-" + OTHER);
    client.nack(CLUSTER, "I will not");
    client.expectNothing();
  }

  @Test
  void whoAsksForWhatItRefusedIsSentItAgain() {
    client.subscribe(CLUSTER, WEB);
    client.expect(CLUSTER, WEB);
    client.nack(CLUSTER, "no");
    client.expectNothing();
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
  }

  @Test
  void anUpdateThatIsRefusedLeavesTheVersionBefore() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.publish(
        world.change(
            service(
                httpService(WEB, neg("n")).setLocalityLbPolicy(LocalityLbPolicy.LEAST_REQUEST))));
    client.expect(CLUSTER, WEB);
    client.nack(CLUSTER, "no");
    client.expectNothing();
    client.publish(world.change(service(httpService(WEB, neg("n")))));
    client.expectNothing();
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.accepts(CLUSTER, "-" + WEB);
  }

  @Test
  void aClientThatNeverAcknowledgesGetsAllThatItMayLackAfterTheBound() {
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.expectNothing();
    client.passes(BOUND);
    client.accepts(CLUSTER, OTHER, WEB);
    client.expectNothing();
  }

  @Test
  void endpointsNeverAcknowledgedComeAgainWithTheNextOnes() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(ENDPOINTS, WEB, "missing");
    client.expect(ENDPOINTS, WEB, "-missing");
    client.subscribe(ENDPOINTS, OTHER);
    client.expectNothing();
    client.passes(BOUND);
    client.accepts(ENDPOINTS, OTHER, WEB, "-missing");
    client.expectNothing();
  }

  @Test
  void aRemovalThatWasNeverAcknowledgedComesAgainWithTheNextAnswer() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, OTHER, WEB);
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    client.expect(CLUSTER, "-" + OTHER);
    client.publish(world.change(service(httpService(NEXT))));
    client.passes(BOUND);
    client.accepts(CLUSTER, NEXT, "-" + OTHER);
    client.expectNothing();
  }

  @Test
  void whatWasSentButNeverAcknowledgedAndIsGoneSinceIsToldToBeGone() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.expect(CLUSTER, OTHER);
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    client.expectNothing();
    client.passes(BOUND);
    // The client may have taken it and be slow to say so.
    client.accepts(CLUSTER, "-" + OTHER);
    client.expectNothing();
  }

  @Test
  void newClustersThenTheirEndpointsThenRoutesThenOldClustersGo() {
    connect();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT);
    client.expectNothing();
    client.subscribe(ENDPOINTS, NEXT);
    client.accepts(ENDPOINTS, NEXT);
    client.expectNothing();
    client.ack(CLUSTER);
    client.expect(ROUTES, MAP);
    client.expectNothing();
    client.ack(ROUTES);
    client.expect(CLUSTER, "-" + WEB);
    client.unsubscribe(ENDPOINTS, WEB);
    client.ack(CLUSTER);
    client.expectNothing();
  }

  @Test
  void theEndpointsOfARemovedClusterAreNotTakenWhileItIsInUse() {
    connect();
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.expect(CLUSTER, "-" + WEB);
    client.expectNothing();
    client.ack(CLUSTER);
    client.accepts(ENDPOINTS, "-" + WEB);
    client.expectNothing();
  }

  @Test
  void clustersDeletedWhileAwayAreTakenOnlyWhenTheRoutesHaveMoved() {
    connect();
    ScriptedDeltaClient back = new ScriptedDeltaClient(ENVOY, world.change(MOVE));
    back.resume(CLUSTER, client.versions(CLUSTER));
    back.accepts(CLUSTER, NEXT);
    back.expectNothing();
    back.resume(ENDPOINTS, client.versions(ENDPOINTS), WEB);
    back.expectNothing();
    back.resume(LISTENER, client.versions(LISTENER));
    back.resume(ROUTES, client.versions(ROUTES), MAP);
    back.expectNothing();
    back.subscribe(ENDPOINTS, NEXT);
    back.accepts(ENDPOINTS, NEXT);
    back.accepts(ROUTES, MAP);
    back.accepts(CLUSTER, "-" + WEB);
    back.accepts(ENDPOINTS, "-" + WEB);
    back.expectNothing();
    assertThat(back.awaited()).isEmpty();
  }

  @Test
  void aSilentClientDoesNotBlockRoutesForEver() {
    connect();
    client.publish(world.change(MOVE));
    client.expect(CLUSTER, NEXT);
    client.expectNothing();
    client.passes(BOUND);
    client.expect(ROUTES, MAP);
  }

  @Test
  void aChangedClusterGetsItsEndpointsAgain() {
    connect();
    client.publish(
        world.change(
            service(
                httpService(WEB, neg("n")).setLocalityLbPolicy(LocalityLbPolicy.LEAST_REQUEST))));
    client.expect(CLUSTER, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.ack(CLUSTER);
    client.expectNothing();
  }

  private void connect() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(ROUTES, MAP);
    client.accepts(ROUTES, MAP);
    client.expectNothing();
  }
}
