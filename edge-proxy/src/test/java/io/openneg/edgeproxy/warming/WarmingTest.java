package io.openneg.edgeproxy.warming;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.edgeproxy.balancing.Policy;
import io.openneg.edgeproxy.config.Assignment;
import io.openneg.edgeproxy.config.ClusterConfig;
import io.openneg.edgeproxy.config.DownstreamTls;
import io.openneg.edgeproxy.config.HttpOptions;
import io.openneg.edgeproxy.config.IpPort;
import io.openneg.edgeproxy.config.ListenerConfig;
import io.openneg.edgeproxy.config.ListenerConfig.Routes;
import io.openneg.edgeproxy.config.LocalReplies;
import io.openneg.edgeproxy.config.ServerCertificate;
import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.RetryPolicy;
import io.openneg.edgeproxy.routing.Route;
import io.openneg.edgeproxy.routing.RouteAction;
import io.openneg.edgeproxy.routing.RouteTable;
import io.openneg.edgeproxy.routing.VirtualHost;
import io.openneg.edgeproxy.routing.WeightedCluster;
import io.openneg.edgeproxy.warming.Warming.Accepted;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WarmingTest {

  private static final HttpOptions OPTIONS =
      new HttpOptions(
          HttpOptions.ServerHeader.OVERWRITE,
          "edge",
          true,
          false,
          true,
          false,
          Duration.ZERO,
          Duration.ZERO,
          LocalReplies.UNCHANGED,
          List.of());

  private final Random random = new Random(99);
  private final Map<String, ListenerConfig> listeners = new HashMap<>();
  private final Map<String, RouteTable> routes = new HashMap<>();
  private final Map<String, ClusterConfig> clusters = new HashMap<>();
  private final Map<String, Assignment> assignments = new HashMap<>();
  private final Map<String, ServerCertificate> secrets = new HashMap<>();
  private final PrivateKey key = key();
  private boolean clustersTold;
  private int generation;

  /**
   * Whatever comes in whatever order: what is served stays served, and what is complete is served.
   */
  @Test
  void nothingBreaksAndNothingWaitsForNothing() {
    ServingConfig serving = ServingConfig.EMPTY;
    int served = 0;
    for (int step = 0; step < 20_000; step++) {
      change();
      ServingConfig before = serving;
      Warming.Result result =
          Warming.next(
              before,
              new Accepted(
                  Map.copyOf(listeners),
                  Map.copyOf(routes),
                  Map.copyOf(clusters),
                  Map.copyOf(assignments),
                  Map.copyOf(secrets),
                  clustersTold,
                  Set.of()));
      serving = result.serving();
      checkClusters(before, serving);
      checkListeners(before, serving);
      Set<String> cold = new HashSet<>(listeners.keySet());
      cold.removeAll(serving.listeners().keySet());
      assertThat(result.cold().keySet()).isEqualTo(cold);
      served += serving.listeners().size();
    }
    assertThat(served).as("the test does reach served listeners").isGreaterThan(5_000);
  }

  private void checkClusters(ServingConfig before, ServingConfig after) {
    assertThat(clusters.keySet()).containsAll(after.clusters().keySet());
    clusters.forEach(
        (name, newest) -> {
          ServingConfig.Backend backend = after.clusters().get(name);
          Assignment known = assignments.get(newest.edsName());
          if (known != null) {
            assertThat(backend).isEqualTo(new ServingConfig.Backend(newest, known));
          } else {
            assertThat(backend != null).isEqualTo(before.clusters().containsKey(name));
          }
        });
  }

  private void checkListeners(ServingConfig before, ServingConfig after) {
    assertThat(listeners.keySet()).containsAll(after.listeners().keySet());
    listeners.forEach(
        (name, newest) -> {
          ServingConfig.Server server = after.listeners().get(name);
          RouteTable table =
              newest.treatment() instanceof ListenerConfig.Http(Routes.Named(String routeName), _)
                  ? routes.get(routeName)
                  : null;
          boolean complete =
              table != null
                  && table.clusters().stream()
                      .allMatch(
                          cluster ->
                              after.clusters().containsKey(cluster)
                                  || (clustersTold && !clusters.containsKey(cluster)));
          DownstreamTls tls = newest.tls();
          List<ServerCertificate> certificates =
              tls == null ? List.of() : certificates(tls.secrets());
          boolean proven = tls == null || certificates.size() == tls.secrets().size();
          if (complete && proven && table != null) {
            assertThat(server)
                .isEqualTo(new ServingConfig.HttpServer(newest, certificates, OPTIONS, table));
          } else {
            assertThat(server).isEqualTo(before.listeners().get(name));
          }
        });
  }

  private List<ServerCertificate> certificates(List<String> names) {
    return names.stream().filter(secrets::containsKey).map(secrets::get).toList();
  }

  private void change() {
    boolean remove = random.nextInt(5) == 0;
    switch (random.nextInt(6)) {
      case 0 -> {
        String name = "l" + random.nextInt(2);
        put(listeners, name, remove, listener(name, "r" + random.nextInt(2), tls()));
      }
      case 1 -> {
        String name = "r" + random.nextInt(2);
        put(routes, name, remove, table(name, "c" + random.nextInt(3), "c" + random.nextInt(3)));
      }
      case 2 -> {
        String name = "c" + random.nextInt(3);
        put(clusters, name, remove, cluster(name, "e" + random.nextInt(4)));
        clustersTold |= random.nextInt(10) == 0;
      }
      case 3 -> {
        String name = "s" + random.nextInt(2);
        put(secrets, name, remove, new ServerCertificate(name + generation++, List.of(), key));
      }
      default -> {
        String name = "e" + random.nextInt(4);
        put(assignments, name, remove, new Assignment(name, 140 + generation++, List.of()));
      }
    }
  }

  private static <T> void put(Map<String, T> map, String name, boolean remove, T value) {
    if (remove) {
      map.remove(name);
    } else {
      map.put(name, value);
    }
  }

  private @Nullable DownstreamTls tls() {
    return switch (random.nextInt(4)) {
      case 0 -> new DownstreamTls(List.of("s0"), List.of());
      case 1 -> new DownstreamTls(List.of("s1", "s0"), List.of());
      default -> null;
    };
  }

  private static PrivateKey key() {
    try {
      return KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ListenerConfig listener(String name, String routes, @Nullable DownstreamTls tls) {
    return new ListenerConfig(
        name,
        new IpPort("127.0.0.1", 80),
        tls,
        new ListenerConfig.Http(new Routes.Named(routes), OPTIONS));
  }

  private static RouteTable table(String name, String... clusters) {
    List<Route> routes =
        List.of(clusters).stream()
            .map(
                cluster ->
                    new Route(
                        new PathRule.Prefix("/", true),
                        List.of(),
                        new RouteAction.Forward(
                            List.of(new WeightedCluster(cluster, 1, List.of(), List.of())),
                            503,
                            Duration.ZERO,
                            null,
                            RetryPolicy.NONE,
                            null,
                            null,
                            List.of()),
                        List.of()))
            .toList();
    return new RouteTable(name, List.of(new VirtualHost("all", List.of("*"), routes)), false);
  }

  private static ClusterConfig cluster(String name, String edsName) {
    return new ClusterConfig(
        name,
        edsName,
        Duration.ofSeconds(15),
        Duration.ofSeconds(1),
        new Policy.RoundRobin(),
        true,
        ClusterConfig.Protocol.HTTP_1_1,
        false,
        false,
        Duration.ZERO,
        1024,
        1024,
        3);
  }
}
