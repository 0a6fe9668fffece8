package io.openneg.edgeproxy.xds;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.testing.ScriptedAds;
import io.openneg.edgeproxy.testing.Xds;
import io.openneg.edgeproxy.warming.ServingConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Delta, against a server that says what the test makes it say. */
@Timeout(60)
class DeltaTest {
  private static final Message ONE = Xds.cluster("one").build();
  private static final Message TWO = Xds.cluster("two").build();

  private final ScriptedAds ads = new ScriptedAds();
  private final Map<IpPort, String> problems = new ConcurrentHashMap<>();
  private final XdsStats stats = new XdsStats();
  private volatile ServingConfig config = ServingConfig.EMPTY;
  private final AdsClient client =
      new AdsClient(
          new AdsClient.Server("127.0.0.1", ads.port()),
          AdsClient.Protocol.DELTA,
          new NodeIdentity("edge-1", "europe-west1", "europe-west1-b"),
          new AdsClient.Dataplane() {
            @Override
            public void apply(ServingConfig next) {
              config = next;
            }

            @Override
            public @Nullable String bindProblem(IpPort address) {
              return problems.get(address);
            }
          },
          stats);

  @BeforeEach
  void start() {
    client.start();
    ads.awaitStream(1);
  }

  @AfterEach
  void stop() {
    client.close();
    ads.close();
  }

  private static DeltaDiscoveryResponse.Builder of(ResourceType type) {
    return DeltaDiscoveryResponse.newBuilder().setTypeUrl(type.typeUrl());
  }

