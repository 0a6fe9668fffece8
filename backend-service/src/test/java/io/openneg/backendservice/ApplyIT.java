package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.ApplyRequest;
import io.openneg.backend.v1.ApplyResponse;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.Change;
import io.openneg.backend.v1.Change.Action;
import io.openneg.backend.v1.Configuration;
import io.openneg.backend.v1.ConfigurationsGrpc;
import io.openneg.backend.v1.DeleteHealthCheckRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.GetBackendServiceRequest;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.TargetHttpProxy;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Configurations over a real channel, on a real database. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class ApplyIT {
  private static final String WEB =
      """
      forwarding_rules:
        - {name: global/forwardingRules/web, ip_address: 10.2.0.1, port_range: 80, target: global/targetHttpProxies/web}
      target_http_proxies:
        - {name: global/targetHttpProxies/web, url_map: global/urlMaps/web}
      url_maps:
        - name: global/urlMaps/web
          defaultService: global/backendServices/web
      backend_services:
        - name: global/backendServices/web
          health_checks: [global/healthChecks/web]
          backends:
            - {group: zones/z/networkEndpointGroups/web, max_rate_per_endpoint: 10}
      health_checks:
        - {name: global/healthChecks/web, http_health_check: {}}
      """;

  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.neg-service")
  String negService;

  @Inject Jdbi jdbi;
  @Inject EventStore store;
  @Inject ResourceView view;

  private FakeNegService negs;
  private BackendClient client;
  private ConfigurationsGrpc.ConfigurationsBlockingStub configurations;
  private String project;

  @BeforeEach
  void connect() throws Exception {
    negs =
        FakeNegService.start(Integer.parseInt(negService.substring(negService.indexOf(':') + 1)));
    String id = "p-" + UUID.randomUUID().toString().substring(0, 8);
    client = new BackendClient(service, id);
    configurations = ConfigurationsGrpc.newBlockingStub(client.channel());
    project = "projects/" + id;
    negs.with(project + "/zones/z/networkEndpointGroups/web", 7);
    negs.with(project + "/zones/z/networkEndpointGroups/other", 8);
  }

  /** Addresses are one room for all projects. */
  @AfterEach
  void disconnect() {
    applyPruned("{}");
    client.close();
    negs.close();
  }

  private ApplyRequest.Builder request(String document) {
    return ApplyRequest.newBuilder().setParent(project).setDocument(document);
  }

  private ApplyResponse apply(String document) {
    return configurations.apply(request(document).build());
  }

  private ApplyResponse applyPruned(String document) {
    return configurations.apply(request(document).setPrune(true).build());
  }

  private static List<String> said(ApplyResponse response) {
    return response.getChangesList().stream()
        .map(c -> c.getAction() + " " + c.getKind() + " " + c.getName().replaceAll(".*/", ""))
        .toList();
  }

  private long events() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("SELECT count(*) FROM event WHERE starts_with(stream, :project)")
                .bind("project", project + "/")
                .mapTo(Long.class)
                .one());
  }

  private long resources() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("SELECT count(*) FROM resource WHERE starts_with(name, :project)")
                .bind("project", project + "/")
                .mapTo(Long.class)
                .one());
  }

  @Test
  void aWholeLoadBalancerIsMadeInOneTransactionAndTheSecondTimeNothingChanges() {
    ApplyResponse made = apply(WEB);
    assertThat(said(made))
        .containsExactly(
            "CREATE healthChecks web",
            "CREATE backendServices web",
            "CREATE urlMaps web",
            "CREATE targetHttpProxies web",
            "CREATE forwardingRules web");
    assertThat(made.getChangeTokensList())
        .contains(project + "/global/backendServices/web@2")
        .hasSize(5);
    long events = events();
    assertThat(events).isEqualTo(6);
    assertThat(
            jdbi.<Long, RuntimeException>withHandle(
                h ->
                    h.createQuery(
                            "SELECT count(DISTINCT txid) FROM event WHERE starts_with(stream, :p)")
                        .bind("p", project + "/")
                        .mapTo(Long.class)
                        .one()))
        .isEqualTo(1);

    ApplyResponse again = apply(WEB);
    assertThat(again.getChangesList())
        .hasSize(5)
        .allMatch(change -> change.getAction() == Action.UNCHANGED);
    assertThat(again.getChangeTokensList()).isEmpty();
    assertThat(applyPruned(WEB).getChangesList())
        .allMatch(change -> change.getAction() == Action.UNCHANGED);
    assertThat(events()).isEqualTo(events);
  }

  @Test
  void aPlanIsWhatHappensThenAndChangesNothing() {
    ApplyResponse planned = configurations.apply(request(WEB).setDryRun(true).build());
    assertThat(events()).isZero();
    assertThat(resources()).isZero();
    assertThat(planned.getChangeTokensList()).isEmpty();
    assertThat(apply(WEB).getChangesList()).isEqualTo(planned.getChangesList());
  }

  @Test
  void aChangeSaysEveryFieldThatDiffersAndPruningDeletesFromTheEnd() {
    apply(WEB);
    ApplyResponse changed =
        apply(
            WEB.replace("max_rate_per_endpoint: 10", "max_rate_per_endpoint: 20")
                .replace("health_checks: [global", "timeout_sec: 9\n    health_checks: [global")
                .replace("http_health_check: {}", "check_interval_sec: 9, http_health_check: {}"));
    assertThat(changed.getChanges(0).getFieldsList())
        .extracting(f -> f.getField() + " " + f.getOldValue() + " " + f.getNewValue())
        .containsExactly("check_interval_sec 5 9");
    assertThat(changed.getChanges(1).getFieldsList())
        .extracting(f -> f.getField() + " " + f.getOldValue() + " " + f.getNewValue())
        .containsExactly("backends[0].max_rate_per_endpoint 10.0 20.0", "timeout_sec 30 9");
    assertThat(said(changed)).contains("UNCHANGED urlMaps web").hasSize(5);

    assertThat(
            said(
                applyPruned(
                    "health_checks: [{name: global/healthChecks/web, tcp_health_check: {}}]")))
        .containsExactly(
            "DELETE forwardingRules web",
            "UPDATE healthChecks web",
            "DELETE targetHttpProxies web",
            "DELETE urlMaps web",
            "DELETE backendServices web");
    assertThat(resources()).isEqualTo(1);
    assertThat(said(applyPruned("{}"))).containsExactly("DELETE healthChecks web");
  }

  @Test
  void aListenerThatIsToGoMakesRoomForAnother() {
    apply(WEB);
    assertThat(said(applyPruned(WEB.replace("forwardingRules/web", "forwardingRules/next"))))
        .startsWith("DELETE forwardingRules web", "CREATE forwardingRules next");
  }

  @Test
  void backendsAreAddedRemovedAndReplaced() {
    apply(WEB);
    String two =
        WEB.replace(
            "    backends:\n",
            """
                backends:
                  - {group: zones/z/networkEndpointGroups/other, max_rate: 5, capacity_scaler: 0}
            """);
    assertThat(said(apply(two))).startsWith("UPDATE backendServices web");
    assertThat(said(apply(two))).noneMatch(s -> s.startsWith("UPDATE"));
    assertThat(said(apply(WEB))).startsWith("UPDATE backendServices web");
    assertThat(
            client
                .backendServices
                .getBackendService(
                    GetBackendServiceRequest.newBuilder()
                        .setName(project + "/global/backendServices/web")
                        .build())
                .getBackendsList())
        .extracting(Backend::getGroup)
        .containsExactly(project + "/zones/z/networkEndpointGroups/web");
  }

  /** The last resource is refused, and so nothing of the others is left. */
  @Test
  void aFailureInTheMiddleLeavesNothing() {
    Refusal.of(
            () ->
                apply(
                    WEB.replace(
                        "target: global/targetHttpProxies/web",
                        "target: global/targetHttpProxies/none")))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND")
        .saying("forwarding_rules[0].target");
    assertThat(events()).isZero();
    assertThat(resources()).isZero();
  }

  @Test
  void refusalsNameTheFieldWithinTheDocument() {
    assertThat(
            Refusal.of(() -> apply(WEB.replace("endpoint: 10", "endpoint: 10, capacity_scaler: 7")))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("backend_services[0].backends[0].capacity_scaler");
    assertThat(
            Refusal.of(
                    () ->
                        apply(WEB.replace("networkEndpointGroups/web", "networkEndpointGroups/no")))
                .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND")
                .subjects())
        .containsExactly("backend_services[0].backends[0].group");
    assertThat(
            Refusal.of(
                    () ->
                        apply(
                            "health_checks: [{name: web}, {name: projects/q/global/healthChecks/a}]"))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("health_checks[0].name", "health_checks[1].name");
    Refusal.of(() -> apply("health_checks:\n\t- name: web")).saying("line 2, column 1");
    apply(WEB);
    assertThat(
            Refusal.of(() -> apply(WEB.replace("endpoint: 10", "endpoint: 10, capacity_scaler: 7")))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("backend_services[0].backends[0].capacity_scaler");
    assertThat(
            Refusal.of(() -> apply(WEB.replace("port_range: 80", "port_range: 81")))
                .is(Code.INVALID_ARGUMENT, "IMMUTABLE_FIELD")
                .fields())
        .containsExactly("forwarding_rules[0].port_range");
    Refusal.of(() -> configurations.apply(ApplyRequest.newBuilder().setParent(project).build()))
        .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT");
    Refusal.of(() -> apply("# " + "x".repeat(1024 * 1024))).saying("1 MiB");
    Refusal.of(
            () ->
                apply(
                    "health_checks: ["
                        + IntStream.rangeClosed(0, 1_000)
                            .mapToObj("{name: global/healthChecks/h%d}"::formatted)
                            .collect(Collectors.joining(", "))
                        + "]"))
        .saying("at most 1000 resources, has 1001");
  }

  @Test
  void aRepeatedRequestIsAnsweredAsTheFirst() {
    ApplyRequest request = request(WEB).setRequestId(UUID.randomUUID().toString()).build();
    ApplyResponse first = configurations.apply(request);
    applyPruned("{}");
    assertThat(configurations.apply(request)).isEqualTo(first);
    assertThat(resources()).isZero();
    Refusal.of(() -> configurations.apply(request.toBuilder().setPrune(true).build()))
        .is(Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED");
  }

  /** Each wants its own and nothing else: the end is what one of them wants, never both or half. */
  @Test
  void ofTwoAtOnceOneComesAfterTheOther() throws Exception {
    String other = WEB.replace("/web", "/other");
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 5; round++) {
        List<Callable<ApplyResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          String document = i % 2 == 0 ? WEB : other;
          calls.add(() -> applyPruned(document));
        }
        for (Future<ApplyResponse> call : threads.invokeAll(calls)) {
          call.get();
        }
        assertThat(resources()).isEqualTo(5);
        long unchanged =
            List.of(WEB, other).stream()
                .map(d -> configurations.apply(request(d).setPrune(true).setDryRun(true).build()))
                .filter(
                    r ->
                        r.getChangesList().stream()
                            .allMatch(c -> c.getAction() == Action.UNCHANGED))
                .count();
        assertThat(unchanged).isEqualTo(1);
      }
    }
  }

  /** A group may be fenced and a check deleted while configurations that use them are applied. */
  @Test
  void deletingWhatAConfigurationUsesAndApplyingItExcludeEachOther() throws Exception {
    apply("health_checks: [{name: global/healthChecks/shared, http_health_check: {}}]");
    try (var threads = Executors.newFixedThreadPool(8)) {
      List<Callable<String>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String document =
            "backend_services: [{name: global/backendServices/s%d, health_checks: [global/healthChecks/shared]}]"
                .formatted(i);
        calls.add(
            () -> {
              try {
                return said(apply(document)).getFirst();
              } catch (StatusRuntimeException e) {
                return e.getStatus().getCode().name();
              }
            });
      }
      calls.add(
          () -> {
            try {
              client.healthChecks.deleteHealthCheck(
                  DeleteHealthCheckRequest.newBuilder()
                      .setName(project + "/global/healthChecks/shared")
                      .build());
              return "deleted";
            } catch (StatusRuntimeException e) {
              return e.getStatus().getCode().name();
            }
          });
      for (Future<String> call : threads.invokeAll(calls)) {
        assertThat(call.get()).matches("CREATE backendServices s\\d|FAILED_PRECONDITION|deleted");
      }
    }
    assertThat(
            jdbi.<Long, RuntimeException>withHandle(
                h ->
                    h.createQuery(
                            """
                            SELECT count(*) FROM reference r
                            WHERE NOT EXISTS (SELECT FROM resource WHERE name = r.used_name)
                            """)
                        .mapTo(Long.class)
                        .one()))
        .isZero();
  }

  /** As many as there may be: 200 load balancers of five resources. */
  @Test
  void aThousandResourcesAreMadeAtOnce() {
    Configuration.Builder all = Configuration.newBuilder();
    for (int i = 0; i < 200; i++) {
      all.addHealthChecksBuilder()
          .setName("global/healthChecks/h" + i)
          .setTcpHealthCheck(TcpHealthCheck.getDefaultInstance());
      all.addBackendServicesBuilder()
          .setName("global/backendServices/s" + i)
          .addHealthChecks("global/healthChecks/h" + i)
          .addBackends(
              Backend.newBuilder().setGroup("zones/z/networkEndpointGroups/web").setMaxRate(10));
      all.addUrlMapsBuilder()
          .setName("global/urlMaps/m" + i)
          .setDefaultService("global/backendServices/s" + i);
      all.addTargetHttpProxiesBuilder()
          .setName("global/targetHttpProxies/p" + i)
          .setUrlMap("global/urlMaps/m" + i);
      all.addForwardingRulesBuilder()
          .setName("global/forwardingRules/r" + i)
          .setIpAddress("10.4.0." + (i + 1))
          .setPortRange("80")
          .setTarget("global/targetHttpProxies/p" + i);
    }
    ApplyRequest request =
        ApplyRequest.newBuilder().setParent(project).setConfiguration(all).build();
    long begin = System.nanoTime();
    assertThat(configurations.apply(request).getChangeTokensList()).hasSize(1_000);
    long made = System.nanoTime();
    assertThat(configurations.apply(request).getChangesList())
        .hasSize(1_000)
        .allMatch(change -> change.getAction() == Action.UNCHANGED);
    System.out.printf(
        "1,000 resources: made in %d ms, found unchanged in %d ms%n",
        (made - begin) / 1_000_000, (System.nanoTime() - made) / 1_000_000);
  }

  /** What was planned happens; what happened is there; and once more nothing happens. */
  @Test
  void randomConfigurationsBecomeWhatTheySay() throws Exception {
    Random random = new Random(11);
    for (int run = 0; run < 25; run++) {
      Configuration wanted = random(random);
      ApplyRequest.Builder request =
          run % 2 == 0
              ? ApplyRequest.newBuilder().setParent(project).setConfiguration(wanted)
              : request(JsonFormat.printer().print(wanted));
      request.setPrune(true);
      List<Change> planned =
          configurations.apply(request.clone().setDryRun(true).build()).getChangesList();
      assertThat(configurations.apply(request.build()).getChangesList()).isEqualTo(planned);
      assertThat(resources())
          .isEqualTo(
              wanted.getHealthChecksCount()
                  + wanted.getBackendServicesCount()
                  + wanted.getUrlMapsCount()
                  + wanted.getTargetHttpProxiesCount()
                  + wanted.getForwardingRulesCount());
      long events = events();
      assertThat(configurations.apply(request.build()).getChangesList())
          .allMatch(change -> change.getAction() == Action.UNCHANGED);
      assertThat(events()).isEqualTo(events);
    }
    List<String> live = rows();
    Rebuild.inline(jdbi, store, view);
    assertThat(rows()).isEqualTo(live);
  }

  private List<String> rows() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT name || version || md5(content) FROM resource
                    UNION ALL SELECT user_name || '>' || used_name FROM reference ORDER BY 1
                    """)
                .mapTo(String.class)
                .list());
  }

  /** Checks, services, maps, proxies and rules that refer to each other at random. */
  private static Configuration random(Random random) {
    Configuration.Builder all = Configuration.newBuilder();
    int checks = 1 + random.nextInt(3);
    int services = 1 + random.nextInt(3);
    int maps = 1 + random.nextInt(3);
    int proxies = random.nextInt(4);
    for (int i = 0; i < checks; i++) {
      all.addHealthChecks(
          HealthCheck.newBuilder()
              .setName("global/healthChecks/h" + i)
              .setCheckIntervalSec(5 + random.nextInt(3))
              .setTcpHealthCheck(TcpHealthCheck.newBuilder().setPort(80 + random.nextInt(2))));
    }
    for (int i = 0; i < services; i++) {
      BackendService.Builder service =
          BackendService.newBuilder().setName("global/backendServices/s" + i);
      for (String group : List.of("web", "other")) {
        if (random.nextBoolean()) {
          service.addBackends(
              Backend.newBuilder()
                  .setGroup("zones/z/networkEndpointGroups/" + group)
                  .setMaxRate(1 + random.nextInt(3)));
        }
      }
      all.addBackendServices(service.addHealthChecks("global/healthChecks/h0"));
    }
    for (int i = 0; i < maps; i++) {
      UrlMap.Builder map = UrlMap.newBuilder().setName("global/urlMaps/m" + i);
      map.setDefaultService("global/backendServices/s" + random.nextInt(services));
      if (random.nextBoolean()) {
        map.addHostRulesBuilder().addHosts("a.example.com").setPathMatcher("a");
        map.addPathMatchers(
            PathMatcher.newBuilder()
                .setName("a")
                .setDefaultService("global/backendServices/s" + random.nextInt(services)));
      }
      all.addUrlMaps(map);
    }
    for (int i = 0; i < proxies; i++) {
      all.addTargetHttpProxies(
          TargetHttpProxy.newBuilder()
              .setName("global/targetHttpProxies/p" + i)
              .setUrlMap("global/urlMaps/m" + random.nextInt(maps)));
      all.addForwardingRules(
          ForwardingRule.newBuilder()
              .setName("global/forwardingRules/r" + i)
              .setIpAddress("10.3.0." + (i + 1))
              .setPortRange("80")
              .setTarget("global/targetHttpProxies/p" + random.nextInt(i + 1)));
    }
    return all.build();
  }
}
