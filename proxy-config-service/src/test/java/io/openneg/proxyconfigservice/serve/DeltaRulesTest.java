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
import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.GRPC;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static io.openneg.proxyconfigservice.xds.XdsType.LISTENER;
import static io.openneg.proxyconfigservice.xds.XdsType.ROUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Delta: who is told what, and what is not repeated. */
class DeltaRulesTest {
  private static final String WEB = service("web");
  private static final String OTHER = service("other");
  private static final String MAP = urlMap("web");

  private final World world = new World(web(80, address(1)));
  private final ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());

  @Test
  void nothingIsSentBeforeTheFirstSnapshot() {
    ScriptedDeltaClient early = new ScriptedDeltaClient(ENVOY);
    early.subscribe(CLUSTER);
    early.subscribe(ENDPOINTS, WEB);
    early.expectNothing();
    early.publish(world.snapshot());
    early.accepts(CLUSTER, WEB);
    early.accepts(ENDPOINTS, WEB);
  }

  @Test
  void noNamesInTheFirstRequestMeanAllClustersAndListeners() {
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.expectNothing();
  }

  @Test
  void aStarMeansAllAsWell() {
    client.subscribe(CLUSTER, "*");
    client.accepts(CLUSTER, WEB);
    client.expectNothing();
  }

  @Test
  void noNamesInALaterRequestChangeNothing() {
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER);
    client.publish(world.change(service(httpService(OTHER))));
    client.expectNothing();
  }

  @Test
  void ofASetOnlyWhatChangedIsSent() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER);
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    client.accepts(CLUSTER, "-" + OTHER);
    client.expectNothing();
  }

  @Test
  void namesGivenUpUnderAWildcardKeepTheWildcard() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    // Its state is told, so that the client knows that it still gets it.
    client.unsubscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER);
  }

  @Test
  void aMissingNameGivenUpUnderAWildcardIsToldToBeMissing() {
    client.subscribe(CLUSTER, "*", "missing");
    client.accepts(CLUSTER, WEB, "-missing");
    client.unsubscribe(CLUSTER, "missing");
    client.accepts(CLUSTER, "-missing");
    client.expectNothing();
  }

  @Test
  void aWildcardGivenUpLeavesTheNames() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER, "*", WEB);
    client.accepts(CLUSTER, OTHER, WEB);
    client.unsubscribe(CLUSTER, "*");
    client.publish(
        world.change(
            service(httpService(OTHER).setTimeoutSec(7)),
            service(httpService(WEB, neg("n")).setTimeoutSec(7)),
            service(httpService(service("third")))));
    client.expectNothing();
    client.publish(world.change(gone(RowKind.BACKEND_SERVICE, WEB)));
    client.accepts(CLUSTER, "-" + WEB);
  }

  @Test
  void wildcardWithNothingThereIsAnsweredWithNothing() {
    ScriptedDeltaClient lonely = new ScriptedDeltaClient(ENVOY, new World().snapshot());
    lonely.subscribe(CLUSTER);
    lonely.accepts(CLUSTER);
    lonely.subscribe(LISTENER);
    lonely.accepts(LISTENER);
    lonely.expectNothing();
  }

  @Test
  void namesAddUp() {
    client.publish(world.change(service(httpService(OTHER))));
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER, OTHER);
    client.accepts(CLUSTER, OTHER);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(ENDPOINTS, OTHER);
    client.accepts(ENDPOINTS, OTHER);
    client.expectNothing();
  }

  @Test
  void onDemandNamesAreAnsweredBesideTheWildcard() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(CLUSTER, "later");
    client.accepts(CLUSTER, "-later");
    client.publish(world.change(service(httpService(service("later")))));
    client.accepts(CLUSTER, service("later"));
  }

  @Test
  void everySubscribedNameIsAnsweredEvenIfNothingIsThere() {
    client.subscribe(CLUSTER, "no-cluster");
    client.accepts(CLUSTER, "-no-cluster");
    client.subscribe(LISTENER, "no-listener");
    client.accepts(LISTENER, "-no-listener");
    client.subscribe(ENDPOINTS, "no-endpoints");
    client.accepts(ENDPOINTS, "-no-endpoints");
    client.subscribe(ROUTES, "no-routes");
    client.accepts(ROUTES, "-no-routes");
    client.expectNothing();
  }

  @Test
  void whatWasMissingIsSentOnceItIsThere() {
    client.subscribe(ENDPOINTS, OTHER);
    client.accepts(ENDPOINTS, "-" + OTHER);
    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(ENDPOINTS, OTHER);
  }

  @Test
  void whatIsSubscribedAgainIsSentAgain() {
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.subscribe(LISTENER, "web");
    client.accepts(LISTENER, "web");
    client.subscribe(LISTENER, "web");
    client.accepts(LISTENER, "web");
    client.expectNothing();
  }

  @Test
  void whatIsGivenUpIsNotSentAndIsSentWhenAskedForAnew() {
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.unsubscribe(ENDPOINTS, WEB);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expectNothing();
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.expectNothing();
  }

  @Test
  void whatIsGivenUpWhileItIsUnderWayIsNotToldToBeGone() {
    client.subscribe(CLUSTER, WEB);
    client.expect(CLUSTER, WEB);
    client.unsubscribe(CLUSTER, WEB);
    client.ack(CLUSTER);
    client.expectNothing();
    client.subscribe(CLUSTER, WEB);
    client.accepts(CLUSTER, WEB);
  }

  @Test
  void eachResourceHasTheVersionOfItsContent() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    String before = client.versions(CLUSTER).get(WEB);
    client.publish(world.change(service(httpService(WEB, neg("n")).setTimeoutSec(1))));
    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER);
    assertThat(client.versions(CLUSTER)).containsEntry(WEB, before);
    assertThat(before).isEqualTo(clusterVersion(world.snapshot(), WEB));
  }

  private static String clusterVersion(XdsSnapshot snapshot, String name) {
    var cluster = snapshot.clusters().get(name);
    assertThat(cluster).isNotNull();
    return cluster == null ? "" : cluster.version().toString();
  }

  @Test
  void aReconnectWithTheSameVersionsGetsNothing() {
    connect();
    // Another replica, or the same after a restart: nothing is known but the rows.
    ScriptedDeltaClient back = new ScriptedDeltaClient(ENVOY);
    comeBack(back);
    back.publish(new World(web(80, address(1))).snapshot());
    back.expectNothing();
    assertThat(back.awaited()).isEmpty();

    back.publish(world.change(attached(neg("n"), address(9))));
    back.accepts(ENDPOINTS, WEB);
  }

  @Test
  void aReconnectGetsOnlyWhatDiffers() {
    world.change(service(httpService(OTHER, neg("n2"))), attached(neg("n2"), address(2)));
    client.publish(world.snapshot());
    connect(OTHER, WEB);
    world.change(attached(neg("n2"), address(3)));
    ScriptedDeltaClient back = new ScriptedDeltaClient(ENVOY, world.snapshot());
    comeBack(back, OTHER, WEB);
    back.accepts(ENDPOINTS, OTHER);
    back.expectNothing();
    assertThat(back.awaited()).isEmpty();
  }

  @Test
  void aReconnectIsToldOfWhatWasDeletedMeanwhile() {
    client.publish(world.change(service(httpService(OTHER))));
    connect(OTHER, WEB);
    ScriptedDeltaClient back =
        new ScriptedDeltaClient(ENVOY, world.change(gone(RowKind.BACKEND_SERVICE, OTHER)));
    comeBack(back, OTHER, WEB);
    back.accepts(CLUSTER, "-" + OTHER);
    back.accepts(ENDPOINTS, "-" + OTHER);
    back.expectNothing();
    assertThat(back.awaited()).isEmpty();
  }

  @Test
  void aReconnectIsToldOfListenersDeletedMeanwhile() {
    client.publish(world.change(rule(forwardingRule(rule("alt"), proxy("web"), 81))));
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "alt", "web");
    ScriptedDeltaClient back =
        new ScriptedDeltaClient(ENVOY, world.change(gone(RowKind.FORWARDING_RULE, rule("alt"))));
    back.resume(LISTENER, client.versions(LISTENER));
    back.accepts(LISTENER, "-alt");
    back.expectNothing();
  }

  @Test
  void aReconnectWithANewNameIsToldOfThatNameOnly() {
    connect();
    ScriptedDeltaClient back = new ScriptedDeltaClient(ENVOY, world.snapshot());
    back.resume(ENDPOINTS, client.versions(ENDPOINTS), WEB, "missing");
    back.accepts(ENDPOINTS, "-missing");
    back.expectNothing();
  }

  @Test
  void versionsOfWhatIsNotSubscribedAreNothing() {
    connect();
    ScriptedDeltaClient back = new ScriptedDeltaClient(GRPC, world.snapshot());
    back.resume(CLUSTER, Map.of("given-up", "1", WEB, "of before"), WEB);
    back.accepts(CLUSTER, WEB);
    back.expectNothing();
  }

  @Test
  void anUnknownTypeIsIgnored() {
    XdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
        new XdsStream<>(Delta.FORM, ScriptedClient.ALL, ENVOY, BOUND);
    stream.publish(world.snapshot());
    stream.receive(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl("type.googleapis.com/envoy.service.runtime.v3.Runtime")
            .build());
    assertThat(stream.next(0)).isNull();
  }

  @Test
  void aChangeOfOneOfAThousandServicesCostsWhatThatOneCosts() {
    for (int i = 0; i < 1_000; i++) {
      world.change(service(httpService(service("s" + i), neg("n" + i))));
    }
    ScriptedClient whole = new ScriptedClient(ENVOY, world.snapshot());
    whole.subscribe(CLUSTER);
    String[] all = world.snapshot().clusters().byName().keySet().toArray(String[]::new);
    whole.accepts(CLUSTER, all);
    client.publish(world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, all);

    XdsSnapshot next =
        world.change(
            service(
                httpService(service("s7"), neg("n7"))
                    .setLocalityLbPolicy(LocalityLbPolicy.LEAST_REQUEST)));
    whole.publish(next);
    whole.expect(CLUSTER, all);
    client.publish(next);
    client.expect(CLUSTER, service("s7"));
    int bytes = client.response(CLUSTER).getSerializedSize();
    int wholeBytes = whole.response(CLUSTER).getSerializedSize();
    assertThat(bytes).as("of %d", wholeBytes).isLessThan(wholeBytes / 400);
  }

  @Test
  void changesThatCancelOutSendNothing() {
    connect();
    client.publish(world.change(service(httpService(OTHER)), attached(neg("n"), address(2))));
    client.publish(
        world.change(
            gone(RowKind.BACKEND_SERVICE, OTHER),
            new RowChange(RowKey.endpoint(neg("n"), address(2)), null)));
    client.expectNothing();
  }

  /** Gives the client everything there is. */
  private void connect(String... services) {
    String[] clusters = services.length == 0 ? new String[] {WEB} : services;
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, clusters);
    client.subscribe(ENDPOINTS, clusters);
    client.accepts(ENDPOINTS, clusters);
    client.subscribe(LISTENER);
    client.accepts(LISTENER, "web");
    client.subscribe(ROUTES, MAP);
    client.accepts(ROUTES, MAP);
    client.expectNothing();
  }

  /** Asks on a new stream for what the client had. */
  private void comeBack(ScriptedDeltaClient back, String... services) {
    back.resume(CLUSTER, client.versions(CLUSTER));
    back.resume(
        ENDPOINTS,
        client.versions(ENDPOINTS),
        services.length == 0 ? new String[] {WEB} : services);
    back.resume(LISTENER, client.versions(LISTENER));
    back.resume(ROUTES, client.versions(ROUTES), MAP);
  }
}
