package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.certificate;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.BOUND;
import static io.openneg.proxyconfigservice.serve.ScriptedClient.ENVOY;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service for one type: a stream as any other, on which nothing waits for another type. */
class OneTypeRulesTest {
  private static final String WEB = service("web");

  private final World world =
      new World(
          Stream.concat(
                  Stream.of(web(80, address(1))),
                  Stream.of(certificate(certificate("c"), 1, "sealed")))
              .toArray(RowChange[]::new));

  private static String name(XdsType type) {
    return switch (type) {
      case CLUSTER, LISTENER -> "*";
      case ENDPOINTS -> WEB;
      case ROUTES -> urlMap("web");
      case SECRETS -> certificate("c");
    };
  }

  @ParameterizedTest
  @EnumSource(XdsType.class)
  void theTypeNeedNotBeSaid(XdsType type) {
    var stream = new XdsStream<>(Delta.FORM, Set.of(type), ENVOY, BOUND);
    stream.publish(world.snapshot());
    DeltaDiscoveryRequest request =
        DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe(name(type)).build();
    assertThat(stream.mistakeIn(request)).isEmpty();
    stream.receive(request);
    DeltaDiscoveryResponse response = stream.next(0);
    assertThat(response).isNotNull();
    if (response != null) {
      assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
      assertThat(response.getResourcesCount()).isEqualTo(1);
    }
  }

  @Test
  void anotherTypeIsAMistakeThatIsNamed() {
    var stream = new XdsStream<>(StateOfTheWorld.FORM, Set.of(XdsType.CLUSTER), ENVOY, BOUND);
    DiscoveryRequest request =
        DiscoveryRequest.newBuilder().setTypeUrl(XdsType.LISTENER.typeUrl()).build();
    assertThat(stream.mistakeIn(request))
        .hasValueSatisfying(
            mistake ->
                assertThat(mistake)
                    .contains(XdsType.LISTENER.typeUrl())
                    .contains(XdsType.CLUSTER.typeUrl()));
    assertThat(
            stream.mistakeIn(
                DiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/other").build()))
        .isPresent();
  }

  @Test
  void onTheAggregatedStreamAnUnknownTypeIsNoMistake() {
    var stream = new XdsStream<>(StateOfTheWorld.FORM, ScriptedClient.ALL, ENVOY, BOUND);
    assertThat(
            stream.mistakeIn(
                DiscoveryRequest.newBuilder().setTypeUrl("type.googleapis.com/other").build()))
        .isEmpty();
  }

  @Test
  void routesDoNotWaitForClustersOfAnotherStream() {
    var stream = new XdsStream<>(StateOfTheWorld.FORM, Set.of(XdsType.ROUTES), ENVOY, BOUND);
    stream.publish(world.snapshot());
    stream.receive(DiscoveryRequest.newBuilder().addResourceNames(urlMap("web")).build());
    DiscoveryResponse response = stream.next(0);
    assertThat(response).isNotNull();
    if (response != null) {
      stream.receive(
          DiscoveryRequest.newBuilder()
              .addResourceNames(urlMap("web"))
              .setResponseNonce(response.getNonce())
              .build());
    }
    assertThat(stream.report().awaited()).isEmpty();
  }

  @Test
  void clustersAreTakenAtOnce() {
    var stream = new XdsStream<>(Delta.FORM, Set.of(XdsType.CLUSTER), ENVOY, BOUND);
    stream.publish(world.change(service(httpService(service("other")))));
    stream.receive(DeltaDiscoveryRequest.getDefaultInstance());
    DeltaDiscoveryResponse all = stream.next(0);
    assertThat(all).isNotNull();
    if (all != null) {
      assertThat(all.getResourcesList().stream().map(Resource::getName))
          .containsExactly(service("other"), WEB);
      stream.receive(DeltaDiscoveryRequest.newBuilder().setResponseNonce(all.getNonce()).build());
    }
    stream.publish(world.change(gone(RowKind.BACKEND_SERVICE, service("other"))));
    DeltaDiscoveryResponse next = stream.next(0);
    assertThat(next).isNotNull();
    if (next != null) {
      assertThat(next.getRemovedResourcesList()).isEqualTo(List.of(service("other")));
    }
  }
}
