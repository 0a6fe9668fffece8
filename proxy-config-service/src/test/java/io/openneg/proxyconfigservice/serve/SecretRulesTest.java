package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.certificate;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static io.openneg.proxyconfigservice.xds.XdsType.CLUSTER;
import static io.openneg.proxyconfigservice.xds.XdsType.SECRETS;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.openneg.proxyconfigservice.routing.RowKind;
import org.junit.jupiter.api.Test;

/** Certificates and their keys, for whoever names them. */
class SecretRulesTest {
  private static final String ONE = certificate("one");
  private static final String TWO = certificate("two");

  private final World world = new World(web(80, address(1)));

  @Test
  void aSecretIsSentToWhoNamesItAndAgainWhenItIsAnotherOne() {
    world.change(certificate(ONE, 1, "sealed"), certificate(TWO, 2, "sealed"));
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(SECRETS, ONE);
    client.accepts(SECRETS, ONE);
    client.expectNothing();
    client.subscribe(SECRETS, ONE, TWO);
    client.accepts(SECRETS, TWO);
  }

  @Test
  void whoNamesOneThatDoesNotExistWaitsUntilItDoes() {
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(SECRETS, ONE);
    client.expectNothing();

    client.publish(world.change(certificate(ONE, 1, "")));
    client.expectNothing();
    client.publish(world.change(certificate(ONE, 1, "sealed")));
    client.accepts(SECRETS, ONE);
  }

  @Test
  void whatNamesADeletedOneStillIsNotTold() {
    world.change(certificate(ONE, 1, "sealed"));
    ScriptedDeltaClient client = new ScriptedDeltaClient(ENVOY, world.snapshot());
    client.subscribe(SECRETS, ONE);
    client.accepts(SECRETS, ONE);

    client.publish(world.change(gone(RowKind.SSL_CERTIFICATE, ONE)));
    client.expectNothing();
  }

  @Test
  void whoAsksWhatProxiesHaveGetsNoPrivateKey() {
    world.change(certificate(ONE, 1, "sealed"));
    ScriptedClient client = new ScriptedClient(ENVOY, world.snapshot());
    client.subscribe(CLUSTER);
    client.accepts(CLUSTER, service("web"));
    client.subscribe(SECRETS, ONE);
    client.accepts(SECRETS, ONE);
    ClientConfig shown =
        ClientConfigs.of(
            new ClientView(Node.newBuilder().setId("n").build(), client.resources()), true);

    assertThat(shown.toString()).contains(ONE).doesNotContain("key of ");
    assertThat(shown.getGenericXdsConfigsList())
        .filteredOn(config -> config.getTypeUrl().equals(CLUSTER.typeUrl()))
        .allMatch(ClientConfig.GenericXdsConfig::hasXdsConfig);
  }
}
