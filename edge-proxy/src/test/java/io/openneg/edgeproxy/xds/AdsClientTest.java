package io.openneg.edgeproxy.xds;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.testing.ScriptedAds;
import io.openneg.edgeproxy.testing.Xds;
import io.openneg.edgeproxy.warming.ServingConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** State of the world, against a server that says what the test makes it say. */
@Timeout(30)
class AdsClientTest {

  private static final Message LISTENER_A = Xds.listener("a", 8080, "routes");
  private static final Message ROUTES = Xds.routes("routes", "one");
  private static final Message ONE = Xds.cluster("one").build();
  private static final Message TWO = Xds.cluster("two").build();

  private final ScriptedAds ads = new ScriptedAds();
  private final RecordingDataplane dataplane = new RecordingDataplane();
  private final XdsStats stats = new XdsStats();
  private final AdsClient client =
      new AdsClient(
          new AdsClient.Server("127.0.0.1", ads.port()),
          AdsClient.Protocol.STATE_OF_THE_WORLD,
          new NodeIdentity("edge-1", "europe-west1", "europe-west1-b"),
          dataplane,
          stats);

  private static final class RecordingDataplane implements AdsClient.Dataplane {
    private volatile ServingConfig config = ServingConfig.EMPTY;
    private final Map<IpPort, String> problems = new ConcurrentHashMap<>();

    @Override
    public void apply(ServingConfig next) {
      config = next;
    }

    @Override
    public @Nullable String bindProblem(IpPort address) {
      return problems.get(address);
    }
  }

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

  private void sendAndAck(ResourceType type, String version, Message... resources) {
    String nonce = ads.send(type, version, resources);
    DiscoveryRequest answer = ads.awaitAnswer(type, nonce);
    assertThat(answer.hasErrorDetail()).as(answer.getErrorDetail().getMessage()).isFalse();
    assertThat(answer.getVersionInfo()).isEqualTo(version);
  }

  private void serveOne() {
    sendAndAck(CLUSTER, "c1", ONE);
    sendAndAck(ENDPOINT, "e1", Xds.assignment("one", Xds.endpoint(1001)));
    sendAndAck(LISTENER, "l1", LISTENER_A);
    sendAndAck(ROUTE, "r1", ROUTES);
  }

  private @Nullable Integer portOf(String cluster) {
    ServingConfig.Backend backend = dataplane.config.clusters().get(cluster);
    return backend == null || backend.assignment().groups().isEmpty()
        ? null
        : backend.assignment().groups().getFirst().endpoints().getFirst().address().port();
  }

  @Test
  void asksForEverythingAsEnvoyDoes() {
    DiscoveryRequest clusters = ads.await(CLUSTER, _ -> true);
    assertThat(clusters.getResourceNamesList()).isEmpty();
    assertThat(clusters.getVersionInfo()).isEmpty();
    assertThat(clusters.getResponseNonce()).isEmpty();
    assertThat(clusters.getNode().getId()).isEqualTo("edge-1");
    assertThat(clusters.getNode().getLocality().getRegion()).isEqualTo("europe-west1");
    assertThat(clusters.getNode().getLocality().getZone()).isEqualTo("europe-west1-b");
    assertThat(clusters.getNode().getUserAgentName()).isEqualTo("openneg-edge-proxy");
    assertThat(ads.await(LISTENER, _ -> true).getResourceNamesList()).isEmpty();

    sendAndAck(CLUSTER, "c1", ONE, TWO);
    ads.await(ENDPOINT, r -> r.getResourceNamesList().equals(List.of("one", "two")));
    sendAndAck(LISTENER, "l1", LISTENER_A);
    ads.await(ROUTE, r -> r.getResourceNamesList().equals(List.of("routes")));
  }

