package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.openneg.local.system.LocalSystem;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** grpc-java's own xDS client as the data plane: no proxy, {@code xds:///}. */
class ProxylessGrpcIT {
  @Test
  void balancesOverTwoServersAndSeesOneRemovedWithoutAFailedCall() throws Exception {
    LocalSystem system = TestSystem.shared();
    try (GrpcBackend one = GrpcBackend.start("one");
        GrpcBackend two = GrpcBackend.start("two")) {
      GrpcLoadBalancer balancer = GrpcLoadBalancer.create(system.api(), "grpc-echo", one, two);
      ManagedChannel channel = GrpcLoadBalancer.dial(system, "grpc-echo");
      try {
        // The first call waits for the first verdict of the health check.
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> answers(channel));
        try (Traffic traffic = Traffic.start(() -> GrpcBackend.who(channel))) {
          await()
              .atMost(Duration.ofSeconds(20))
              .untilAsserted(() -> assertThat(traffic.latest()).contains("one", "two"));

          WaitForConvergenceResponse convergence = balancer.converge(balancer.detach(two));
          assertThat(convergence.getConverged()).as(convergence.toString()).isTrue();
          assertThat(convergence.getConnectedProxies())
              .as("this client and the edge proxy")
              .isGreaterThanOrEqualTo(2);

          await()
              .atMost(Duration.ofSeconds(20))
              .until(() -> traffic.latest().size() == 50 && !traffic.latest().contains("two"));
          two.stop();
          long before = traffic.answered();
          await().atMost(Duration.ofSeconds(20)).until(() -> traffic.answered() > before + 100);
          assertThat(traffic.failures()).isEmpty();
          assertThat(traffic.latest()).containsOnly("one");
        }
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private static boolean answers(ManagedChannel channel) {
    return !GrpcBackend.who(channel).isEmpty();
  }
}
