package io.openneg.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.CreateHealthCheckRequest;
import io.openneg.backend.v1.CreateTargetHttpProxyRequest;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.backend.v1.UrlMap;
import io.openneg.local.client.Api;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import io.openneg.proxyconfig.v1.WaitForConvergenceRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** grpc-java's own xDS client as the data plane: no proxy, {@code xds:///}. */
class ProxylessGrpcIT {
  private static final String GLOBAL = "projects/e2e/global";

  @Test
  void balancesOverTwoServersAndSeesOneRemovedWithoutAFailedCall() throws Exception {
    LocalSystem system = TestSystem.shared();
    System.setProperty("io.grpc.xds.bootstrapConfig", bootstrap(system));
    try (GrpcBackend one = GrpcBackend.start("one");
        GrpcBackend two = GrpcBackend.start("two")) {
      String neg = create(system.api(), "grpc-echo", List.of(one, two));
      ManagedChannel channel =
          Grpc.newChannelBuilder("xds:///grpc-echo", InsecureChannelCredentials.create()).build();
      try {
        // The first call waits for the first verdict of the health check.
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> answers(channel));
        try (Traffic traffic = Traffic.start(() -> GrpcBackend.who(channel))) {
          await()
              .atMost(Duration.ofSeconds(20))
              .untilAsserted(() -> assertThat(traffic.latest()).contains("one", "two"));

          WaitForConvergenceResponse convergence =
              converge(system.api(), detach(system.api(), neg, two));
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

  /** The one that users are given, but for the port. */
  private static String bootstrap(LocalSystem system) throws IOException {
    String given = Files.readString(Path.of("..", "deploy", "dataplane", "grpc.json"));
    String bootstrap =
        given.replace("127.0.0.1:8104", system.ports().address(Component.PROXY_CONFIG));
    assertThat(bootstrap).isNotEqualTo(given);
    return bootstrap;
  }

  private static String detach(Api api, String neg, GrpcBackend backend) {
    return api.negs()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addNetworkEndpoints(endpoint(backend))
                .build())
        .getNetworkEndpointGroup()
        .getChangeToken();
  }

  private static WaitForConvergenceResponse converge(Api api, String changeToken) {
    return api.explain()
        .waitForConvergence(
            WaitForConvergenceRequest.newBuilder()
                .setChangeToken(changeToken)
                .setTimeoutMs(20_000)
                .build());
  }

  private static NetworkEndpoint endpoint(GrpcBackend backend) {
    return NetworkEndpoint.newBuilder().setIpAddress("127.0.0.1").setPort(backend.port()).build();
  }

  /** The whole chain for a gRPC service that answers on the endpoints' own ports. */
  private static String create(Api api, String id, List<GrpcBackend> backends) {
    String neg =
        api.negs()
            .createNetworkEndpointGroup(
                CreateNetworkEndpointGroupRequest.newBuilder()
                    .setParent("projects/e2e/zones/lab-a")
                    .setNetworkEndpointGroupId(id)
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder()
                            .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT))
                    .build())
            .getName();
    var _ =
        api.negs()
            .attachNetworkEndpoints(
                AttachNetworkEndpointsRequest.newBuilder()
                    .setName(neg)
                    .addAllNetworkEndpoints(
                        backends.stream().map(ProxylessGrpcIT::endpoint).toList())
                    .build());
    String check =
        api.healthChecks()
            .createHealthCheck(
                CreateHealthCheckRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setHealthCheckId(id)
                    .setHealthCheck(
                        HealthCheck.newBuilder()
                            .setCheckIntervalSec(1)
                            .setTcpHealthCheck(
                                TcpHealthCheck.newBuilder()
                                    .setPortSpecification(PortSpecification.USE_SERVING_PORT)))
                    .build())
            .getName();
    String service =
        api.backendServices()
            .createBackendService(
                CreateBackendServiceRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setBackendServiceId(id)
                    .setBackendService(
                        BackendService.newBuilder()
                            .setProtocol(Protocol.GRPC)
                            .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_SELF_MANAGED)
                            .addHealthChecks(check)
                            .addBackends(
                                Backend.newBuilder().setGroup(neg).setMaxRatePerEndpoint(100)))
                    .build())
            .getName();
    String urlMap =
        api.urlMaps()
            .createUrlMap(
                CreateUrlMapRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setUrlMapId(id)
                    .setUrlMap(UrlMap.newBuilder().setDefaultService(service))
                    .build())
            .getName();
    String proxy =
        api.targetHttpProxies()
            .createTargetHttpProxy(
                CreateTargetHttpProxyRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setTargetHttpProxyId(id)
                    .setTargetHttpProxy(TargetHttpProxy.newBuilder().setUrlMap(urlMap))
                    .build())
            .getName();
    var _ =
        api.forwardingRules()
            .createForwardingRule(
                CreateForwardingRuleRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setForwardingRuleId(id)
                    .setForwardingRule(
                        ForwardingRule.newBuilder()
                            .setIpAddress("127.0.0.1")
                            .setPortRange(Integer.toString(io.openneg.embedded.FreePorts.next()))
                            .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_SELF_MANAGED)
                            .setTarget(proxy))
                    .build());
    return neg;
  }
}