  @Test
  void servesAListenerOnlyWhenItsRoutesAndTheirClustersEndpointsAreKnown() {
    sendAndAck(LISTENER, "l1", LISTENER_A);
    sendAndAck(ROUTE, "r1", ROUTES);
    assertThat(dataplane.config.listeners()).isEmpty();
    sendAndAck(CLUSTER, "c1", ONE);
    assertThat(dataplane.config.listeners()).isEmpty();
    assertThat(dataplane.config.clusters()).isEmpty();
    assertThat(client.progress().join().cold()).containsEntry("a", "waits for cluster one");

    sendAndAck(ENDPOINT, "e1", Xds.assignment("one", Xds.endpoint(1001)));
    assertThat(dataplane.config.listeners()).containsKey("a");
    assertThat(portOf("one")).isEqualTo(1001);
    assertThat(client.progress().join().cold()).isEmpty();
  }

  @Test
  void aNackNamesTheFaultKeepsTheOldVersionAndSparesTheOthers() {
    serveOne();
    Cluster unusable = Xds.cluster("one").setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED).build();
    String nonce = ads.send(CLUSTER, "c2", unusable, TWO);
    DiscoveryRequest answer = ads.awaitAnswer(CLUSTER, nonce);
    assertThat(answer.getErrorDetail().getMessage())
        .isEqualTo(
            "Cluster \"one\": lb_policy: must be ROUND_ROBIN, LEAST_REQUEST, RANDOM, RING_HASH or MAGLEV,"
                + " is CLUSTER_PROVIDED");
    assertThat(answer.getVersionInfo()).isEqualTo("c1");
    assertThat(portOf("one")).isEqualTo(1001);
    assertThat(stats.nacks(CLUSTER)).isEqualTo(1);

