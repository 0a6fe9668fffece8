package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** xDS protocol: who asks is said by the first request of a stream, and a stream is one client. */
class NodeIdentityRulesTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Node EDGE = Node.newBuilder().setId("edge").build();

  private final World world = new World(web(80, address(1)));
  private final ConnectedProxies proxies = new ConnectedProxies(Duration.ofMinutes(10), 32);
  private final Stream one = new Stream();
  private final Stream two = new Stream();

  NodeIdentityRulesTest() {
    proxies.publish(world.snapshot());
  }

  @AfterEach
  void close() {
    proxies.close();
  }

  private final class Stream {
    private final LocalCall<DiscoveryResponse> call = new LocalCall<>();
    private final ConnectedProxy<DiscoveryRequest, DiscoveryResponse> proxy =
        proxies.connect(StateOfTheWorld.FORM, ScriptedClient.ALL, call);

    void sends(DiscoveryRequest.Builder request) {
      proxy.receive(request.build());
    }

    void asksForClustersAs(Node node) {
      sends(DiscoveryRequest.newBuilder().setNode(node).setTypeUrl(XdsType.CLUSTER.typeUrl()));
    }

    /** Without saying who it is. */
    void acknowledgesTheLast() {
      DiscoveryResponse last = call.answers().getLast();
      sends(
          DiscoveryRequest.newBuilder()
              .setTypeUrl(last.getTypeUrl())
              .setVersionInfo(last.getVersionInfo())
              .setResponseNonce(last.getNonce()));
    }

    void awaitAnswers(int count) {
      await().atMost(SOON).until(() -> call.answers().size() == count);
    }

    List<String> nonces() {
      return call.answers().stream().map(DiscoveryResponse::getNonce).toList();
    }
  }

  private void addService(String id) {
    proxies.publish(world.change(service(httpService(service(id), neg("n")))));
  }

  private List<String> versionsAcked() {
    return proxies.status().stream()
        .flatMap(status -> status.types().stream())
        .map(ProxyStatus.Type::versionAcked)
        .toList();
  }

  @Test
  void anEmptyFirstRequestEndsTheStreamNamingWhatIsMissing() {
    one.sends(DiscoveryRequest.newBuilder());
    await().atMost(SOON).until(() -> one.call.end().isPresent());
    Status end = one.call.end().orElseThrow();
    assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(end.getDescription()).isEqualTo("node.id must not be empty");
    assertThat(proxies.status()).isEmpty();
  }

  @Test
  void metadataThatCannotBeMeantEndsTheStreamNamingTheField() {
    one.asksForClustersAs(
        EDGE.toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields("openneg", Value.newBuilder().setStringValue("x").build()))
            .build());
    await().atMost(SOON).until(() -> one.call.end().isPresent());
    assertThat(one.call.end().orElseThrow().getDescription())
        .isEqualTo("node.metadata.openneg must be an object");
  }

  @Test
  void laterRequestsNeedNotSayWhoAsksAndAnEmptyOneChangesNothing() {
    one.asksForClustersAs(EDGE);
    one.awaitAnswers(1);
    one.sends(DiscoveryRequest.newBuilder());
    one.acknowledgesTheLast();
    await()
        .atMost(SOON)
        .until(
            () -> versionsAcked().equals(List.of(one.call.answers().getFirst().getVersionInfo())));
    addService("more");
    one.awaitAnswers(2);
    assertThat(one.call.end()).isEmpty();
  }

  @Test
  void whoAsksIsWhoTheFirstRequestSays() {
    one.asksForClustersAs(EDGE);
    one.awaitAnswers(1);
    one.asksForClustersAs(Node.newBuilder().setId("other").build());
    one.acknowledgesTheLast();
    await().atMost(SOON).until(() -> !versionsAcked().contains(""));
    assertThat(proxies.status()).extracting(ProxyStatus::nodeId).containsExactly("edge");
  }

  @Test
  void everyAnswerOfAStreamHasANonceOfItsOwn() {
    one.asksForClustersAs(EDGE);
    one.awaitAnswers(1);
    for (int n = 2; n <= 5; n++) {
      one.acknowledgesTheLast();
      addService("more-" + n);
      one.awaitAnswers(n);
    }
    assertThat(one.nonces()).doesNotHaveDuplicates().doesNotContain("");
  }

  @Test
  void twoStreamsOfOneNodeAreEachServedAndAcknowledgeForThemselves() {
    one.asksForClustersAs(EDGE);
    two.asksForClustersAs(EDGE);
    one.awaitAnswers(1);
    two.awaitAnswers(1);
    one.acknowledgesTheLast();
    // The other one's word is not this one's.
    String version = one.call.answers().getFirst().getVersionInfo();
    await()
        .atMost(SOON)
        .until(() -> versionsAcked().stream().sorted().toList().equals(List.of("", version)));

    addService("more");
    one.awaitAnswers(2);
    assertThat(two.call.answers()).hasSize(1);
    two.acknowledgesTheLast();
    two.awaitAnswers(2);
    assertThat(two.call.answers().getLast().getVersionInfo())
        .isEqualTo(one.call.answers().getLast().getVersionInfo());
  }

  @Test
  void aStreamThatEndsTakesNothingFromTheOtherOneOfItsNode() {
    one.asksForClustersAs(EDGE);
    two.asksForClustersAs(EDGE);
    one.awaitAnswers(1);
    two.awaitAnswers(1);
    two.acknowledgesTheLast();
    await().atMost(SOON).until(() -> versionsAcked().stream().anyMatch(text -> !text.isEmpty()));
    proxies.disconnect(one.proxy);
    assertThat(proxies.status()).hasSize(1);
    addService("more");
    two.awaitAnswers(2);
    assertThat(one.call.answers()).hasSize(1);
  }
}
