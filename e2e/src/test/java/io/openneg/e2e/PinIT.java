package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.FreePorts;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Check;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.PinRevisionRequest;
import io.openneg.proxyconfig.v1.UnpinRevisionRequest;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The hazard: moving all proxies back, or forward again over all that was written meanwhile, breaks
 * requests that nobody asked to break.
 */
class PinIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  void pinningRestartingAndUnpinningFailNoRequest() throws Exception {
    LocalSystem system = TestSystem.shared();
    int port = FreePorts.next();
    try (HttpBackend good = HttpBackend.start("good");
        HttpBackend next = HttpBackend.start("next");
        HttpBackend last = HttpBackend.start("last");
        HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpLoadBalancer balancer =
          HttpLoadBalancer.create(
              system.api(),
              "lab-a",
              "pinned",
              port,
              List.of(good.address()),
              new Check("/", Duration.ofSeconds(1), 2),
              Duration.ofSeconds(5));
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> HttpBackend.get(http, port).equals("good"));
      long known =
          system
              .api()
              .proxyConfig()
              .getRoutingTable(GetRoutingTableRequest.getDefaultInstance())
              .getRevision();
      try (Traffic traffic = Traffic.start(() -> HttpBackend.get(http, port))) {
        balancer.attach(List.of(next.address()));
        awaitOnly(traffic, Set.of("good", "next"));

        var pin =
            system
                .api()
                .proxyConfig()
                .pinRevision(PinRevisionRequest.newBuilder().setRevision(known).build());
        assertThat(pin.getRevision()).isEqualTo(known);
        try {
          awaitOnly(traffic, Set.of("good"));
          balancer.attach(List.of(last.address()));
          system.process(Component.PROXY_CONFIG).kill();
          system.process(Component.PROXY_CONFIG).restart();
          long served = traffic.answered();
          await().atMost(SOON).until(() -> traffic.answered() > served + 200);
          assertThat(Set.copyOf(traffic.latest())).containsExactly("good");
        } finally {
          var _ =
              system
                  .api()
                  .proxyConfig()
                  .withWaitForReady()
                  .unpinRevision(UnpinRevisionRequest.getDefaultInstance());
        }
        awaitOnly(traffic, Set.of("good", "next", "last"));
        assertThat(traffic.failures()).isEmpty();
      }
    }
  }

  /** The last fifty answers came from all of these and from nobody else. */
  private static void awaitOnly(Traffic traffic, Set<String> backends) {
    await().atMost(SOON).until(() -> Set.copyOf(traffic.latest()).equals(backends));
  }
}
