package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.openneg.embedded.FreePorts;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.GetHealthHistoryRequest;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.health.v1.HealthState;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import io.openneg.local.client.HttpLoadBalancer.Check;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.SystemProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The hazard: a replica of health-service dies, and its targets are probed by nobody, too late, or
 * by two that each announce what they see.
 */
class HealthTakeoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration TAKEOVER = Duration.ofSeconds(10);
  private static final int BACKENDS = 24;

  @Test
  void theOtherReplicaTakesOverAndNothingIsMissedOrSaidTwice() throws Exception {
    LocalSystem system = TestSystem.shared();
    int port = FreePorts.next();
    List<HttpBackend> backends = new ArrayList<>();
    SystemProcess replica = system.startReplica(Component.HEALTH, Map.of());
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(replica.address()).usePlaintext().build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < BACKENDS; i++) {
        backends.add(HttpBackend.start("backend-" + i));
      }
      HttpLoadBalancer balancer =
          HttpLoadBalancer.create(
              system.api(),
              "lab-a",
              "takeover",
              port,
              backends.stream().map(HttpBackend::address).toList(),
              new Check("/", Duration.ofSeconds(1), 2),
              Duration.ZERO);
      SystemProcess victim = system.process(Component.HEALTH);
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> shards(http, victim) == 4 && shards(http, replica) == 4);
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> count(health, balancer, HealthState.HEALTHY) == BACKENDS);
      String url = "http://127.0.0.1:" + port + "/";
      await().atMost(PATIENCE).ignoreExceptions().until(() -> !get(http, url).isEmpty());

      try (Traffic traffic = Traffic.start(() -> get(http, url))) {
        long killed = kill(victim);
        await()
            .atMost(PATIENCE)
            .until(() -> backends.stream().allMatch(b -> b.firstProbeAfter(killed).isPresent()));
        Comparator<HttpBackend> byProbe =
            Comparator.comparingLong(b -> b.firstProbeAfter(killed).orElseThrow() - killed);
        HttpBackend last = backends.stream().max(byProbe).orElseThrow();
        long missing = last.firstProbeAfter(killed).orElseThrow() - killed;
        System.out.printf(
            "takeover: every target was probed again within %.1f s of kill -9%n", missing / 1e9);
        assertThat(missing).isLessThan(TAKEOVER.toNanos());
        assertThat(shards(http, replica)).isEqualTo(8);
        assertThat(traffic.failures()).isEmpty();

        last.close();
        long closed = System.nanoTime();
        await().atMost(PATIENCE).until(() -> count(health, balancer, HealthState.UNHEALTHY) == 1);
        System.out.printf(
            "takeover: one of them, killed then, was UNHEALTHY after %.1f s%n",
            (System.nanoTime() - closed) / 1e9);
        for (HttpBackend backend : backends) {
          List<String> story = story(health, backend.address());
          if (backend == last) {
            assertThat(story).containsExactly("UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY");
          } else {
            assertThat(story).containsExactly("UNKNOWN>HEALTHY");
          }
        }
      }
    } finally {
      channel.shutdownNow();
      backends.forEach(HttpBackend::close);
      system.process(Component.HEALTH).restart();
      replica.stop();
    }
  }

  private static long kill(SystemProcess victim) {
    victim.kill();
    return System.nanoTime();
  }

  private static long count(
      HealthGrpc.HealthBlockingStub health, HttpLoadBalancer balancer, HealthState state) {
    return health
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .getHealth(
            GetHealthRequest.newBuilder().setBackendService(balancer.backendService()).build())
        .getEndpointHealthList()
        .stream()
        .map(EndpointHealth::getState)
        .filter(state::equals)
        .count();
  }

  /** Every transition announced of an endpoint, such as "UNKNOWN>HEALTHY". */
  private static List<String> story(HealthGrpc.HealthBlockingStub health, Address endpoint) {
    return health
        .withDeadlineAfter(10, TimeUnit.SECONDS)
        .getHealthHistory(
            GetHealthHistoryRequest.newBuilder()
                .setIpAddress(endpoint.ip())
                .setPort(endpoint.port())
                .build())
        .getEntriesList()
        .stream()
        .map(
            entry -> {
              var changed = entry.getEvent().getHealthChanged();
              return changed.getOldState() + ">" + changed.getNewState();
            })
        .toList();
  }

  private static int shards(HttpClient http, SystemProcess replica) throws Exception {
    return get(http, "http://" + replica.address() + "/q/metrics")
        .lines()
        .filter(line -> line.startsWith("openneg_health_shards "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  private static String get(HttpClient http, String url) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5)).build();
    var answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException("status " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }
}