  private static Resource resource(String name, String version, Message body) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setResource(Any.pack(body))
        .build();
  }

  private DeltaDiscoveryRequest answerTo(DeltaDiscoveryResponse.Builder response) {
    ResourceType type = ResourceType.ofTypeUrl(response.getTypeUrl());
    assertThat(type).isNotNull();
    String nonce = ads.sendDelta(response);
    return ads.awaitDelta(
        type == null ? CLUSTER : type, request -> request.getResponseNonce().equals(nonce));
  }

  private void accepts(DeltaDiscoveryResponse.Builder response) {
    DeltaDiscoveryRequest answer = answerTo(response);
    assertThat(answer.getErrorDetail().getMessage()).isEmpty();
    assertThat(answer.getResourceNamesSubscribeList()).isEmpty();
  }

  private void serveOneAndTwo() {
    accepts(
        of(CLUSTER)
            .addResources(resource("one", "c1", ONE))
            .addResources(resource("two", "c2", TWO)));
    accepts(
        of(ENDPOINT)
            .addResources(resource("one", "e1", Xds.assignment("one", Xds.endpoint(1001))))
            .addResources(resource("two", "e2", Xds.assignment("two", Xds.endpoint(2001)))));
    accepts(of(LISTENER).addResources(resource("a", "l1", Xds.listener("a", 8080, "routes"))));
    accepts(of(ROUTE).addResources(resource("routes", "r1", Xds.routes("routes", "one"))));
    assertThat(config.listeners()).containsKey("a");
  }

  @Test
  void asksForAllClustersAndListenersAndForTheRestByName() {
    DeltaDiscoveryRequest clusters = ads.awaitDelta(CLUSTER, _ -> true);
    assertThat(clusters.getResourceNamesSubscribeList()).isEmpty();
    assertThat(clusters.getInitialResourceVersionsMap()).isEmpty();
    assertThat(clusters.getNode().getId()).isEqualTo("edge-1");
    ads.awaitDelta(LISTENER, request -> request.getResourceNamesSubscribeList().isEmpty());
    serveOneAndTwo();
    ads.awaitDelta(
        ENDPOINT, request -> request.getResourceNamesSubscribeList().equals(List.of("one", "two")));
    ads.awaitDelta(
        ROUTE, request -> request.getResourceNamesSubscribeList().equals(List.of("routes")));
  }

  @Test
  void whatIsNotNamedStaysAndWhatIsRemovedGoes() {
    serveOneAndTwo();
    accepts(of(CLUSTER).addResources(resource("one", "c3", ONE)));
    assertThat(config.clusters()).containsOnlyKeys("one", "two");
    accepts(of(CLUSTER).addRemovedResources("two"));
    await().until(() -> !config.clusters().containsKey("two"));
    ads.awaitDelta(
        ENDPOINT, request -> request.getResourceNamesUnsubscribeList().equals(List.of("two")));
  }

  @Test
  void aReconnectSaysTheVersionOfEachResourceThatIsThere() {
    serveOneAndTwo();
    accepts(of(CLUSTER).addResources(resource("two", "c3", Xds.cluster("two").build())));
    ads.stop();
    await().until(() -> !stats.connected());
    assertThat(config.listeners()).containsKey("a");
    int before = ads.deltas().size();
    ads.start();
    ads.awaitStream(2);
    await().until(() -> ads.deltas().size() >= before + 4);
    List<DeltaDiscoveryRequest> first = ads.deltas().subList(before, before + 4);
    assertThat(first)
        .extracting(DeltaDiscoveryRequest::getInitialResourceVersionsMap)
        .containsExactly(
            Map.of("one", "c1", "two", "c2"),
            Map.of("one", "e1", "two", "e2"),
            Map.of("a", "l1"),
            Map.of("routes", "r1"));
    assertThat(first.getFirst().getResourceNamesSubscribeList()).isEmpty();
    assertThat(first.get(1).getResourceNamesSubscribeList()).containsExactly("one", "two");
    assertThat(first).extracting(DeltaDiscoveryRequest::getResponseNonce).containsOnly("");

    // Only what went while it was away.
    accepts(of(CLUSTER).addRemovedResources("two"));
    await().until(() -> !config.clusters().containsKey("two"));
    assertThat(config.listeners()).containsKey("a");
  }

  @Test
  void aRefusedResourceKeepsTheVersionThatIsInUse() {
    serveOneAndTwo();
    Cluster unusable = Xds.cluster("one").setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED).build();
    DeltaDiscoveryRequest answer =
        answerTo(of(CLUSTER).addResources(resource("one", "c9", unusable)));
    assertThat(answer.getErrorDetail().getMessage()).contains("Cluster \"one\": lb_policy");
    assertThat(config.clusters()).containsOnlyKeys("one", "two");
    ads.endStream();
    ads.awaitStream(2);
    ads.awaitDelta(
        CLUSTER,
        request ->
            request.getInitialResourceVersionsMap().equals(Map.of("one", "c1", "two", "c2")));
  }

  @Test
  void endpointsThatAreSaidToBeMissingAreNotWaitedFor() {
    accepts(of(LISTENER).addResources(resource("a", "l1", Xds.listener("a", 8080, "routes"))));
    accepts(of(ROUTE).addResources(resource("routes", "r1", Xds.routes("routes", "one"))));
    accepts(of(CLUSTER).addResources(resource("one", "c1", ONE)));
    assertThat(config.listeners()).isEmpty();
    accepts(of(ENDPOINT).addRemovedResources("one"));
    assertThat(config.listeners()).containsKey("a");
  }

  @Test
  void endpointsInUseAreNotLostByARemoval() {
    serveOneAndTwo();
    accepts(of(ENDPOINT).addRemovedResources("one"));
    ServingConfig.Backend one = config.clusters().get("one");
    assertThat(one).isNotNull();
    assertThat(one == null ? List.of() : one.assignment().groups()).hasSize(1);
  }

  @Test
  void aClusterThatComesBackWaitsForItsEndpointsAnew() {
    serveOneAndTwo();
    accepts(of(CLUSTER).addRemovedResources("two"));
    accepts(of(ENDPOINT).addRemovedResources("two"));
    accepts(of(CLUSTER).addResources(resource("two", "c2", TWO)));
    assertThat(config.clusters()).containsOnlyKeys("one");
    accepts(
        of(ENDPOINT)
            .addResources(resource("two", "e3", Xds.assignment("two", Xds.endpoint(2002)))));
    assertThat(config.clusters()).containsOnlyKeys("one", "two");
  }

  @Test
  void aListenerCannotTakeTheAddressOfOneThatStays() {
    serveOneAndTwo();
    DeltaDiscoveryRequest answer =
        answerTo(of(LISTENER).addResources(resource("b", "l2", Xds.listener("b", 8080, "routes"))));
    assertThat(answer.getErrorDetail().getMessage())
        .isEqualTo("Listener \"b\": address: 127.0.0.1:8080 is that of Listener \"a\" too");
    accepts(
        of(LISTENER)
            .addResources(resource("b", "l3", Xds.listener("b", 8080, "routes")))
            .addRemovedResources("a"));
    await().until(() -> config.listeners().keySet().equals(Set.of("b")));
  }

  @Test
  void aListenerWhosePortWasTakenIsAskedForAgainWhenItIsFree() {
    serveOneAndTwo();
    problems.put(new IpPort("127.0.0.1", 8081), "Address already in use");
    DeltaDiscoveryRequest refused =
        answerTo(of(LISTENER).addResources(resource("b", "l2", Xds.listener("b", 8081, "routes"))));
    assertThat(refused.getErrorDetail().getMessage()).contains("Address already in use");
    // Word of another listener does not make it forget this one.
    accepts(of(LISTENER).addResources(resource("c", "l3", Xds.listener("c", 8082, "routes"))));
    problems.clear();
    ads.awaitDelta(
        LISTENER, request -> request.getResourceNamesSubscribeList().equals(List.of("b")));
    assertThat(config.listeners()).containsOnlyKeys("a", "b", "c");
    accepts(of(LISTENER).addResources(resource("b", "l2", Xds.listener("b", 8081, "routes"))));
  }
}
