package io.openneg.e2e;

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
import io.openneg.embedded.FreePorts;
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
import java.util.Arrays;
import java.util.List;

/** A gRPC service that proxyless clients dial by its id, made through the public API. */
final class GrpcLoadBalancer {
  private static final String GLOBAL = "projects/e2e/global";

  private final Api api;
  private final String neg;

  private GrpcLoadBalancer(Api api, String neg) {
    this.api = api;
    this.neg = neg;
  }

  /** A channel to the service of that id, with what users are given as bootstrap. */
  static ManagedChannel dial(LocalSystem system, String id) throws IOException {
    System.setProperty("io.grpc.xds.bootstrapConfig", bootstrap(system));
    return Grpc.newChannelBuilder("xds:///" + id, InsecureChannelCredentials.create()).build();
  }

  /** The one that users are given, but for the port. */
  private static String bootstrap(LocalSystem system) throws IOException {
    String given = Files.readString(Path.of("..", "deploy", "dataplane", "grpc.json"));
    String bootstrap =
        given.replace("127.0.0.1:8104", system.ports().address(Component.PROXY_CONFIG));
    if (bootstrap.equals(given)) {
      throw new IllegalStateException("the bootstrap names no address to put another one for");
    }
    return bootstrap;
  }

  void attach(GrpcBackend... backends) {
    var _ =
        api.negs()
            .attachNetworkEndpoints(
                AttachNetworkEndpointsRequest.newBuilder()
                    .setName(neg)
                    .addAllNetworkEndpoints(endpoints(backends))
                    .build());
  }

  /** Returns the token of the change. */
  String detach(GrpcBackend... backends) {
    return api.negs()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addAllNetworkEndpoints(endpoints(backends))
                .build())
        .getNetworkEndpointGroup()
        .getChangeToken();
  }

  WaitForConvergenceResponse converge(String changeToken) {
    return api.explain()
        .waitForConvergence(
            WaitForConvergenceRequest.newBuilder()
                .setChangeToken(changeToken)
                .setTimeoutMs(20_000)
                .build());
  }

  private static List<NetworkEndpoint> endpoints(GrpcBackend... backends) {
    return Arrays.stream(backends)
        .map(
            backend ->
                NetworkEndpoint.newBuilder()
                    .setIpAddress("127.0.0.1")
                    .setPort(backend.port())
                    .build())
        .toList();
  }

  /** The whole chain for a gRPC service that answers on the endpoints' own ports. */
  static GrpcLoadBalancer create(Api api, String id, GrpcBackend... backends) {
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
    GrpcLoadBalancer balancer = new GrpcLoadBalancer(api, neg);
    balancer.attach(backends);
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
                            .setPortRange(Integer.toString(FreePorts.next()))
                            .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_SELF_MANAGED)
                            .setTarget(proxy))
                    .build());
    return balancer;
  }
}
