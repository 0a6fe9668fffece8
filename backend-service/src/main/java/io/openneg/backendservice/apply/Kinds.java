package io.openneg.backendservice.apply;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.address.Addresses;
import io.openneg.backendservice.backendservice.BackendServiceCommand;
import io.openneg.backendservice.forwardingrule.ForwardingRuleCommands;
import io.openneg.backendservice.healthcheck.HealthCheckCommand;
import io.openneg.backendservice.resource.Resources;
import io.openneg.backendservice.targetproxy.TargetProxies;
import io.openneg.backendservice.urlmap.UrlMapCommand;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** The kinds of resource that a configuration can have. */
@Singleton
final class Kinds {
  private final List<Kind<?>> inOrder;

  @Inject
  Kinds(
      Resources<HealthCheck, HealthCheckCommand> healthChecks,
      Resources<BackendService, BackendServiceCommand> backendServices,
      Resources<UrlMap, UrlMapCommand> urlMaps,
      TargetProxies<TargetHttpProxy> httpProxies,
      TargetProxies<TargetHttpsProxy> httpsProxies,
      TargetProxies<TargetTcpProxy> tcpProxies,
      TargetProxies<TargetSslProxy> sslProxies,
      Addresses addresses,
      ForwardingRuleCommands rules) {
    inOrder =
        List.of(
            new HealthChecksKind(healthChecks),
            new BackendServicesKind(backendServices),
            new UrlMapsKind(urlMaps),
            new TargetProxiesKind<>("target_http_proxies", httpProxies),
            new TargetProxiesKind<>("target_https_proxies", httpsProxies),
            new TargetProxiesKind<>("target_tcp_proxies", tcpProxies),
            new TargetProxiesKind<>("target_ssl_proxies", sslProxies),
            new AddressesKind(addresses),
            new ForwardingRulesKind(rules));
  }

  /** Each behind those it can refer to; to the last one nothing refers. */
  List<Kind<?>> inOrder() {
    return inOrder;
  }
}
