package io.openneg.proxyconfigservice;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendService.SessionAffinity;
import io.openneg.backend.v1.LocalityLbPolicy;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.routing.RowKind;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Changes within a small world, so that they meet often. */
public final class RandomRows {
  private final Random random;

  public RandomRows(long seed) {
    this.random = new Random(seed);
  }

  public Stream<RowChange> changes(int count) {
    return IntStream.range(0, count).mapToObj(_ -> change());
  }

  /** Each key at most once, as a delta has it. */
  public RowChange[] distinct(int count) {
    Map<Object, RowChange> last = new LinkedHashMap<>();
    changes(count).forEach(change -> last.put(change.key(), change));
    return last.values().toArray(RowChange[]::new);
  }

  private RowChange change() {
    boolean gone = random.nextInt(4) == 0;
    return switch (random.nextInt(14)) {
      case 0 -> gone ? Fixtures.gone(RowKind.NEG, neg()) : Fixtures.group(Fixtures.group(neg()));
      case 1, 2 -> gone ? Fixtures.detached(neg(), address()) : Fixtures.attached(neg(), address());
      case 3 -> {
        Instant until = Instant.ofEpochSecond(random.nextInt(100));
        RowChange row = Fixtures.draining(service(), neg(), address(), until);
        yield gone ? new RowChange(row.key(), null) : row;
      }
      case 4, 5 -> {
        HealthState state = random.nextBoolean() ? HealthState.HEALTHY : HealthState.UNHEALTHY;
        RowChange row = Fixtures.health(check(), address(), state);
        yield gone ? new RowChange(row.key(), null) : row;
      }
      case 6 -> gone ? Fixtures.gone(RowKind.BACKEND_SERVICE, service()) : randomService();
      case 7 ->
          gone
              ? Fixtures.gone(RowKind.URL_MAP, urlMap())
              : Fixtures.urlMap(Fixtures.pathMap(urlMap(), service(), "a", service()));
      case 8 ->
          gone
              ? Fixtures.gone(RowKind.TARGET_HTTP_PROXY, proxy())
              : Fixtures.proxy(Fixtures.httpProxy(proxy(), urlMap()));
      case 9 ->
          gone
              ? Fixtures.gone(RowKind.TARGET_TCP_PROXY, Fixtures.tcpProxy("t"))
              : Fixtures.tcpProxy(
                  TargetTcpProxy.newBuilder()
                      .setName(Fixtures.tcpProxy("t"))
                      .setService(service())
                      .setProxyHeader(
                          random.nextBoolean() ? ProxyHeader.PROXY_V1 : ProxyHeader.NONE)
                      .build());
      case 10 ->
          gone
              ? Fixtures.gone(RowKind.TARGET_HTTPS_PROXY, Fixtures.httpsProxy("s"))
              : Fixtures.httpsProxy(
                  TargetHttpsProxy.newBuilder()
                      .setName(Fixtures.httpsProxy("s"))
                      .setUrlMap(urlMap())
                      .addSslCertificates(certificate())
                      .build());
      case 11 ->
          gone
              ? Fixtures.gone(RowKind.SSL_CERTIFICATE, certificate())
              : Fixtures.certificate(
                  certificate(), random.nextInt(2), random.nextBoolean() ? "sealed" : "");
      case 12 -> {
        // Rows of any kind may be there in any order; so may this one of a network endpoint group.
        String name = neg();
        yield gone
            ? Fixtures.gone(RowKind.INSTANCE_GROUP, name)
            : Fixtures.instanceGroup(
                Fixtures.instances(name, random.nextBoolean() ? "" : "other", 8080));
      }
      default ->
          gone
              ? Fixtures.gone(RowKind.FORWARDING_RULE, rule())
              : Fixtures.rule(Fixtures.forwardingRule(rule(), target(), 80 + random.nextInt(3)));
    };
  }

  private RowChange randomService() {
    BackendService.Builder service =
        Fixtures.httpService(service()).setTimeoutSec(1 + random.nextInt(3));
    IntStream.range(0, 4)
        .filter(_ -> random.nextBoolean())
        .forEach(n -> service.addBackends(Fixtures.backend(negs(n))));
    if (random.nextBoolean()) {
      service.addHealthChecks(check());
    }
    if (random.nextBoolean()) {
      service
          .setSessionAffinity(SessionAffinity.CLIENT_IP)
          .setLocalityLbPolicy(LocalityLbPolicy.RING_HASH)
          .addCustomRequestHeaders("X-Service:" + random.nextInt(2));
    }
    return Fixtures.service(service);
  }

  private static String negs(int n) {
    String zone = n % 2 == 0 ? "us-east1-b" : "europe-west1-c";
    return "projects/p/zones/%s/networkEndpointGroups/n%d".formatted(zone, n);
  }

  private String neg() {
    return negs(random.nextInt(4));
  }

  private EndpointAddress address() {
    return Fixtures.address(random.nextInt(6));
  }

  private String service() {
    return Fixtures.service("s" + random.nextInt(3));
  }

  private String check() {
    return Fixtures.check("c" + random.nextInt(2));
  }

  private String urlMap() {
    return Fixtures.urlMap("m" + random.nextInt(2));
  }

  private String proxy() {
    return Fixtures.proxy("p" + random.nextInt(2));
  }

  private static String certificate() {
    return Fixtures.certificate("c");
  }

  private String target() {
    return switch (random.nextInt(4)) {
      case 0 -> Fixtures.tcpProxy("t");
      case 1 -> Fixtures.httpsProxy("s");
      default -> proxy();
    };
  }

  private String rule() {
    return (random.nextBoolean() ? "projects/p" : "projects/q")
        + "/global/forwardingRules/r"
        + random.nextInt(2);
  }
}
