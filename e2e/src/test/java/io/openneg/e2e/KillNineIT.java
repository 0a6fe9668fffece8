package io.openneg.e2e;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.FreePorts;
import io.openneg.local.client.EdgeAdmin;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Check;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.neg.v1.ListNetworkEndpointsRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The hazard: a process dies between any two steps of a change, and what was acknowledged is lost,
 * half-done, or never reaches the proxies.
 */
class KillNineIT {
  private static final Duration CONVERGENCE = Duration.ofSeconds(60);

  @ParameterizedTest
  @EnumSource(Component.class)
  void convergesToTheAcknowledgedCommandsAfterKillOf(Component victim) throws Exception {
    LocalSystem system = TestSystem.shared();
    String id = "kill-" + victim.name().toLowerCase(Locale.ROOT).replace('_', '-');
    int port = FreePorts.next();
    try (HttpBackend one = HttpBackend.start("one");
        HttpBackend two = HttpBackend.start("two");
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpLoadBalancer.create(
          system.api(),
          "lab-a",
          id,
          port,
          List.of(one.address(), two.address()),
          new Check("/", Duration.ofSeconds(1), 2),
          Duration.ZERO);
      HttpLoadBalancer members =
          HttpLoadBalancer.create(
              system.api(),
              "lab-a",
              id + "-members",
              FreePorts.next(),
              List.of(),
              null,
              Duration.ZERO);
      await()
          .atMost(CONVERGENCE)
          .ignoreExceptions()
          .until(() -> HttpBackend.get(http, port).equals("two"));

      try (Traffic traffic = Traffic.start(() -> HttpBackend.get(http, port));
          MembershipWriter writer =
              MembershipWriter.start(system.api(), members.networkEndpointGroup())) {
        await().atMost(CONVERGENCE).until(() -> writer.answers() > 30);
        system.process(victim).kill();
        // Some calls run into the gap.
        long served = traffic.answered() + traffic.failures().size();
        await()
            .atMost(CONVERGENCE)
            .until(() -> traffic.answered() + traffic.failures().size() > served + 50);
        system.process(victim).restart();
        long answers = writer.answers();
        await().atMost(CONVERGENCE).until(() -> writer.answers() > answers + 30);
        Set<String> acknowledged = writer.stop();

        assertThat(listed(system, members)).isEqualTo(acknowledged);
        await()
            .atMost(CONVERGENCE)
            .untilAsserted(() -> assertThat(routed(system, members)).isEqualTo(acknowledged));
        await()
            .atMost(CONVERGENCE)
            .untilAsserted(() -> assertThat(known(system, members)).isEqualTo(acknowledged));
        if (victim == Component.EDGE) {
          traffic.forget();
          await()
              .atMost(CONVERGENCE)
              .untilAsserted(() -> assertThat(traffic.latest()).contains("one", "two"));
        } else {
          assertThat(traffic.failures()).isEmpty();
        }
      }
    }
  }

  private static Set<String> listed(LocalSystem system, HttpLoadBalancer members) {
    return system
        .api()
        .negs()
        .listNetworkEndpoints(
            ListNetworkEndpointsRequest.newBuilder()
                .setName(members.networkEndpointGroup())
                .setPageSize(10_000)
                .build())
        .getNetworkEndpointsList()
        .stream()
        .map(endpoint -> endpoint.getIpAddress() + ":" + endpoint.getPort())
        .collect(toCollection(TreeSet::new));
  }

  private static Set<String> routed(LocalSystem system, HttpLoadBalancer members) {
    String prefix = members.networkEndpointGroup() + "|";
    return system
        .api()
        .proxyConfig()
        .getRoutingTable(GetRoutingTableRequest.getDefaultInstance())
        .getRowsList()
        .stream()
        .filter(row -> row.getKind().equals("ENDPOINT") && row.getKey().startsWith(prefix))
        .map(row -> row.getKey().substring(prefix.length()))
        .collect(toCollection(TreeSet::new));
  }

  private static Set<String> known(LocalSystem system, HttpLoadBalancer members) {
    return system.edgeAdmin().clusters().stream()
        .filter(cluster -> cluster.name().equals(members.backendService()))
        .flatMap(cluster -> cluster.endpoints().stream())
        .filter(endpoint -> endpoint.health() == EdgeAdmin.State.HEALTHY)
        .map(endpoint -> endpoint.address() + ":" + endpoint.port())
        .collect(toCollection(TreeSet::new));
  }
}
