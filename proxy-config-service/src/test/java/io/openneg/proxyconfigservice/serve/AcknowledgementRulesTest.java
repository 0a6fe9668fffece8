package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.detached;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.LocalityLbPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Nonces, ACKs and NACKs. */
class AcknowledgementRulesTest {
  private static final String WEB = service("web");
  private static final String OTHER = service("other");

  private final World world = new World(web(80, address(1)));
  private final ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());

  @Test
  void oneAnswerAtATimeAndTheLatestStateWins() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.publish(world.change(attached(neg("n"), address(3))));
    client.expectNothing();

    client.ack(ENDPOINTS);
    client.accepts(ENDPOINTS, WEB);
    client.expectNothing();
  }

  @Test
  void aStaleNonceIsIgnored() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    String stale = client.nonce(ENDPOINTS);
    client.ack(ENDPOINTS);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, WEB);

    client.send(ENDPOINTS, stale, WEB, OTHER);
    client.expectNothing();
    assertThat(client.status().getFirst().versionAcked())
        .isNotEqualTo(client.status().getFirst().versionSent());
  }

  @Test
  void anAckWithNewNamesIsBoth() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    client.subscribe(ENDPOINTS, WEB, OTHER);
    assertThat(client.status().getFirst().versionAcked()).isEqualTo(client.version(ENDPOINTS));
    client.expect(ENDPOINTS, OTHER);
  }

  @Test
  void aRefusedVersionIsNotSentAgainUntilItChanges() {
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "cannot take it");
    client.expectNothing();

    client.publish(world.change(service(httpService(OTHER))));
    client.expectNothing();
    client.publish(world.change(attached(neg("n"), address(3))));
    client.accepts(ENDPOINTS, WEB);
  }

  @Test
  void aRefusedSetIsNotSentAgainUntilItChanges() {
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, WEB);
    client.nack(CLUSTER, "no");
    client.subscribe(CLUSTER);
    client.expectNothing();

    client.publish(world.change(service(httpService(OTHER))));
    client.accepts(CLUSTER, OTHER, WEB);
  }

  @Test
  void theErrorIsKeptUntilAnAnswerIsAccepted() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "no such address family");
    assertThat(client.status())
        .singleElement()
        .satisfies(
            status -> {
              assertThat(status.lastError()).isEqualTo("no such address family");
              assertThat(status.versionAcked()).isEmpty();
              assertThat(status.versionSent()).isEqualTo(client.version(ENDPOINTS));
            });

    client.publish(world.change(attached(neg("n"), address(2))));
    client.accepts(ENDPOINTS, WEB);
    assertThat(client.status().getFirst().lastError()).isEmpty();
  }

  @Test
  void goingBackToWhatTheClientHoldsEndsARefusal() {
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "no");
    client.publish(world.change(detached(neg("n"), address(2))));
    client.expectNothing();
  }

  @Test
  void resourcesRefusedTogetherAreTriedAloneSoThatOnlyTheBadOneIsParked() {
    world.change(service(httpService(OTHER, neg("n2"))), attached(neg("n2"), address(2)));
    client.publish(world.snapshot());
    client.subscribe(ENDPOINTS, WEB, OTHER);
    client.expect(ENDPOINTS, OTHER, WEB);
    client.nack(ENDPOINTS, "one of them");

    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "this one");
    client.accepts(ENDPOINTS, OTHER);
    client.expectNothing();
  }

  @Test
  void theVersionOfAnAnswerCoversAllThatTheClientThenHolds() {
    world.change(service(httpService(OTHER, neg("n2"))));
    client.publish(world.snapshot());
    client.subscribe(ENDPOINTS, OTHER, WEB);
    client.accepts(ENDPOINTS, OTHER, WEB);
    client.publish(world.change(attached(neg("n2"), address(2))));
    client.accepts(ENDPOINTS, OTHER);

    ScriptedClient reconnected = new ScriptedClient(ENVOY, world.snapshot());
    reconnected.resume(ENDPOINTS, client.version(ENDPOINTS), WEB, OTHER);
    reconnected.expectNothing();
  }

  @Test
  void aReconnectAfterARefusalIsSentTheRefusedVersionAgain() {
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);
    String held = client.version(ENDPOINTS);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expect(ENDPOINTS, WEB);
    client.nack(ENDPOINTS, "no");

    ScriptedClient reconnected = new ScriptedClient(ENVOY, world.snapshot());
    reconnected.resume(ENDPOINTS, held, WEB);
    reconnected.expect(ENDPOINTS, WEB);
  }

  @Test
  void aClientThatNeverAcknowledgesGetsTheNextStateAfterTheBound() {
    client.subscribe(ENDPOINTS, WEB);
    client.expect(ENDPOINTS, WEB);
    client.publish(world.change(attached(neg("n"), address(2))));
    client.expectNothing();
    assertThat(client.wantsToBeWokenWithin(BOUND)).isTrue();

    client.passes(BOUND.minus(Duration.ofMillis(1)));
    client.expectNothing();
    client.passes(Duration.ofMillis(1));
    client.expect(ENDPOINTS, WEB);
  }

  @Test
  void aSetThatWasNotAcknowledgedIsNotSentAgainAndAgain() {
    client.subscribe(CLUSTER);
    client.expect(CLUSTER, WEB);
    client.passes(BOUND.multipliedBy(10));
    client.expectNothing();
  }

  @Test
  void aChangedClusterGetsItsEndpointsAgain() {
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, WEB);
    client.subscribe(ENDPOINTS, WEB);
    client.accepts(ENDPOINTS, WEB);

    client.publish(
        world.change(
            service(
                httpService(WEB, neg("n")).setLocalityLbPolicy(LocalityLbPolicy.LEAST_REQUEST))));
    client.expect(CLUSTER, WEB);
    client.expect(ENDPOINTS, WEB);
    client.ack(ENDPOINTS);
    client.ack(CLUSTER);
    client.expectNothing();
  }
}
