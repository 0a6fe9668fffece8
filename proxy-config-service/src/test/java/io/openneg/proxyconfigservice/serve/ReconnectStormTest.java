package io.openneg.proxyconfigservice.serve;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thousand streams that come at once do not delay the changes of those that are there. */
class ReconnectStormTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int KNOWN = 20;
  private static final int ARRIVING = 1_000;
  private static final int AT_ONCE = 32;

  private final World world = new World(web(80, address(1)));

  /** Nobody is given up here. */
  private final ConnectedProxies proxies = new ConnectedProxies(Duration.ofMinutes(10), AT_ONCE);

  private final ExecutorService network = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    proxies.close();
    network.shutdownNow();
  }

  /** Asks for clusters, then for their endpoints, and acknowledges when it is let. */
  private final class Client extends LocalCall<DiscoveryResponse> {
    private final String id;
    private final ConnectedProxy<DiscoveryRequest, DiscoveryResponse> proxy;
    private final List<DiscoveryResponse> unanswered = new ArrayList<>();
    private boolean silent;
    private volatile int endpoints;

    Client(String id, boolean silent) {
      this.id = id;
      this.silent = silent;
      this.proxy = proxies.connect(StateOfTheWorld.FORM, ScriptedClient.ALL, this);
    }

    void begin() {
      ask(XdsType.CLUSTER, "", "", List.of());
      ask(XdsType.LISTENER, "", "", List.of());
    }

    private void ask(XdsType type, String version, String nonce, List<String> names) {
      proxy.receive(
          DiscoveryRequest.newBuilder()
              .setNode(Node.newBuilder().setId(id))
              .setTypeUrl(type.typeUrl())
              .setVersionInfo(version)
              .setResponseNonce(nonce)
              .addAllResourceNames(names)
              .build());
    }

    void speaks() {
      network.execute(
          () -> {
            silent = false;
            unanswered.forEach(this::acknowledge);
            unanswered.clear();
          });
    }

    @Override
    public void onNext(DiscoveryResponse answer) {
      super.onNext(answer);
      network.execute(
          () -> {
            if (silent) {
              unanswered.add(answer);
            } else {
              acknowledge(answer);
            }
          });
    }

    private void acknowledge(DiscoveryResponse answer) {
      XdsType type = XdsType.ofUrl(answer.getTypeUrl()).orElseThrow();
      List<String> names =
          switch (type) {
            case CLUSTER, LISTENER -> List.of();
            case ENDPOINTS -> List.of(service("web"));
            case ROUTES -> List.of(urlMap("web"));
            case SECRETS -> List.of();
          };
      if (type == XdsType.ENDPOINTS) {
        try {
          endpoints =
              answer.getResources(0).unpack(ClusterLoadAssignment.class).getEndpointsList().stream()
                  .mapToInt(locality -> locality.getLbEndpointsCount())
                  .sum();
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
      ask(type, answer.getVersionInfo(), answer.getNonce(), names);
      if (type == XdsType.CLUSTER) {
        ask(XdsType.ENDPOINTS, "", "", List.of(service("web")));
      } else if (type == XdsType.LISTENER) {
        ask(XdsType.ROUTES, "", "", List.of(urlMap("web")));
      }
    }

    boolean has(int expected) {
      return endpoints == expected;
    }
  }

  private long told(List<Client> clients) {
    return clients.stream().filter(client -> !client.answers().isEmpty()).count();
  }

  private List<Client> connect(int count, String name, boolean silent) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(new Client("%s-%04d".formatted(name, i), silent));
    }
    clients.forEach(Client::begin);
    return clients;
  }

  private Set<String> awaited(String prefix) {
    return Set.copyOf(
        proxies.status().stream()
            .filter(status -> status.nodeId().startsWith(prefix))
            .flatMap(status -> status.awaited().stream())
            .toList());
  }

  @Test
  void changesReachThoseThatAreThereWhileAThousandWaitAndThenTheseGetTheNewestState() {
    proxies.publish(world.snapshot());
    List<Client> known = connect(KNOWN, "known", false);
    await()
        .atMost(SOON)
        .until(() -> proxies.status().size() == KNOWN && awaited("known").isEmpty());

    // They ask and then say nothing: all that is on its way to them stays on its way.
    List<Client> arriving = connect(ARRIVING, "new", true);
    await().atMost(SOON).until(() -> told(arriving) == AT_ONCE);
    await()
        .atMost(SOON)
        .until(() -> awaited("new").contains("waits for its turn: many proxies have come at once"));

    for (int n = 2; n <= 5; n++) {
      proxies.publish(world.change(attached(neg("n"), address(n))));
      int expected = n;
      await().atMost(SOON).until(() -> known.stream().allMatch(client -> client.has(expected)));
    }
    assertThat(told(arriving)).isEqualTo(AT_ONCE);

    arriving.forEach(Client::speaks);
    await().atMost(SOON).until(() -> arriving.stream().allMatch(client -> client.has(5)));
    await().atMost(SOON).until(() -> awaited("new").isEmpty());
    assertThat(proxies.status())
        .hasSize(KNOWN + ARRIVING)
        .allMatch(status -> Objects.isNull(status.behindSince()));
  }

  @Test
  void oneThatWaitsAndGoesLeavesItsPlaceToTheNext() {
    proxies.publish(world.snapshot());
    List<Client> first = connect(AT_ONCE, "first", true);
    await().atMost(SOON).until(() -> told(first) == AT_ONCE);
    List<Client> gone = connect(10, "gone", true);
    List<Client> next = connect(10, "next", true);
    await().atMost(SOON).until(() -> proxies.status().size() == AT_ONCE + 20);
    gone.forEach(client -> proxies.disconnect(client.proxy));
    first.subList(0, 10).forEach(client -> proxies.disconnect(client.proxy));
    await().atMost(SOON).until(() -> told(next) == 10);
    assertThat(told(gone)).isZero();
  }
}
