package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.Address;
import io.openneg.backend.v1.AddressesGrpc;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.CreateAddressRequest;
import io.openneg.backend.v1.CreateBackendServiceRequest;
import io.openneg.backend.v1.CreateForwardingRuleRequest;
import io.openneg.backend.v1.CreateSslCertificateRequest;
import io.openneg.backend.v1.CreateTargetHttpsProxyRequest;
import io.openneg.backend.v1.CreateTargetTcpProxyRequest;
import io.openneg.backend.v1.CreateUrlMapRequest;
import io.openneg.backend.v1.DeleteAddressRequest;
import io.openneg.backend.v1.DeleteForwardingRuleRequest;
import io.openneg.backend.v1.DeleteSslCertificateRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.GetAddressRequest;
import io.openneg.backend.v1.GetSealedKeyRequest;
import io.openneg.backend.v1.GetSslCertificateRequest;
import io.openneg.backend.v1.ListAddressesRequest;
import io.openneg.backend.v1.ListTargetTcpProxiesRequest;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backend.v1.Protocol;
import io.openneg.backend.v1.SealedKeysGrpc;
import io.openneg.backend.v1.SslCertificate;
import io.openneg.backend.v1.SslCertificatesGrpc;
import io.openneg.backend.v1.TargetHttpsProxiesGrpc;
import io.openneg.backend.v1.TargetHttpsProxy;
import io.openneg.backend.v1.TargetTcpProxiesGrpc;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UpdateTargetTcpProxyRequest;
import io.openneg.backend.v1.UpdateUrlMapRequest;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.certificate.TestCertificates;
import io.openneg.backendservice.certificate.TestCertificates.Issued;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Certificates, target proxies, addresses and forwarding rules, over a real channel. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class FrontendsIT {
  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.secrets.key-file")
  Path secretsKey;

  @Inject Jdbi jdbi;
  @Inject EventStore store;
  @Inject ResourceView view;

  private BackendClient client;
  private SslCertificatesGrpc.SslCertificatesBlockingStub certificates;
  private TargetHttpsProxiesGrpc.TargetHttpsProxiesBlockingStub httpsProxies;
  private TargetTcpProxiesGrpc.TargetTcpProxiesBlockingStub tcpProxies;
  private AddressesGrpc.AddressesBlockingStub addresses;
  private SealedKeysGrpc.SealedKeysBlockingStub sealedKeys;

  @BeforeEach
  void connect() {
    client = new BackendClient(service, "p-" + UUID.randomUUID().toString().substring(0, 8));
    certificates = SslCertificatesGrpc.newBlockingStub(client.channel());
    httpsProxies = TargetHttpsProxiesGrpc.newBlockingStub(client.channel());
    tcpProxies = TargetTcpProxiesGrpc.newBlockingStub(client.channel());
    addresses = AddressesGrpc.newBlockingStub(client.channel());
    sealedKeys = SealedKeysGrpc.newBlockingStub(client.channel());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private String region() {
    return client.parent.replace("global", "regions/lab");
  }

  private String service(String parent, LoadBalancingScheme scheme, Protocol protocol) {
    return client
        .backendServices
        .createBackendService(
            CreateBackendServiceRequest.newBuilder()
                .setParent(parent)
                .setBackendServiceId("s-" + UUID.randomUUID().toString().substring(0, 8))
                .setBackendService(
                    BackendService.newBuilder()
                        .setLoadBalancingScheme(scheme)
                        .setProtocol(protocol))
                .build())
        .getName();
  }

  private CreateSslCertificateRequest.Builder certificate(String id, Issued issued) {
    return CreateSslCertificateRequest.newBuilder()
        .setParent(client.parent)
        .setSslCertificateId(id)
        .setSslCertificate(SslCertificate.newBuilder().setCertificate(issued.pem()))
        .setPrivateKey(issued.keyPem());
  }

  private static Issued issued() throws Exception {
    return TestCertificates.selfSigned("a.example.com", TestCertificates.ec("secp256r1"));
  }

  private String tcpProxy(String id) {
    return tcpProxies
        .createTargetTcpProxy(
            CreateTargetTcpProxyRequest.newBuilder()
                .setParent(client.parent)
                .setTargetTcpProxyId(id)
                .setTargetTcpProxy(
                    TargetTcpProxy.newBuilder()
                        .setService(
                            service(client.parent, LoadBalancingScheme.EXTERNAL, Protocol.TCP)))
                .build())
        .getName();
  }

  private ForwardingRule rule(String parent, String id, ForwardingRule.Builder rule) {
    return client.rules.createForwardingRule(
        CreateForwardingRuleRequest.newBuilder()
            .setParent(parent)
            .setForwardingRuleId(id)
            .setForwardingRule(rule)
            .build());
  }

  private Address address(String parent, String id, Address.Builder address) {
    return addresses.createAddress(
        CreateAddressRequest.newBuilder()
            .setParent(parent)
            .setAddressId(id)
            .setAddress(address)
            .build());
  }

  @Test
  void aPrivateKeyIsKeptSealedAndIsNowhereElse() throws Exception {
    Issued issued = issued();
    String line = issued.keyPem().lines().skip(1).findFirst().orElseThrow();
    SslCertificate created = certificates.createSslCertificate(certificate("cert", issued).build());

    byte[] kept =
        sealedKeys
            .getSealedKey(
                GetSealedKeyRequest.newBuilder()
                    .setCertificate(created.getName())
                    .setId(created.getId())
                    .build())
            .getSealed()
            .toByteArray();
    String opened =
        new String(
            SealedSecrets.withKeyOf(secretsKey)
                .open(kept, created.getName() + "@" + Long.toUnsignedString(created.getId())),
            StandardCharsets.US_ASCII);
    assertThat(opened).contains("BEGIN PRIVATE KEY");
    assertThat(new String(kept, StandardCharsets.ISO_8859_1)).doesNotContain("PRIVATE KEY");
    assertThat(created.toString()).doesNotContain("PRIVATE KEY").doesNotContain(line);
    assertThat(
            client
                .events
                .listEvents(ListEventsRequest.newBuilder().setResource(created.getName()).build())
                .toString())
        .contains("SslCertificateCreated")
        .doesNotContain("PRIVATE KEY")
        .doesNotContain(line);
    assertThat(everyTable()).doesNotContain("PRIVATE KEY").doesNotContain(line);
  }

  /** All that is in the database, as text. */
  private String everyTable() {
    return jdbi.withHandle(
        handle -> {
          StringBuilder all = new StringBuilder();
          for (String table :
              handle
                  .createQuery("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                  .mapTo(String.class)
                  .list()) {
            handle
                .createQuery("SELECT t::text FROM " + table + " t")
                .mapTo(String.class)
                .forEach(all::append);
            handle
                .createQuery(
                    "SELECT attname FROM pg_attribute WHERE attrelid = '"
                        + table
                        + "'::regclass AND atttypid = 'bytea'::regtype AND attnum > 0")
                .mapTo(String.class)
                .forEach(
                    column ->
                        handle
                            .createQuery(
                                "SELECT "
                                    + column
                                    + " FROM "
                                    + table
                                    + " WHERE "
                                    + column
                                    + " IS NOT NULL")
                            .mapTo(byte[].class)
                            .forEach(b -> all.append(new String(b, StandardCharsets.ISO_8859_1))));
          }
          return all.toString();
        });
  }

  @Test
  void aRepeatGetsTheSameCertificateAndLeavesOneKey() throws Exception {
    CreateSslCertificateRequest request =
        certificate("cert", issued()).setRequestId(UUID.randomUUID().toString()).build();
    SslCertificate first = certificates.createSslCertificate(request);

    assertThat(certificates.createSslCertificate(request)).isEqualTo(first);
    Refusal.of(() -> certificates.createSslCertificate(certificate("cert", issued()).build()))
        .is(Code.ALREADY_EXISTS, "ALREADY_EXISTS");
    assertThat(keys(first.getName())).isEqualTo(1);
  }

  private int keys(String certificate) {
    return jdbi.withHandle(
        h ->
            h.createQuery("SELECT count(*) FROM sealed_key WHERE certificate = :c")
                .bind("c", certificate)
                .mapTo(Integer.class)
                .one());
  }

  @Test
  void aCertificateInUseStaysAndADeletedOneTakesItsKeyWithIt() throws Exception {
    SslCertificate created =
        certificates.createSslCertificate(certificate("cert", issued()).build());
    String web = service(client.parent, LoadBalancingScheme.EXTERNAL, Protocol.HTTP);
    TargetHttpsProxy proxy =
        httpsProxies.createTargetHttpsProxy(
            CreateTargetHttpsProxyRequest.newBuilder()
                .setParent(client.parent)
                .setTargetHttpsProxyId("proxy")
                .setTargetHttpsProxy(
                    TargetHttpsProxy.newBuilder()
                        .setUrlMap(client.createUrlMap("map", web).getName())
                        .addSslCertificates(created.getName()))
                .build());
    DeleteSslCertificateRequest delete =
        DeleteSslCertificateRequest.newBuilder().setName(created.getName()).build();

    Refusal.of(() -> certificates.deleteSslCertificate(delete))
        .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
        .saying(proxy.getName());
    SslCertificate other =
        certificates.createSslCertificate(certificate("other", issued()).build());
    certificates.deleteSslCertificate(delete.toBuilder().setName(other.getName()).build());
    assertThat(keys(other.getName())).isZero();
    Refusal.of(
            () ->
                certificates.getSslCertificate(
                    GetSslCertificateRequest.newBuilder().setName(other.getName()).build()))
        .is(Code.NOT_FOUND, "NOT_FOUND");
  }

  @Test
  void aRegionalLoadBalancerIsMadeOfPartsOfItsRegion() {
    String web = service(region(), LoadBalancingScheme.INTERNAL_MANAGED, Protocol.TCP);
    CreateTargetTcpProxyRequest.Builder request =
        CreateTargetTcpProxyRequest.newBuilder()
            .setParent(region())
            .setTargetTcpProxyId("proxy")
            .setTargetTcpProxy(TargetTcpProxy.newBuilder().setService(web));
    TargetTcpProxy proxy = tcpProxies.createTargetTcpProxy(request.build());
    ForwardingRule made =
        rule(
            region(),
            "rule",
            ForwardingRule.newBuilder()
                .setPortRange("5432")
                .setIpAddress("10.7.0.1")
                .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED)
                .setTarget(proxy.getName()));

    assertThat(made.getName()).isEqualTo(region() + "/forwardingRules/rule");
    assertThat(
            Refusal.of(
                    () -> tcpProxies.createTargetTcpProxy(request.setParent(client.parent).build()))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("target_tcp_proxy.service");
    Refusal.of(
            () ->
                tcpProxies.createTargetTcpProxy(
                    request.setParent(region().replace("lab", "mars")).build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        .saying("mars");
    assertThat(
            tcpProxies
                .listTargetTcpProxies(
                    ListTargetTcpProxiesRequest.newBuilder()
                        .setParent(region().replace("lab", "-"))
                        .setFilter("name eq .*proxy")
                        .build())
                .getTargetTcpProxiesList())
        .containsExactly(proxy);
  }

  @Test
  void anUpdateByMaskKeepsWhatItDoesNotName() {
    String name = tcpProxy("proxy");
    TargetTcpProxy updated =
        tcpProxies.updateTargetTcpProxy(
            UpdateTargetTcpProxyRequest.newBuilder()
                .setTargetTcpProxy(TargetTcpProxy.newBuilder().setName(name).setDescription("new"))
                .setUpdateMask(FieldMask.newBuilder().addPaths("description"))
                .build());

    assertThat(updated.getDescription()).isEqualTo("new");
    assertThat(updated.getService()).isNotEmpty();
  }

  @Test
  void oneAddressServesRulesOnSeveralPortsAndStaysWhileTheyAreThere() {
    String proxy = tcpProxy("proxy");
    Address vip = address(client.parent, "vip", Address.newBuilder().setAddress(freshIp()));
    assertThat(vip.getStatus()).isEqualTo(Address.Status.RESERVED);
    ForwardingRule.Builder wanted =
        ForwardingRule.newBuilder().setIpAddress(vip.getName()).setPortRange("80").setTarget(proxy);
    ForwardingRule one = rule(client.parent, "one", wanted);
    ForwardingRule two =
        rule(client.parent, "two", wanted.setPortRange("443").setIpAddress(vip.getAddress()));

    assertThat(one.getIpAddress()).isEqualTo(vip.getAddress());
    assertThat(List.of(one.getAddress(), two.getAddress())).containsOnly(vip.getName());
    Address used =
        addresses.getAddress(GetAddressRequest.newBuilder().setName(vip.getName()).build());
    assertThat(used.getStatus()).isEqualTo(Address.Status.IN_USE);
    assertThat(used.getUsersList()).containsExactly(one.getName(), two.getName());
    assertThat(
            addresses
                .listAddresses(ListAddressesRequest.newBuilder().setParent(client.parent).build())
                .getAddressesList())
        .containsExactly(used);
    DeleteAddressRequest delete = DeleteAddressRequest.newBuilder().setName(vip.getName()).build();
    Refusal.of(() -> addresses.deleteAddress(delete))
        .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE");
    Refusal.of(
            () ->
                rule(client.parent, "three", wanted.setPortRange("80").setIpAddress(vip.getName())))
        .is(Code.FAILED_PRECONDITION, "ADDRESS_IN_USE")
        .saying(one.getName());
    for (ForwardingRule each : List.of(one, two)) {
      client.rules.deleteForwardingRule(
          DeleteForwardingRuleRequest.newBuilder().setName(each.getName()).build());
    }
    addresses.deleteAddress(delete);
  }

  /** Outside of all pools, and each test's own. */
  private static String freshIp() {
    int random = UUID.randomUUID().hashCode();
    return "100.%d.%d.%d"
        .formatted(64 + (random >>> 16 & 0x3f), random >>> 8 & 0xff, 1 + (random & 0x7f));
  }

  @Test
  void anAddressOfAnotherScopeOrProjectIsRefused() {
    String proxy = tcpProxy("proxy");
    Address theirs = address(region(), "vip", Address.newBuilder().setAddress(freshIp()));
    ForwardingRule.Builder wanted = ForwardingRule.newBuilder().setPortRange("80").setTarget(proxy);

    for (String ip : List.of(theirs.getName(), theirs.getAddress())) {
      assertThat(
              Refusal.of(() -> rule(client.parent, "rule", wanted.setIpAddress(ip)))
                  .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                  .fields())
          .containsExactly("forwarding_rule.ip_address");
    }
    Refusal.of(
            () ->
                rule(client.parent, "rule", wanted.setIpAddress(client.parent + "/addresses/gone")))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
    Refusal.of(
            () ->
                address(
                    client.parent, "again", Address.newBuilder().setAddress(theirs.getAddress())))
        .is(Code.FAILED_PRECONDITION, "ADDRESS_IN_USE")
        .saying(theirs.getName());
  }

  @Test
  void aPoolGivesEachItsOwnAddressHoweverManyAskAtOnce() throws Exception {
    int callers = 16;
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      String id = "vip-" + i;
      calls.add(
          () ->
              address(region(), id, Address.newBuilder().setAddressType(Address.Type.INTERNAL))
                  .getAddress());
    }
    Set<String> given = new HashSet<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(callers)) {
      for (Future<String> each : executor.invokeAll(calls)) {
        given.add(each.get());
      }
    }
    assertThat(given).hasSize(callers).allMatch(ip -> ip.startsWith("10.77."));
  }

  @Test
  void aRuleWithoutAddressInAPoolsScopeGetsOneOfItsOwn() {
    String web = service(region(), LoadBalancingScheme.INTERNAL_MANAGED, Protocol.TCP);
    String proxy =
        tcpProxies
            .createTargetTcpProxy(
                CreateTargetTcpProxyRequest.newBuilder()
                    .setParent(region())
                    .setTargetTcpProxyId("proxy")
                    .setTargetTcpProxy(TargetTcpProxy.newBuilder().setService(web))
                    .build())
            .getName();
    ForwardingRule.Builder wanted =
        ForwardingRule.newBuilder()
            .setPortRange("80")
            .setLoadBalancingScheme(LoadBalancingScheme.INTERNAL_MANAGED)
            .setTarget(proxy);
    ForwardingRule made = rule(region(), "rule", wanted);

    assertThat(made.getIpAddress()).startsWith("10.77.");
    assertThat(made.getIpAddressOwned()).isTrue();
    Refusal.of(
            () ->
                rule(
                    region(), "other", wanted.setPortRange("81").setIpAddress(made.getIpAddress())))
        .is(Code.FAILED_PRECONDITION, "ADDRESS_IN_USE")
        .saying(made.getName());
  }

  @Test
  void aSchemeIsNotMixedHoweverTheCommandsMeet() throws Exception {
    for (int round = 0; round < 10; round++) {
      String external = service(client.parent, LoadBalancingScheme.EXTERNAL, Protocol.HTTP);
      String managed = service(client.parent, LoadBalancingScheme.EXTERNAL_MANAGED, Protocol.HTTP);
      String map = client.createUrlMap("map-" + round, external).getName();
      String proxy = client.createProxy("proxy-" + round, map).getName();
      String id = "rule-" + round;
      int port = 20_000 + round;
      String ip = freshIp();
      List<Callable<Boolean>> calls =
          List.of(
              () -> succeeds(() -> client.createRule(id, ip, port, proxy)),
              () ->
                  succeeds(
                      () ->
                          client.urlMaps.updateUrlMap(
                              UpdateUrlMapRequest.newBuilder()
                                  .setUrlMap(
                                      UrlMap.newBuilder().setName(map).setDefaultService(managed))
                                  .build())));
      try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
        int done = 0;
        for (Future<Boolean> each : executor.invokeAll(calls)) {
          done += each.get() ? 1 : 0;
        }
        assertThat(done).as("round %d", round).isEqualTo(1);
      }
    }
  }

  private static boolean succeeds(Runnable call) {
    try {
      call.run();
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(e).hasMessageContaining("a load balancer has one");
      return false;
    }
  }

  @Test
  void aUrlMapLeadsToHttpServicesOnly() {
    String tcp = service(client.parent, LoadBalancingScheme.EXTERNAL, Protocol.TCP);

    Refusal.of(
            () ->
                client.urlMaps.createUrlMap(
                    CreateUrlMapRequest.newBuilder()
                        .setParent(client.parent)
                        .setUrlMapId("map")
                        .setUrlMap(UrlMap.newBuilder().setDefaultService(tcp))
                        .build()))
        .is(Code.FAILED_PRECONDITION, "BACKEND_SERVICE_MISMATCH")
        .saying("has protocol TCP");
  }

  @Test
  void aRebuildLeavesTablesAsTheyWere() throws Exception {
    certificates.createSslCertificate(certificate("cert", issued()).build());
    String proxy = tcpProxy("proxy");
    Address vip = address(client.parent, "vip", Address.newBuilder().setAddress(freshIp()));
    rule(
        client.parent,
        "rule",
        ForwardingRule.newBuilder()
            .setIpAddress(vip.getName())
            .setPortRange("80")
            .setTarget(proxy));
    String before = tables();
    Rebuild.inline(jdbi, store, view);

    assertThat(tables()).isEqualTo(before);
  }

  private String tables() {
    return jdbi.withHandle(
        h -> {
          StringBuilder all = new StringBuilder();
          for (String table :
              List.of("resource", "reference", "listening", "held_address", "sealed_key")) {
            all.append(
                h.createQuery(
                        "SELECT string_agg(t::text, '|' ORDER BY t::text) FROM " + table + " t")
                    .mapTo(String.class)
                    .one());
          }
          return all.toString();
        });
  }
}
