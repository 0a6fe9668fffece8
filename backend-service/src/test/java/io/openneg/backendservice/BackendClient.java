package io.openneg.backendservice;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServicesGrpc;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.CreateHealthCheckRequest;
import io.openneg.backend.v1.CreateTargetHttpProxyRequest;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.ForwardingRulesGrpc;
import io.openneg.backend.v1.GroupReferencesGrpc;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HealthChecksGrpc;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.TargetHttpProxiesGrpc;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapsGrpc;
import io.openneg.eventlog.v1.EventsGrpc;
import java.net.URI;

/** The API over a real channel, in one project. */
final class BackendClient implements AutoCloseable {
  final HealthChecksGrpc.HealthChecksBlockingStub healthChecks;
  final BackendServicesGrpc.BackendServicesBlockingStub backendServices;
  final UrlMapsGrpc.UrlMapsBlockingStub urlMaps;
  final TargetHttpProxiesGrpc.TargetHttpProxiesBlockingStub proxies;
  final ForwardingRulesGrpc.ForwardingRulesBlockingStub rules;
  final GroupReferencesGrpc.GroupReferencesBlockingStub negReferences;
  final EventsGrpc.EventsBlockingStub events;
  final String parent;
  private final ManagedChannel channel;

  BackendClient(URI service, String project) {
    channel =
        Grpc.newChannelBuilderForAddress(
                service.getHost(), service.getPort(), InsecureChannelCredentials.create())
            .build();
    healthChecks = HealthChecksGrpc.newBlockingStub(channel);
    backendServices = BackendServicesGrpc.newBlockingStub(channel);
    urlMaps = UrlMapsGrpc.newBlockingStub(channel);
    proxies = TargetHttpProxiesGrpc.newBlockingStub(channel);
    rules = ForwardingRulesGrpc.newBlockingStub(channel);
    negReferences = GroupReferencesGrpc.newBlockingStub(channel);
    events = EventsGrpc.newBlockingStub(channel);
    parent = "projects/" + project + "/global";
  }

  ManagedChannel channel() {
    return channel;
  }

  String neg(String id) {
    return parent.replace("global", "zones/lab-a/networkEndpointGroups/" + id);
  }

  HealthCheck createHealthCheck(String id) {
    return healthChecks.createHealthCheck(
        CreateHealthCheckRequest.newBuilder()
            .setParent(parent)
            .setHealthCheckId(id)
            .setHealthCheck(
                HealthCheck.newBuilder().setHttpHealthCheck(HttpHealthCheck.getDefaultInstance()))
            .build());
  }

  BackendService createBackendService(String id, String healthCheck, String... groups) {
    BackendService.Builder service = BackendService.newBuilder().addHealthChecks(healthCheck);
    for (String group : groups) {
      service.addBackends(backend(group));
    }
    return backendServices.createBackendService(
        CreateBackendServiceRequest.newBuilder()
            .setParent(parent)
            .setBackendServiceId(id)
            .setBackendService(service)
            .build());
  }

  static Backend backend(String group) {
    return Backend.newBuilder().setGroup(group).setMaxRatePerEndpoint(100).build();
  }

  UrlMap createUrlMap(String id, String service) {
    return urlMaps.createUrlMap(
        CreateUrlMapRequest.newBuilder()
            .setParent(parent)
            .setUrlMapId(id)
            .setUrlMap(UrlMap.newBuilder().setDefaultService(service))
            .build());
  }

  TargetHttpProxy createProxy(String id, String urlMap) {
    return proxies.createTargetHttpProxy(
        CreateTargetHttpProxyRequest.newBuilder()
            .setParent(parent)
            .setTargetHttpProxyId(id)
            .setTargetHttpProxy(TargetHttpProxy.newBuilder().setUrlMap(urlMap))
            .build());
  }

  ForwardingRule createRule(String id, String ip, int port, String target) {
    return rules.createForwardingRule(
        CreateForwardingRuleRequest.newBuilder()
            .setParent(parent)
            .setForwardingRuleId(id)
            .setForwardingRule(
                ForwardingRule.newBuilder()
                    .setIpAddress(ip)
                    .setPortRange(Integer.toString(port))
                    .setTarget(target))
            .build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