    sendAndAck(ENDPOINT, "e2", Xds.assignment("two", Xds.endpoint(2001)));
    assertThat(portOf("two")).isEqualTo(2001);
    sendAndAck(CLUSTER, "c3", ONE, TWO);
  }

  @Test
  void aResourceThatCannotBeReadRemovesNoOther() {
    serveOne();
    Any garbage =
        Any.newBuilder()
            .setTypeUrl(LISTENER.typeUrl())
            .setValue(ByteString.copyFromUtf8("\u0007garbage"))
            .build();
    String nonce = ads.send(LISTENER, "l2", garbage);
    assertThat(ads.awaitAnswer(LISTENER, nonce).getErrorDetail().getMessage())
        .startsWith("a Listener cannot be parsed");
    assertThat(dataplane.config.listeners()).containsKey("a");
  }

  @Test
  void keepsServingWhileDisconnectedAndComesBackWithWhatItKnows() {
    serveOne();
    ads.stop();
    await().until(() -> !stats.connected());
    assertThat(dataplane.config.listeners()).containsKey("a");
    assertThat(portOf("one")).isEqualTo(1001);

    ads.start();
    ads.awaitStream(2);
    DiscoveryRequest first = ads.await(CLUSTER, _ -> true);
    assertThat(first.getVersionInfo()).isEqualTo("c1");
    assertThat(first.getResponseNonce()).isEmpty();
    assertThat(first.getNode().getId()).isEqualTo("edge-1");
    DiscoveryRequest endpoints = ads.await(ENDPOINT, _ -> true);
    assertThat(endpoints.getVersionInfo()).isEqualTo("e1");
    assertThat(endpoints.getResourceNamesList()).containsExactly("one");
    assertThat(ads.await(LISTENER, _ -> true).getVersionInfo()).isEqualTo("l1");
    assertThat(ads.await(ROUTE, _ -> true).getResourceNamesList()).containsExactly("routes");

    sendAndAck(ENDPOINT, "e2", Xds.assignment("one", Xds.endpoint(1002)));
    assertThat(portOf("one")).isEqualTo(1002);
    assertThat(stats.connected()).isTrue();
  }

  @Test
  void comesBackWhenTheServerEndsTheStream() {
    serveOne();
    ads.endStream();
    ads.awaitStream(2);
    assertThat(ads.await(LISTENER, _ -> true).getVersionInfo()).isEqualTo("l1");
  }

  @Test
  void anEndpointResponseLeavesTheClustersAloneThatItDoesNotName() {
    sendAndAck(CLUSTER, "c1", ONE, TWO);
    sendAndAck(
        ENDPOINT,
        "e1",
        Xds.assignment("one", Xds.endpoint(1001)),
        Xds.assignment("two", Xds.endpoint(2001)));
    sendAndAck(ENDPOINT, "e2", Xds.assignment("two", Xds.endpoint(2002)));
    assertThat(portOf("one")).isEqualTo(1001);
    assertThat(portOf("two")).isEqualTo(2002);
  }

  @Test
  void theLastEndpointOfAClusterCanGo() {
    serveOne();
    sendAndAck(ENDPOINT, "e2", Xds.assignment("one"));
    assertThat(dataplane.config.clusters().get("one"))
        .extracting(ServingConfig.Backend::assignment)
        .extracting(Assignment::groups)
        .isEqualTo(List.of());
  }

  @Test
  void whatAFullResponseDoesNotHoldIsRemovedTogetherWithItsSubscription() {
    serveOne();
    sendAndAck(LISTENER, "l2");
    ads.await(ROUTE, r -> r.getResourceNamesList().isEmpty() && r.getVersionInfo().equals("r1"));
    assertThat(dataplane.config.listeners()).isEmpty();
    assertThat(dataplane.config.clusters()).containsKey("one");

    sendAndAck(CLUSTER, "c2", TWO);
    ads.await(ENDPOINT, r -> r.getResourceNamesList().equals(List.of("two")));
    assertThat(dataplane.config.clusters()).isEmpty();
  }

  @Test
  void aChangedClusterTakesOverOnlyWhenItsEndpointsCame() {
    serveOne();
    Cluster changed =
        Xds.cluster("one")
            .setEdsClusterConfig(
                Cluster.EdsClusterConfig.newBuilder()
                    .setEdsConfig(Xds.ads())
                    .setServiceName("one-green"))
            .build();
    sendAndAck(CLUSTER, "c2", changed);
    ads.await(ENDPOINT, r -> r.getResourceNamesList().equals(List.of("one", "one-green")));
    assertThat(portOf("one")).isEqualTo(1001);
    // The old version still gets its updates.
    sendAndAck(ENDPOINT, "e2", Xds.assignment("one", Xds.endpoint(1002)));
    assertThat(portOf("one")).isEqualTo(1002);

    sendAndAck(ENDPOINT, "e3", Xds.assignment("one-green", Xds.endpoint(3001)));
    assertThat(portOf("one")).isEqualTo(3001);
    ads.await(ENDPOINT, r -> r.getResourceNamesList().equals(List.of("one-green")));
  }

  @Test
  void aChangedClusterWithKnownEndpointsTakesOverAtOnce() {
    serveOne();
    sendAndAck(
        CLUSTER, "c2", Xds.cluster("one").setLbPolicy(Cluster.LbPolicy.LEAST_REQUEST).build());
    assertThat(portOf("one")).isEqualTo(1001);
    assertThat(dataplane.config.clusters().get("one"))
        .extracting(backend -> backend.config().policy())
        .isEqualTo(new io.openneg.edgeproxy.balancing.Policy.LeastRequest(2));
  }

  @Test
  void newRoutesWaitForTheirClusterWhileTheOldOnesServe() {
    serveOne();
    sendAndAck(ROUTE, "r2", Xds.routes("routes", "two"));
    // CDS was answered without "two", so nothing says that it will ever come.
    await().untilAsserted(() -> assertThat(servedClusters()).containsExactly("two"));

    sendAndAck(ROUTE, "r3", ROUTES);
    sendAndAck(CLUSTER, "c2", ONE, TWO);
    sendAndAck(ROUTE, "r4", Xds.routes("routes", "two"));
    assertThat(servedClusters()).containsExactly("one");
    sendAndAck(ENDPOINT, "e2", Xds.assignment("two", Xds.endpoint(2001)));
    assertThat(servedClusters()).containsExactly("two");
  }

  private Set<String> servedClusters() {
    ServingConfig.Server server = dataplane.config.listeners().get("a");
    return server instanceof ServingConfig.HttpServer http ? http.routes().clusters() : Set.of();
  }

  @Test
  void endpointsThatNeverComeHoldUpAListenerNoLongerThanTheyMay() {
    Cluster impatient =
        Xds.cluster("one")
            .setEdsClusterConfig(
                Cluster.EdsClusterConfig.newBuilder()
                    .setEdsConfig(
                        Xds.ads().toBuilder()
                            .setInitialFetchTimeout(Duration.newBuilder().setNanos(200_000_000))))
            .build();
    sendAndAck(CLUSTER, "c1", impatient);
    sendAndAck(LISTENER, "l1", LISTENER_A);
    sendAndAck(ROUTE, "r1", ROUTES);
    await().until(() -> dataplane.config.listeners().containsKey("a"));
    assertThat(portOf("one")).isNull();
    sendAndAck(ENDPOINT, "e1", Xds.assignment("one", Xds.endpoint(1001)));
    assertThat(portOf("one")).isEqualTo(1001);
  }

  @Test
  void aTakenAddressIsRefusedAndTakenUpAsSoonAsItIsFree() {
    dataplane.problems.put(new IpPort("127.0.0.1", 8080), "Address already in use");
    serveClusterAndRoutesLater();
    String nonce = ads.send(LISTENER, "l1", LISTENER_A, Xds.listener("b", 8081, "routes"));
    DiscoveryRequest refused = ads.awaitAnswer(LISTENER, nonce);
    assertThat(refused.getErrorDetail().getMessage())
        .isEqualTo(
            "Listener \"a\": address: cannot listen on 127.0.0.1:8080: Address already in use");
    sendAndAck(ROUTE, "r1", ROUTES);
    assertThat(dataplane.config.listeners()).containsOnlyKeys("b");

    dataplane.problems.clear();
    DiscoveryRequest accepted =
        ads.await(
            LISTENER, r -> r.getResponseNonce().equals(nonce) && r.getVersionInfo().equals("l1"));
    assertThat(accepted.hasErrorDetail()).isFalse();
    assertThat(dataplane.config.listeners()).containsOnlyKeys("a", "b");
    long nacks = ads.received().stream().filter(r -> r.request().hasErrorDetail()).count();
    assertThat(nacks).as("a refusal is told once, not at every attempt").isEqualTo(1);
  }

  private void serveClusterAndRoutesLater() {
    sendAndAck(CLUSTER, "c1", ONE);
    sendAndAck(ENDPOINT, "e1", Xds.assignment("one", Xds.endpoint(1001, HealthStatus.HEALTHY)));
  }

  @Test
  void twoListenersCannotHaveOneAddress() {
    String nonce = ads.send(LISTENER, "l1", LISTENER_A, Xds.listener("b", 8080, "routes"));
    assertThat(ads.awaitAnswer(LISTENER, nonce).getErrorDetail().getMessage())
        .isEqualTo("Listener \"b\": address: 127.0.0.1:8080 is that of Listener \"a\" too");
  }

  @Test
  void dumpsWhatWasAcceptedAndWhyTheRestWasNot() {
    serveOne();
    ads.awaitAnswer(
        CLUSTER,
        ads.send(
            CLUSTER,
            "c2",
            Xds.cluster("one").setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED).build()));
    var dump = client.dump().orTimeout(5, TimeUnit.SECONDS).join().toJson();
    assertThat(dump.getJsonObject("Cluster").getString("version_info")).isEqualTo("c1");
    assertThat(dump.getJsonObject("Cluster").getJsonObject("rejected").getString("one"))
        .contains("lb_policy");
    assertThat(
            dump.getJsonObject("Listener")
                .getJsonArray("resources")
                .getJsonObject(0)
                .getJsonObject("resource")
                .encode())
        .contains("envoy.filters.http.router")
        .contains("\"route_config_name\":\"routes\"");
  }
}
