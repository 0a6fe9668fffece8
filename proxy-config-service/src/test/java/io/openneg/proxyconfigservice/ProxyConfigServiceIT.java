package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.httpProxy;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.PackagedService;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfig.v1.ExplainEndpointRequest;
import io.openneg.proxyconfig.v1.ExplainEndpointResponse;
import io.openneg.proxyconfig.v1.Finding;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import io.openneg.proxyconfigservice.ingest.RoutingProjection;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The shipped service between real topics, a real database and a proxy on a real connection. */
class ProxyConfigServiceIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private static EventPublisher negs;
  private static EventPublisher backends;
  private static EventPublisher health;

  /** Told once; each test hears it with a database of its own, and may go on with it. */
  private static final EventScript STORY = story();

  private final Database database = TestServers.freshDatabase();

  private static EventScript story() {
    return new EventScript(Instant.now())
        .createNeg(neg("n"))
        .attach(neg("n"), address(1), address(2), address(3))
        .createCheck(check("c"))
        .createService(service("web"), 300, List.of(check("c")), neg("n"))
        .createMap(simpleMap(urlMap("m"), service("web")))
        .createProxy(httpProxy(proxy("p"), urlMap("m")))
        .createRule(forwardingRule(rule("r"), proxy("p"), 8080))
        .health(check("c"), address(1), HealthState.HEALTHY)
        .health(check("c"), address(2), HealthState.UNHEALTHY)
        .health(check("c"), address(3), HealthState.HEALTHY)
        .detach(neg("n"), address(3));
  }

  @BeforeAll
  static void publish() {
    negs = new EventPublisher("neg.events.v1");
    backends = new EventPublisher("backend.events.v1");
    health = new EventPublisher("health.events.v1");
    List<RecordedEvent> events = STORY.events();
    negs.publish(of(events, "neg.events.v1"));
    backends.publish(of(events, "backend.events.v1"));
    health.publish(of(events, "health.events.v1"));
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String topic) {
    return events.stream().filter(event -> event.topic().equals(topic)).toList();
  }

  @AfterAll
  static void stop() {
    negs.close();
    backends.close();
    health.close();
  }

  private PackagedService startService(int port) {
    return PackagedService.start("proxy-config-service", port, database, Map.of());
  }

  private static void awaitStory(AdsClient proxy) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(proxy.listeners()).hasSize(1);
              assertThat(proxy.endpoints())
                  .contains(
                      "DRAINING 10.0.0.3:8080", "HEALTHY 10.0.0.1:8080", "UNHEALTHY 10.0.0.2:8080");
            });
  }

  @Test
  void aKilledServiceComesBackAndProxiesAreToldNothingTwice() {
    int port = FreePorts.next();
    try (AdsClient proxy = new AdsClient()) {
      GetRoutingTableResponse before;
      try (PackagedService service = startService(port)) {
        proxy.connect(port);
        awaitStory(proxy);
        before = routingTable(port);
        service.kill();
        proxy.disconnect();
      }
      try (PackagedService _ = startService(port)) {
        proxy.connect(port);
        awaitAcknowledged(port);
        assertThat(proxy.received()).isEmpty();
        assertThat(routingTable(port)).isEqualTo(before);
      }
    }
  }

  @Test
  void redeliveredEventsMakeNoRevision() {
    int port = FreePorts.next();
    try (PackagedService _ = startService(port);
        AdsClient proxy = new AdsClient()) {
      proxy.connect(port);
      awaitStory(proxy);
      GetRoutingTableResponse before = routingTable(port);
      int received = proxy.received().size();

      negs.publishAgain();
      backends.publishAgain();
      health.publishAgain();
      // Comes after all that is delivered again, in the same partition.
      int endpoints = proxy.endpoints().size();
      negs.publish(next(script -> script.attach(neg("n"), address(9))));
      await().atMost(SOON).until(() -> proxy.endpoints().size() == endpoints + 1);
      assertThat(routingTable(port).getRevision()).isEqualTo(before.getRevision() + 1);
      assertThat(proxy.received()).hasSize(received + 1);

      negs.publish(next(script -> script.detach(neg("n"), address(9))));
      await().atMost(SOON).until(() -> proxy.endpoints().contains("DRAINING 10.0.0.9:8080"));
    }
  }

  @Test
  void aChangeHasConvergedWhenEveryProxyHasAcknowledgedItAndOtherwiseSomeoneIsNamed() {
    int port = FreePorts.next();
    try (PackagedService _ = startService(port);
        AdsClient proxy = new AdsClient()) {
      proxy.connect(port);
      awaitStory(proxy);

      WaitForConvergenceResponse there = attach(port, address(20), 30_000);
      assertThat(there.getConverged()).as(there.toString()).isTrue();
      assertThat(there.getConnectedProxies()).isEqualTo(1);
      assertThat(proxy.endpoints()).anyMatch(found -> found.endsWith("10.0.0.20:8080"));

      WaitForConvergenceResponse future =
          converge(port, neg("n") + "@" + (STORY.version(neg("n")) + 1), 0);
      assertThat(future.getConverged()).isFalse();
      assertThat(future.getRevision()).isZero();
      assertThat(future.getNotApplied()).contains("not yet " + (STORY.version(neg("n")) + 1));
      assertThat(converge(port, neg("unheard-of") + "@1", 0).getNotApplied())
          .isEqualTo("nothing of it has arrived yet");

      proxy.reactsWith(AdsClient.Reaction.REFUSE);
      WaitForConvergenceResponse refused = attach(port, address(21), 1_000);
      assertThat(refused.getConverged()).isFalse();
      assertThat(refused.getLaggingProxies(0).getNodeId()).isEqualTo("it-proxy");
      assertThat(refused.getLaggingProxies(0).getReasonsList())
          .containsExactly("ClusterLoadAssignment: refused: no such thing here");

      proxy.reactsWith(AdsClient.Reaction.SAY_NOTHING);
      WaitForConvergenceResponse silent = attach(port, address(22), 1_000);
      assertThat(silent.getConverged()).isFalse();
      assertThat(silent.getLaggingProxies(0).getReasonsList())
          .containsExactly("ClusterLoadAssignment: sent, not acknowledged");

      proxy.disconnect();
      await()
          .atMost(SOON)
          .until(() -> converge(port, neg("n") + "@" + STORY.version(neg("n")), 0).getConverged());
      for (int n = 20; n <= 22; n++) {
        EndpointAddress added = address(n);
        negs.publish(next(script -> script.detach(neg("n"), added)));
      }
    }
  }

  @Test
  void aTokenOrTimeoutThatIsNoneIsRefused() {
    int port = FreePorts.next();
    try (PackagedService _ = startService(port)) {
      for (String token : List.of("", "x", "@1", "x@0", "x@-1", "x@1234567890123456789")) {
        assertThatThrownBy(() -> converge(port, token, 0))
            .hasMessageContaining("INVALID_ARGUMENT")
            .hasMessageContaining("change_token");
      }
      assertThatThrownBy(() -> converge(port, "x@1", 60_001)).hasMessageContaining("timeout_ms");
    }
  }

  @Test
  void anEndpointIsExplainedFromItsGroupToTheProxies() {
    int port = FreePorts.next();
    try (PackagedService _ = startService(port);
        AdsClient proxy = new AdsClient()) {
      proxy.connect(port);
      awaitStory(proxy);
      awaitAcknowledged(port);

      ExplainEndpointResponse healthy = explain(port, address(1));
      assertThat(healthy.getReceivesTraffic()).as(healthy.toString()).isTrue();
      assertThat(healthy.getFindingsList()).allMatch(Finding::getHolds);
      assertThat(explain(port, address(2)).getSummary())
          .startsWith("10.0.0.2:8080 gets no traffic: " + check("c") + ": UNHEALTHY since ");
      assertThat(explain(port, address(3)).getSummary()).contains("was detached; for");
      assertThat(explain(port, address(77)).getSummary()).contains("is not attached");
      assertThatThrownBy(() -> explain(port, new EndpointAddress("::1", 0)))
          .hasMessageContaining("ip_address");
    }
  }

  private static ExplainEndpointResponse explain(int port, EndpointAddress address) {
    return ask(
        port,
        stub ->
            stub.explainEndpoint(
                ExplainEndpointRequest.newBuilder()
                    .setNetworkEndpointGroup(neg("n"))
                    .setIpAddress(address.ip())
                    .setPort(address.port())
                    .build()));
  }

  private static WaitForConvergenceResponse attach(
      int port, EndpointAddress address, int timeoutMs) {
    negs.publish(next(script -> script.attach(neg("n"), address)));
    return converge(port, neg("n") + "@" + STORY.version(neg("n")), timeoutMs);
  }

  private static WaitForConvergenceResponse converge(int port, String token, int timeoutMs) {
    return ask(
        port,
        stub ->
            stub.waitForConvergence(
                WaitForConvergenceRequest.newBuilder()
                    .setChangeToken(token)
                    .setTimeoutMs(timeoutMs)
                    .build()));
  }

  private static List<RecordedEvent> next(Consumer<EventScript> more) {
    int before = STORY.events().size();
    more.accept(STORY);
    return STORY.events().subList(before, STORY.events().size());
  }

  @Test
  void theTableRebuiltFromTheTopicsEqualsTheLiveOneAndProxiesAreToldNothing() {
    int port = FreePorts.next();
    try (AdsClient proxy = new AdsClient()) {
      GetRoutingTableResponse live;
      try (PackagedService _ = startService(port)) {
        proxy.connect(port);
        awaitStory(proxy);
        live = routingTable(port);
        proxy.disconnect();
      }
      Jdbi jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
      KafkaProjector projector =
          new KafkaProjector(
              jdbi,
              "routing",
              RoutingProjection.TOPICS,
              Map.of("bootstrap.servers", TestServers.kafkaBootstrap()),
              new RoutingProjection(InstantSource.system()),
              () -> {});
      jdbi.useTransaction(projector::reset);

      try (PackagedService _ = startService(port)) {
        proxy.connect(port);
        awaitAcknowledged(port);
        assertThat(proxy.received()).isEmpty();
        assertThat(contents(routingTable(port))).isEqualTo(contents(live));
      }
    }
  }

  /** The order in which topics are read may number revisions otherwise. */
  private static List<String> contents(GetRoutingTableResponse table) {
    return table.getRowsList().stream()
        .map(row -> row.getKind() + " " + row.getKey() + " " + row.getContentJson())
        .toList();
  }

  /** All four types count as acknowledged: the server has looked at what the proxy said it has. */
  private static void awaitAcknowledged(int port) {
    await()
        .atMost(SOON)
        .until(
            () ->
                ask(port, stub -> stub.listProxies(ListProxiesRequest.getDefaultInstance()))
                    .getProxiesList()
                    .stream()
                    .anyMatch(
                        proxy ->
                            proxy.getTypesCount() >= 3
                                && proxy.getTypesList().stream()
                                    .allMatch(type -> !type.getVersionAcked().isEmpty())));
  }

  private static GetRoutingTableResponse routingTable(int port) {
    return ask(port, stub -> stub.getRoutingTable(GetRoutingTableRequest.getDefaultInstance()));
  }

  private static <T> T ask(
      int port, Function<ProxyConfigGrpc.ProxyConfigBlockingStub, T> question) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      return question.apply(ProxyConfigGrpc.newBlockingStub(channel).withWaitForReady());
    } finally {
      channel.shutdownNow();
    }
  }
}
