package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Story.NEG;
import static io.openneg.proxyconfigservice.Story.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.proxyconfig.v1.ExplainEndpointRequest;
import io.openneg.proxyconfig.v1.ExplainEndpointResponse;
import io.openneg.proxyconfig.v1.ExplainRequestRequest;
import io.openneg.proxyconfig.v1.ExplainRequestResponse;
import io.openneg.proxyconfig.v1.Finding;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import io.openneg.proxyconfigservice.AdsClient.Reaction;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What became of a change, and why an endpoint gets traffic or not, by the shipped service. */
@SuppressWarnings("NullAway.Init") // JUnit sets the field
class ExplainIT {
  private static ServiceProcess service;

  private final Story story = Story.told();
  private final AdsClient proxy = new AdsClient();

  @BeforeAll
  static void start() {
    service = ServiceProcess.start(FreePorts.next(), TestServers.freshDatabase());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @BeforeEach
  void connect() {
    proxy.connect(service.port());
    Story.awaitKnownTo(proxy);
    service.awaitSettledProxy();
  }

  @AfterEach
  void disconnect() {
    proxy.close();
  }

  private WaitForConvergenceResponse attach(int n, int timeoutMs) {
    return service.converge(story.goesOn(next -> next.attach(NEG, address(n))), timeoutMs);
  }

  @Test
  void aChangeHasConvergedWhenTheProxyHasAcknowledgedIt() {
    WaitForConvergenceResponse there = attach(20, 30_000);
    assertThat(there.getConverged()).as(there.toString()).isTrue();
    assertThat(there.getConnectedProxies()).isEqualTo(1);
    assertThat(proxy.endpoints()).contains("UNHEALTHY 10.0.0.20:8080");
  }

  @Test
  void whatHasNotArrivedIsToldApart() {
    WaitForConvergenceResponse future = service.converge(NEG + "@" + (story.version() + 1), 0);
    assertThat(future.getConverged()).isFalse();
    assertThat(future.getRevision()).isZero();
    assertThat(future.getNotApplied()).contains("not yet " + (story.version() + 1));
    assertThat(service.converge(neg("unheard-of") + "@1", 0).getNotApplied())
        .isEqualTo("nothing of it has arrived yet");
  }

  @Test
  void aProxyThatRefusesIsNamedWithItsWords() {
    proxy.reactsWith(Reaction.REFUSE);
    WaitForConvergenceResponse refused = attach(21, 2_000);
    assertThat(refused.getConverged()).isFalse();
    assertThat(refused.getLaggingProxies(0).getNodeId()).isEqualTo("it-proxy");
    assertThat(refused.getLaggingProxies(0).getReasonsList())
        .containsExactly("ClusterLoadAssignment: refused: no such thing here");
  }

  @Test
  void aProxyThatSaysNothingIsNamedUntilItIsGone() {
    proxy.reactsWith(Reaction.SAY_NOTHING);
    WaitForConvergenceResponse silent = attach(22, 2_000);
    assertThat(silent.getConverged()).isFalse();
    assertThat(silent.getLaggingProxies(0).getReasonsList())
        .containsExactly("ClusterLoadAssignment: sent, not acknowledged");

    proxy.disconnect();
    await()
        .atMost(SOON)
        .until(() -> service.converge(NEG + "@" + story.version(), 0).getConverged());
  }

  @Test
  void aProxyWhoseConnectionBreaksWithoutAWordIsNotWaitedFor() {
    AdsClient lost = new AdsClient();
    try (Relay network = new Relay(service.port())) {
      lost.connect(network.port());
      Story.awaitKnownTo(lost);
      assertThat(service.connectedProxies()).isEqualTo(2);
    }
    await().atMost(SOON).until(() -> service.connectedProxies() == 1);
    lost.close();
    assertThat(attach(23, 30_000).getConverged()).isTrue();
  }

  @Test
  void aTokenOrTimeoutThatIsNoneIsRefused() {
    for (String token : List.of("", "x", "@1", "x@0", "x@-1", "x@1234567890123456789")) {
      assertThatThrownBy(() -> service.converge(token, 0))
          .hasMessageContaining("INVALID_ARGUMENT")
          .hasMessageContaining("change_token");
    }
    assertThatThrownBy(() -> service.converge("x@1", 60_001)).hasMessageContaining("timeout_ms");
  }

  @Test
  void anEndpointIsExplainedFromItsGroupToTheProxies() {
    ExplainEndpointResponse healthy = explain(address(1));
    assertThat(healthy.getReceivesTraffic()).as(healthy.toString()).isTrue();
    assertThat(healthy.getFindingsList()).allMatch(Finding::getHolds);
    assertThat(explain(address(2)).getSummary())
        .startsWith("10.0.0.2:8080 gets no traffic: " + check("c") + ": UNHEALTHY since ");
    assertThat(explain(address(3)).getSummary()).contains("was detached; for");
    assertThat(explain(address(77)).getSummary()).contains("is not attached");
    assertThatThrownBy(() -> explain(new EndpointAddress("::1", 0)))
        .hasMessageContaining("ip_address");
  }

  @Test
  void aRequestIsExplainedFromTheForwardingRuleToTheProxies() {
    ExplainRequestRequest.Builder request = request();
    ExplainRequestResponse answer = service.explain().explainRequest(request.build());
    assertThat(answer.getAnswered()).as(answer.toString()).isTrue();
    assertThat(answer.getServices(0).getEndpointsList()).contains(address(1).toString());
    assertThat(answer.getServices(0).getEndpointsList()).doesNotContain(address(2).toString());
    assertThat(answer.getFindingsList())
        .anySatisfy(
            finding -> {
              assertThat(finding.getResource()).isEqualTo("it-proxy");
              assertThat(finding.getText()).isEqualTo("has acknowledged all of it");
            });
    ExplainRequestResponse unknown =
        service.explain().explainRequest(request.setNodeId("elsewhere").build());
    assertThat(unknown.getAnswered()).isFalse();
    assertThat(unknown.getSummary())
        .isEqualTo("no proxy does so yet: elsewhere: is not connected to this replica");
    ExplainRequestResponse past =
        service.explain().explainRequest(request().setRevision(1).build());
    assertThat(past.getRevision()).isEqualTo(1);
    assertThat(past.getAnswered()).isFalse();
    assertThatThrownBy(
            () ->
                service
                    .explain()
                    .explainRequest(
                        request()
                            .setPath("x")
                            .setNodeId("n")
                            .setRevision(1)
                            .setForwardingRule("r")
                            .build()))
        .hasMessageContaining("'path': it must begin with '/' (and 2 more)");
  }

  @Test
  void aPartThatAProxyRefusesIsNamedWithItsWords() {
    proxy.reactsWith(Reaction.REFUSE);
    attach(24, 2_000);
    ExplainRequestResponse answer = service.explain().explainRequest(request().build());
    assertThat(answer.getAnswered()).isFalse();
    assertThat(answer.getSummary())
        .startsWith("no proxy does so yet: it-proxy: ClusterLoadAssignment ")
        .endsWith(": refused: no such thing here (goes on with what it had before)");
  }

  private static ExplainRequestRequest.Builder request() {
    return ExplainRequestRequest.newBuilder().setHost("a.example").setPath("/x").setPort(8080);
  }

  private static ExplainEndpointResponse explain(EndpointAddress address) {
    return service
        .explain()
        .explainEndpoint(
            ExplainEndpointRequest.newBuilder()
                .setNetworkEndpointGroup(NEG)
                .setIpAddress(address.ip())
                .setPort(address.port())
                .build());
  }
}
