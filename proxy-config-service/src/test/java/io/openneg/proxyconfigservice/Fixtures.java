package io.openneg.proxyconfigservice;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.ConnectionDraining;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.PathRule;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.health.v1.HealthChanged;
import io.openneg.health.v1.HealthState;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NetworkEndpoint;
import io.openneg.neg.v1.NetworkEndpointGroup;
import io.openneg.proxyconfig.v1.KeyedCertificate;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKey;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.PrivateKeys;
import java.time.Instant;
import java.util.List;

/** Names, resources and rows as tests need them. */
public final class Fixtures {
  /** Opens any key. */
  public static final PrivateKeys KEYS = keyed -> "key of " + keyed.getCertificate().getName();

  private static final String GLOBAL = "projects/p/global/";

  private Fixtures() {}

  public static String neg(String id) {
    return "projects/p/zones/us-east1-b/networkEndpointGroups/" + id;
  }

  public static String instanceGroup(String id) {
    return "projects/p/zones/us-east1-b/instanceGroups/" + id;
  }

  public static String service(String id) {
    return GLOBAL + "backendServices/" + id;
  }

  public static String check(String id) {
    return GLOBAL + "healthChecks/" + id;
  }

  public static String urlMap(String id) {
    return GLOBAL + "urlMaps/" + id;
  }

  public static String proxy(String id) {
    return GLOBAL + "targetHttpProxies/" + id;
  }

  public static String tcpProxy(String id) {
    return GLOBAL + "targetTcpProxies/" + id;
  }

  public static String httpsProxy(String id) {
    return GLOBAL + "targetHttpsProxies/" + id;
  }

  public static String sslProxy(String id) {
    return GLOBAL + "targetSslProxies/" + id;
  }

  public static String certificate(String id) {
    return GLOBAL + "sslCertificates/" + id;
  }

  public static String rule(String id) {
    return GLOBAL + "forwardingRules/" + id;
  }

  public static EndpointAddress address(int n) {
    return new EndpointAddress("10.0.%d.%d".formatted(n / 256, n % 256), 8080);
  }

  public static NetworkEndpointGroup group(String name) {
    return NetworkEndpointGroup.newBuilder().setName(name).setId(1).build();
  }

  public static NetworkEndpoint endpoint(EndpointAddress address) {
    return NetworkEndpoint.newBuilder()
        .setInstance("vm")
        .setIpAddress(address.ip())
        .setPort(address.port())
        .build();
  }

  public static Backend backend(String neg) {
    return Backend.newBuilder()
        .setGroup(neg)
        .setBalancingMode(BalancingMode.RATE)
        .setMaxRatePerEndpoint(100)
        .setCapacityScaler(1)
        .build();
  }

  /** An HTTP service without health check. */
  public static BackendService.Builder httpService(String name, String... negs) {
    BackendService.Builder service =
        BackendService.newBuilder()
            .setName(name)
            .setProtocol(Protocol.HTTP)
            .setTimeoutSec(30)
            .setConnectionDraining(ConnectionDraining.getDefaultInstance());
    for (String neg : negs) {
      service.addBackends(backend(neg));
    }
    return service;
  }

  public static HealthCheck healthCheck(String name) {
    return HealthCheck.newBuilder().setName(name).setCheckIntervalSec(5).build();
  }

  public static HealthChanged verdict(String check, EndpointAddress address, HealthState state) {
    return HealthChanged.newBuilder()
        .setHealthCheck(check)
        .setIpAddress(address.ip())
        .setPort(address.port())
        .setNewState(state)
        .build();
  }

  /** Everything to one service. */
  public static UrlMap simpleMap(String name, String service) {
    return UrlMap.newBuilder().setName(name).setDefaultService(service).build();
  }

  /** A path below /{@code prefix}/ of every host to one service, the rest to another. */
  public static UrlMap pathMap(String name, String defaultService, String prefix, String service) {
    return UrlMap.newBuilder()
        .setName(name)
        .setDefaultService(defaultService)
        .addHostRules(HostRule.newBuilder().addHosts("*").setPathMatcher("m"))
        .addPathMatchers(
            PathMatcher.newBuilder()
                .setName("m")
                .setDefaultService(defaultService)
                .addPathRules(
                    PathRule.newBuilder().addPaths("/" + prefix + "/*").setService(service)))
        .build();
  }

  public static TargetHttpProxy httpProxy(String name, String urlMap) {
    return TargetHttpProxy.newBuilder().setName(name).setUrlMap(urlMap).build();
  }

