package io.openneg.backendservice.targetproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.ProxyHeader;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetSslProxy;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMapSet;
import io.openneg.backendservice.Scenario;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.ResourceState;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Create;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Delete;
import io.openneg.backendservice.targetproxy.TargetProxyCommand.Update;
import io.openneg.serviceruntime.api.Fingerprint;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetProxyDeciderTest {
  private static final String MAP = "projects/p/global/urlMaps/map";
  private static final String OTHER = "projects/p/global/urlMaps/other";
  private static final String CERT = "projects/p/global/sslCertificates/cert";
  private static final String SERVICE = "projects/p/global/backendServices/web";
  private static final Facts FACTS = facts(Protocol.HTTP);

  private static Facts facts(Protocol protocol, ForwardingRule... rules) {
    return new Facts(
        Set.of(MAP, OTHER, CERT, SERVICE),
        List.of(),
        Map.of(
            SERVICE,
            BackendService.newBuilder()
                .setName(SERVICE)
                .setProtocol(protocol)
                .setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL)
                .build()),
        List.of(rules));
  }

  private static <M extends Message> Scenario<ResourceState<M>, TargetProxyCommand<M>> nothing(
      TargetProxyKind<M> kind) {
    return Scenario.of(new TargetProxyDecider<>(kind));
  }

  private static <M extends Message> Create<M> create(String name, M proxy, Facts facts) {
    return new Create<>("projects/p/" + name, 42, Timestamp.getDefaultInstance(), proxy, facts);
  }

  private static Create<TargetHttpProxy> http(String urlMap) {
    return create(
        "global/targetHttpProxies/proxy",
        TargetHttpProxy.newBuilder().setUrlMap(urlMap).build(),
        FACTS);
  }

  private static Update<TargetHttpProxy> update(TargetHttpProxy.Builder to, String... fields) {
    return new Update<>(
        "projects/p/global/targetHttpProxies/proxy", to.build(), List.of(fields), FACTS);
  }

  private static Create<TargetHttpsProxy> https(String... certificates) {
    return create(
        "global/targetHttpsProxies/proxy",
        TargetHttpsProxy.newBuilder()
            .setUrlMap(MAP)
            .addAllSslCertificates(List.of(certificates))
            .build(),
        FACTS);
  }

  private static Create<TargetTcpProxy> tcp(Facts facts) {
    return create(
        "global/targetTcpProxies/proxy",
        TargetTcpProxy.newBuilder().setService(SERVICE).build(),
        facts);
  }

  @Test
  void theUrlMapIsNeededAndMustExist() {
    nothing(TargetProxyKind.HTTP).when(http("")).thenInvalid("target_http_proxy.url_map");
    nothing(TargetProxyKind.HTTP)
        .when(http("projects/p/global/urlMaps/gone"))
        .thenRejected("REFERENCE_NOT_FOUND");
  }

  @ParameterizedTest
  @ValueSource(strings = {MAP, "projects/p/regions/other/urlMaps/map"})
  void aRegionalProxyRefersToItsRegionOnly(String urlMap) {
    nothing(TargetProxyKind.HTTP)
        .when(
            create(
                "regions/lab/targetHttpProxies/proxy",
                TargetHttpProxy.newBuilder().setUrlMap(urlMap).build(),
                FACTS))
        .thenInvalid("target_http_proxy.url_map");
  }

  @Test
  void theUrlMapIsReplaced() {
    var created = nothing(TargetProxyKind.HTTP).after(http(MAP));

    created.when(update(TargetHttpProxy.newBuilder().setUrlMap(MAP), "url_map")).thenNothing();
    var replaced = update(TargetHttpProxy.newBuilder().setUrlMap(OTHER), "url_map");
    created.after(replaced).when(replaced).thenNothing();
    created
        .when(update(TargetHttpProxy.newBuilder().setUrlMap("nonsense"), "url_map"))
        .thenInvalid("target_http_proxy.url_map");
    created.when(update(TargetHttpProxy.newBuilder(), "id")).thenInvalid("update_mask");
  }

  @Test
  void whatWasRecordedBeforeThereWereUpdatesIsRead() {
    var decider = new TargetProxyDecider<>(TargetProxyKind.HTTP);
    var before = nothing(TargetProxyKind.HTTP).after(http(MAP)).state();
    TargetHttpProxy after =
        decider
            .evolve(
                before,
                BackendEvent.newBuilder()
                    .setUrlMapSet(UrlMapSet.newBuilder().setUrlMap(OTHER))
                    .build())
            .resource();

    assertThat(after).isNotNull().extracting(TargetHttpProxy::getUrlMap).isEqualTo(OTHER);
  }

  @Test
  void anUpdateOfAnOlderStateIsRefused() {
    var created = nothing(TargetProxyKind.HTTP).after(http(MAP));
    TargetHttpProxy.Builder wanted = TargetHttpProxy.newBuilder().setUrlMap(OTHER);
    TargetHttpProxy current = Objects.requireNonNull(created.state().resource());

    created.when(update(wanted.setFingerprint("AAAA"))).thenRejected("CONDITION_NOT_MET");
    assertThat(created.when(update(wanted.setFingerprint(Fingerprint.of(current)))).events())
        .singleElement()
        .satisfies(e -> assertThat(e.hasTargetHttpProxyUpdated()).isTrue());
  }

  @Test
  void aUsedProxyIsNotDeleted() {
    nothing(TargetProxyKind.HTTP)
        .after(http(MAP))
        .when(
            new Delete<>(
                "projects/p/global/targetHttpProxies/proxy", new Facts(Set.of(), List.of("rule"))))
        .thenRejected("RESOURCE_IN_USE");
  }

  @Test
  void httpsNeedsOneTo15CertificatesEachOnce() {
    nothing(TargetProxyKind.HTTPS).when(https()).thenInvalid("target_https_proxy.ssl_certificates");
    nothing(TargetProxyKind.HTTPS)
        .when(https(CERT, CERT))
        .thenInvalid("target_https_proxy.ssl_certificates[1]");
    String[] many = new String[16];
    for (int i = 0; i < many.length; i++) {
      many[i] = CERT + i;
    }
    nothing(TargetProxyKind.HTTPS)
        .when(https(many))
        .thenInvalid("target_https_proxy.ssl_certificates");
    nothing(TargetProxyKind.HTTPS).when(https(CERT + "x")).thenRejected("REFERENCE_NOT_FOUND");
    assertThat(nothing(TargetProxyKind.HTTPS).when(https(CERT)).events()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"HTTP", "HTTPS", "HTTP2", "H2C", "GRPC", "TCP", "SSL"})
  void aProxyTakesServicesOfItsProtocolOnly(Protocol protocol) {
    boolean bytes = protocol == Protocol.TCP || protocol == Protocol.SSL;
    Facts facts = facts(protocol);
    decide(protocol == Protocol.TCP, nothing(TargetProxyKind.TCP).when(tcp(facts)));
    decide(
        bytes,
        nothing(TargetProxyKind.SSL)
            .when(
                create(
                    "global/targetSslProxies/proxy",
                    TargetSslProxy.newBuilder()
                        .setService(SERVICE)
                        .addSslCertificates(CERT)
                        .build(),
                    facts)));
    decide(
        !bytes,
        nothing(TargetProxyKind.HTTP)
            .when(
                create(
                    "global/targetHttpProxies/proxy",
                    TargetHttpProxy.newBuilder().setUrlMap(MAP).build(),
                    facts)));
  }

  private static void decide(boolean fits, Scenario.Result result) {
    if (fits) {
      assertThat(result.events()).hasSize(1);
    } else {
      assertThat(result.thenRejected("BACKEND_SERVICE_MISMATCH").message()).contains(SERVICE);
    }
  }

  @Test
  void aProxyBehindAForwardingRuleKeepsItsScheme() {
    ForwardingRule rule =
        ForwardingRule.newBuilder()
            .setName("projects/p/global/forwardingRules/rule")
            .setLoadBalancingScheme(LoadBalancingScheme.EXTERNAL_MANAGED)
            .build();
    var refusal =
        nothing(TargetProxyKind.HTTP)
            .after(http(MAP))
            .when(
                new Update<>(
                    "projects/p/global/targetHttpProxies/proxy",
                    TargetHttpProxy.newBuilder().setUrlMap(OTHER).build(),
                    List.of(),
                    facts(Protocol.HTTP, rule)))
            .thenRejected("BACKEND_SERVICE_MISMATCH");

    assertThat(refusal.message()).contains(rule.getName(), "EXTERNAL_MANAGED", SERVICE);
  }

  @Test
  void theProxyHeaderIsNoneUnlessGiven() {
    TargetTcpProxy proxy =
        nothing(TargetProxyKind.TCP).after(tcp(facts(Protocol.TCP))).state().resource();

    assertThat(proxy)
        .isNotNull()
        .extracting(TargetTcpProxy::getProxyHeader)
        .isEqualTo(ProxyHeader.NONE);
    nothing(TargetProxyKind.TCP)
        .when(
            create(
                "global/targetTcpProxies/proxy",
                TargetTcpProxy.newBuilder().setService(SERVICE).setProxyHeaderValue(7).build(),
                facts(Protocol.TCP)))
        .thenInvalid("target_tcp_proxy.proxy_header");
  }

  @Test
  void aTcpProxyHasOneService() {
    nothing(TargetProxyKind.TCP)
        .when(create("global/targetTcpProxies/proxy", TargetTcpProxy.getDefaultInstance(), FACTS))
        .thenInvalid("target_tcp_proxy.service");
    assertThat(TargetTcpProxy.getDescriptor().findFieldByName("service").isRepeated()).isFalse();
  }
}
