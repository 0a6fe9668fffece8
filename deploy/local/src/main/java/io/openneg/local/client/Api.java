package io.openneg.local.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.openneg.backend.v1.BackendServicesGrpc;
import io.openneg.backend.v1.ConfigurationsGrpc;
import io.openneg.backend.v1.ForwardingRulesGrpc;
import io.openneg.backend.v1.HealthChecksGrpc;
import io.openneg.backend.v1.SslCertificatesGrpc;
import io.openneg.backend.v1.TargetHttpProxiesGrpc;
import io.openneg.backend.v1.UrlMapsGrpc;
import io.openneg.health.v1.HealthGrpc;
import io.openneg.neg.v1.InstancesGrpc;
import io.openneg.neg.v1.NetworkEndpointGroupsGrpc;
import io.openneg.neg.v1.NetworksGrpc;
import io.openneg.neg.v1.SubnetworksGrpc;
import io.openneg.proxyconfig.v1.ExplainGrpc;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import java.util.concurrent.TimeUnit;

/**
 * Blocking stubs of the whole public API; every call ends after 30 seconds at the latest.
 * Thread-safe.
 */
public final class Api {
  private final NetworkEndpointGroupsGrpc.NetworkEndpointGroupsBlockingStub negs;
  private final NetworksGrpc.NetworksBlockingStub networks;
  private final SubnetworksGrpc.SubnetworksBlockingStub subnetworks;
  private final InstancesGrpc.InstancesBlockingStub instances;
  private final HealthChecksGrpc.HealthChecksBlockingStub healthChecks;
  private final BackendServicesGrpc.BackendServicesBlockingStub backendServices;
  private final UrlMapsGrpc.UrlMapsBlockingStub urlMaps;
  private final TargetHttpProxiesGrpc.TargetHttpProxiesBlockingStub targetHttpProxies;
  private final SslCertificatesGrpc.SslCertificatesBlockingStub sslCertificates;
  private final ForwardingRulesGrpc.ForwardingRulesBlockingStub forwardingRules;
  private final ConfigurationsGrpc.ConfigurationsBlockingStub configurations;
  private final HealthGrpc.HealthBlockingStub health;
  private final ProxyConfigGrpc.ProxyConfigBlockingStub proxyConfig;
  private final ExplainGrpc.ExplainBlockingStub explain;

  /** The channels stay the caller's. */
  public Api(
      Channel negService,
      Channel backendService,
      Channel healthService,
      Channel proxyConfigService) {
    Channel backend = limited(backendService);
    Channel neg = limited(negService);
    negs = NetworkEndpointGroupsGrpc.newBlockingStub(neg);
    networks = NetworksGrpc.newBlockingStub(neg);
    subnetworks = SubnetworksGrpc.newBlockingStub(neg);
    instances = InstancesGrpc.newBlockingStub(neg);
    healthChecks = HealthChecksGrpc.newBlockingStub(backend);
    backendServices = BackendServicesGrpc.newBlockingStub(backend);
    urlMaps = UrlMapsGrpc.newBlockingStub(backend);
    targetHttpProxies = TargetHttpProxiesGrpc.newBlockingStub(backend);
    sslCertificates = SslCertificatesGrpc.newBlockingStub(backend);
    forwardingRules = ForwardingRulesGrpc.newBlockingStub(backend);
    configurations = ConfigurationsGrpc.newBlockingStub(backend);
    health = HealthGrpc.newBlockingStub(limited(healthService));
    Channel proxies = limited(proxyConfigService);
    proxyConfig = ProxyConfigGrpc.newBlockingStub(proxies);
    explain = ExplainGrpc.newBlockingStub(proxies);
  }

  public NetworkEndpointGroupsGrpc.NetworkEndpointGroupsBlockingStub negs() {
    return negs;
  }

  public NetworksGrpc.NetworksBlockingStub networks() {
    return networks;
  }

  public SubnetworksGrpc.SubnetworksBlockingStub subnetworks() {
    return subnetworks;
  }

  public InstancesGrpc.InstancesBlockingStub instances() {
    return instances;
  }

  public HealthChecksGrpc.HealthChecksBlockingStub healthChecks() {
    return healthChecks;
  }

  public BackendServicesGrpc.BackendServicesBlockingStub backendServices() {
    return backendServices;
  }

  public UrlMapsGrpc.UrlMapsBlockingStub urlMaps() {
    return urlMaps;
  }

  public TargetHttpProxiesGrpc.TargetHttpProxiesBlockingStub targetHttpProxies() {
    return targetHttpProxies;
  }

  public SslCertificatesGrpc.SslCertificatesBlockingStub sslCertificates() {
    return sslCertificates;
  }

  public ForwardingRulesGrpc.ForwardingRulesBlockingStub forwardingRules() {
    return forwardingRules;
  }

  public ConfigurationsGrpc.ConfigurationsBlockingStub configurations() {
    return configurations;
  }

  public HealthGrpc.HealthBlockingStub health() {
    return health;
  }

  public ProxyConfigGrpc.ProxyConfigBlockingStub proxyConfig() {
    return proxyConfig;
  }

  public ExplainGrpc.ExplainBlockingStub explain() {
    return explain;
  }

  private static Channel limited(Channel channel) {
    return ClientInterceptors.intercept(channel, new Deadline());
  }

  private static final class Deadline implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(
          method,
          options.getDeadline() != null
              ? options
              : options.withDeadlineAfter(30, TimeUnit.SECONDS));
    }
  }
}