  public static ForwardingRule forwardingRule(String name, String target, int port) {
    return ForwardingRule.newBuilder()
        .setName(name)
        .setIpAddress("127.0.0.1")
        .setPortRange(port + "-" + port)
        .setTarget(target)
        .build();
  }

  public static RowChange is(RowKind kind, String key, Message content) {
    return new RowChange(new RowKey(kind, key), content);
  }

  public static RowChange gone(RowKind kind, String key) {
    return new RowChange(new RowKey(kind, key), null);
  }

  public static RowChange attached(String neg, EndpointAddress address) {
    return new RowChange(RowKey.endpoint(neg, address), endpoint(address));
  }

  public static RowChange detached(String neg, EndpointAddress address) {
    return new RowChange(RowKey.endpoint(neg, address), null);
  }

  public static RowChange draining(
      String service, String neg, EndpointAddress address, Instant until) {
    return new RowChange(
        RowKey.draining(service, neg, address),
        Timestamp.newBuilder().setSeconds(until.getEpochSecond()).build());
  }

  public static RowChange health(String check, EndpointAddress address, HealthState state) {
    return new RowChange(
        new RowKey(RowKind.HEALTH, check + "/targets/" + address), verdict(check, address, state));
  }

  /**
   * @param ports name, port, name, port …
   */
  public static InstanceGroup.Builder instances(String name, Object... ports) {
    InstanceGroup.Builder group = InstanceGroup.newBuilder().setName(name);
    for (int i = 0; i < ports.length; i += 2) {
      group.addNamedPorts(
          NamedPort.newBuilder().setName((String) ports[i]).setPort((Integer) ports[i + 1]));
    }
    return group;
  }

  public static RowChange instanceGroup(InstanceGroup.Builder group) {
    return is(RowKind.INSTANCE_GROUP, group.getName(), group.build());
  }

  public static RowChange group(NetworkEndpointGroup group) {
    return is(RowKind.NEG, group.getName(), group);
  }

  public static RowChange service(BackendService.Builder service) {
    return is(RowKind.BACKEND_SERVICE, service.getName(), service.build());
  }

  public static RowChange urlMap(UrlMap map) {
    return is(RowKind.URL_MAP, map.getName(), map);
  }

  public static RowChange proxy(TargetHttpProxy proxy) {
    return is(RowKind.TARGET_HTTP_PROXY, proxy.getName(), proxy);
  }

  public static RowChange tcpProxy(TargetTcpProxy proxy) {
    return is(RowKind.TARGET_TCP_PROXY, proxy.getName(), proxy);
  }

  public static RowChange httpsProxy(TargetHttpsProxy proxy) {
    return is(RowKind.TARGET_HTTPS_PROXY, proxy.getName(), proxy);
  }

  public static RowChange sslProxy(TargetSslProxy proxy) {
    return is(RowKind.TARGET_SSL_PROXY, proxy.getName(), proxy);
  }

  /**
   * @param key sealed; empty: not fetched yet
   */
  public static RowChange certificate(String name, long id, String key) {
    return is(
        RowKind.SSL_CERTIFICATE,
        name,
        KeyedCertificate.newBuilder()
            .setCertificate(
                SslCertificate.newBuilder()
                    .setName(name)
                    .setId(id)
                    .setCertificate("chain of " + name))
            .setSealedKey(ByteString.copyFromUtf8(key))
            .build());
  }

  public static RowChange rule(ForwardingRule rule) {
    return is(RowKind.FORWARDING_RULE, rule.getName(), rule);
  }

  /** The table with these changes, one revision on. */
  public static RoutingTable next(RoutingTable table, RowChange... changes) {
    return table.apply(delta(table, changes));
  }

  public static RoutingTableDelta delta(RoutingTable table, RowChange... changes) {
    return new RoutingTableDelta(table.revision(), table.revision() + 1, List.of(changes));
  }

  public static RoutingTable table(RowChange... changes) {
    return next(RoutingTable.empty(), changes);
  }

  /** One forwarding rule, "web" at a port, to one service with one group of these endpoints. */
  public static RowChange[] web(int port, EndpointAddress... endpoints) {
    RowChange[] rows = new RowChange[endpoints.length + 5];
    rows[0] = group(group(neg("n")));
    rows[1] = service(httpService(service("web"), neg("n")));
    rows[2] = urlMap(simpleMap(urlMap("web"), service("web")));
    rows[3] = proxy(httpProxy(proxy("web"), urlMap("web")));
    rows[4] = rule(forwardingRule(rule("web"), proxy("web"), port));
    for (int i = 0; i < endpoints.length; i++) {
      rows[i + 5] = attached(neg("n"), endpoints[i]);
    }
    return rows;
  }
}
