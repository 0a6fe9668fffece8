package io.openneg.local.client;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ConnectionDraining;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.CreateHealthCheckRequest;
import io.openneg.backend.v1.CreateTargetHttpProxyRequest;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.neg.v1.AttachNetworkEndpointsRequest;
import io.openneg.neg.v1.CreateNetworkEndpointGroupRequest;
import io.openneg.neg.v1.DetachNetworkEndpointsRequest;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.neg.v1.NetworkEndpointType;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP load balancer, made through the public API in the order that the seed gives: endpoint
 * group, endpoints, health check, backend service, URL map, target proxy, forwarding rule. All have
 * the same id.
 */
public final class HttpLoadBalancer {
  private static final String PROJECT = "projects/demo";
  private static final String GLOBAL = PROJECT + "/global";

  private final Api api;
  private final String neg;
  private final String backendService;

  private HttpLoadBalancer(Api api, String neg, String backendService) {
    this.api = api;
    this.neg = neg;
    this.backendService = backendService;
  }

  /** An endpoint: a private or, in a lab, loopback IPv4 address and a port. */
  public record Address(String ip, int port) {
    @Override
    public String toString() {
      return ip + ":" + port;
    }
  }

  /**
   * How endpoints are probed.
   *
   * @param path of the HTTP request, to the endpoint's own port
   * @param interval between two probes, whole seconds; also the timeout
   * @param threshold probes in a row that change the verdict, both ways
   */
  public record Check(String path, Duration interval, int threshold) {}

  /**
   * Creates all of it.
   *
   * @param port where the proxies listen, on 127.0.0.1
   * @param check null: endpoints get traffic unchecked
   * @param draining how long a detached endpoint may finish its requests, whole seconds
   */
  public static HttpLoadBalancer create(
      Api api,
      String zone,
      String id,
      int port,
      Collection<Address> endpoints,
      @Nullable Check check,
      Duration draining) {
    var service = BackendService.newBuilder();
    String neg =
        api.negs()
            .createNetworkEndpointGroup(
                CreateNetworkEndpointGroupRequest.newBuilder()
                    .setParent(PROJECT + "/zones/" + zone)
                    .setNetworkEndpointGroupId(id)
                    .setNetworkEndpointGroup(
                        NetworkEndpointGroup.newBuilder()
                            .setNetworkEndpointType(NetworkEndpointType.NON_GCP_PRIVATE_IP_PORT))
                    .setRequestId(requestId())
                    .build())
            .getName();
    if (!endpoints.isEmpty()) {
      attach(api, neg, endpoints);
    }
    if (check != null) {
      service.addHealthChecks(createHealthCheck(api, id, check));
    }
    service
        .addBackends(Backend.newBuilder().setGroup(neg).setMaxRatePerEndpoint(100))
        .setConnectionDraining(
            ConnectionDraining.newBuilder().setDrainingTimeoutSec((int) draining.toSeconds()));
    String backendService =
        api.backendServices()
            .createBackendService(
                CreateBackendServiceRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setBackendServiceId(id)
                    .setBackendService(service)
                    .setRequestId(requestId())
                    .build())
            .getName();
    route(api, id, backendService, port);
    return new HttpLoadBalancer(api, neg, backendService);
  }

  /** Full name of the backend service, which is also the cluster's name at the proxies. */
  public String backendService() {
    return backendService;
  }

  public String networkEndpointGroup() {
    return neg;
  }

  /** Attaches endpoints in one call. */
  public void attach(Collection<Address> endpoints) {
    attach(api, neg, endpoints);
  }

  /** Detaches endpoints in one call. */
  public void detach(Collection<Address> endpoints) {
    api.negs()
        .detachNetworkEndpoints(
            DetachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addAllNetworkEndpoints(messages(endpoints))
                .setRequestId(requestId())
                .build());
  }

  private static void attach(Api api, String neg, Collection<Address> endpoints) {
    api.negs()
        .attachNetworkEndpoints(
            AttachNetworkEndpointsRequest.newBuilder()
                .setName(neg)
                .addAllNetworkEndpoints(messages(endpoints))
                .setRequestId(requestId())
                .build());
  }

  private static String createHealthCheck(Api api, String id, Check check) {
    int seconds = (int) check.interval().toSeconds();
    return api.healthChecks()
        .createHealthCheck(
            CreateHealthCheckRequest.newBuilder()
                .setParent(GLOBAL)
                .setHealthCheckId(id)
                .setHealthCheck(
                    HealthCheck.newBuilder()
                        .setCheckIntervalSec(seconds)
                        .setTimeoutSec(seconds)
                        .setHealthyThreshold(check.threshold())
                        .setUnhealthyThreshold(check.threshold())
                        .setHttpHealthCheck(
                            HttpHealthCheck.newBuilder()
                                .setPortSpecification(PortSpecification.USE_SERVING_PORT)
                                .setRequestPath(check.path())))
                .setRequestId(requestId())
                .build())
        .getName();
  }

  private static void route(Api api, String id, String backendService, int port) {
    String urlMap =
        api.urlMaps()
            .createUrlMap(
                CreateUrlMapRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setUrlMapId(id)
                    .setUrlMap(UrlMap.newBuilder().setDefaultService(backendService))
                    .setRequestId(requestId())
                    .build())
            .getName();
    String proxy =
        api.targetHttpProxies()
            .createTargetHttpProxy(
                CreateTargetHttpProxyRequest.newBuilder()
                    .setParent(GLOBAL)
                    .setTargetHttpProxyId(id)
                    .setTargetHttpProxy(TargetHttpProxy.newBuilder().setUrlMap(urlMap))
                    .setRequestId(requestId())
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
                            .setPortRange(Integer.toString(port))
                            .setTarget(proxy))
                    .setRequestId(requestId())
                    .build());
  }

  private static List<NetworkEndpoint> messages(Collection<Address> endpoints) {
    return endpoints.stream()
        .map(
            endpoint ->
                NetworkEndpoint.newBuilder()
                    .setIpAddress(endpoint.ip())
                    .setPort(endpoint.port())
                    .build())
        .toList();
  }

  private static String requestId() {
    return UUID.randomUUID().toString();
  }
}
