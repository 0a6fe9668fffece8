package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.AddBackendRequest;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.backend.v1.CreateHealthCheckRequest;
import io.openneg.backend.v1.DeleteBackendServiceRequest;
import io.openneg.backend.v1.DeleteForwardingRuleRequest;
import io.openneg.backend.v1.DeleteHealthCheckRequest;
import io.openneg.backend.v1.DeleteTargetHttpProxyRequest;
import io.openneg.backend.v1.DeleteUrlMapRequest;
import io.openneg.backend.v1.FenceGroupRequest;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.GetBackendServiceRequest;
import io.openneg.backend.v1.HealthCheck;
import io.openneg.backend.v1.HttpHealthCheck;
import io.openneg.backend.v1.ListHealthChecksRequest;
import io.openneg.backend.v1.RemoveBackendRequest;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.openneg.eventlog.v1.ListEventsRequest;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
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

/** The API over a real channel, on a real database. */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus and JUnit set the fields
class BackendServiceIT {
  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.neg-service")
  String negService;

  @Inject Jdbi jdbi;
  @Inject EventStore store;
  @Inject ResourceView view;

  private FakeNegService negs;
  private BackendClient client;

  @BeforeEach
  void connect() throws Exception {
    negs =
        FakeNegService.start(Integer.parseInt(negService.substring(negService.indexOf(':') + 1)));
    client = new BackendClient(service, "p-" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void disconnect() {
    client.close();
    negs.close();
  }

  @Test
  void theWholeChainIsCreatedAndDeletedFromItsEndOnly() {
    String neg = negs.with(client.neg("web"), 7);
    String check = client.createHealthCheck("hc").getName();
    BackendService web = client.createBackendService("web", check, neg);
    assertThat(web.getBackendsList()).hasSize(1);
    assertThat(web.getChangeToken()).isEqualTo(web.getName() + "@2");
    assertThat(
            client.backendServices.getBackendService(
                GetBackendServiceRequest.newBuilder().setName(web.getName()).build()))
        .isEqualTo(web);
    String map = client.createUrlMap("map", web.getName()).getName();
    String proxy = client.createProxy("proxy", map).getName();
    ForwardingRule rule = client.createRule("rule", "10.1.0.1", 80, proxy);
    assertThat(rule.getPortRange()).isEqualTo("80-80");

    refusedAsUsedBy(web.getName(), () -> deleteHealthCheck(check));
    refusedAsUsedBy(map, () -> deleteBackendService(web.getName()));
    refusedAsUsedBy(proxy, () -> deleteUrlMap(map));
    refusedAsUsedBy(rule.getName(), () -> deleteProxy(proxy));
    deleteRule(rule.getName());
    deleteProxy(proxy);
    deleteUrlMap(map);
    deleteBackendService(web.getName());
    deleteHealthCheck(check);
    Refusal.of(() -> deleteHealthCheck(check)).is(Code.NOT_FOUND, "NOT_FOUND");
  }

  private static void refusedAsUsedBy(String user, Runnable delete) {
    assertThat(
            Refusal.of(delete::run)
                .is(Code.FAILED_PRECONDITION, "RESOURCE_IN_USE")
                .saying(user)
                .subjects())
        .containsExactly(user);
  }

  @Test
  void anInstanceGroupIsUsedAndFencedAsANetworkEndpointGroupIs() {
    String group = client.neg("ig").replace("networkEndpointGroups", "instanceGroups");
    Backend backend = Backend.newBuilder().setGroup(group).build();
    BackendService web =
        client.createBackendService("web", client.createHealthCheck("hc").getName());
    AddBackendRequest add =
        AddBackendRequest.newBuilder().setName(web.getName()).setBackend(backend).build();
    Refusal.of(() -> client.backendServices.addBackend(add))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND");
    negs.with(group, 9);
    assertThat(client.backendServices.addBackend(add).getBackends(0).getBalancingMode())
        .isEqualTo(BalancingMode.UTILIZATION);
    assertThat(fence(group, 9)).containsExactly(web.getName());
    var _ =
        client.backendServices.removeBackend(
            RemoveBackendRequest.newBuilder().setName(web.getName()).setGroup(group).build());
    assertThat(fence(group, 9)).isEmpty();
    Refusal.of(() -> client.backendServices.addBackend(add))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_BEING_DELETED");
  }

  @Test
  void aRefusalNamesEveryBadField() {
    assertThat(
            Refusal.of(
                    () ->
                        client.healthChecks.createHealthCheck(
                            CreateHealthCheckRequest.newBuilder()
                                .setParent(client.parent)
                                .setHealthCheckId("hc")
                                .setHealthCheck(HealthCheck.newBuilder().setTimeoutSec(0))
                                .build()))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("health_check.timeout_sec", "health_check");
    assertThat(
            Refusal.of(() -> client.createHealthCheck("-"))
                .is(Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
                .fields())
        .containsExactly("health_check_id");
  }

  @Test
  void theSameRequestIdIsAnsweredAlikeAndDoneOnce() {
    var request =
        CreateHealthCheckRequest.newBuilder()
            .setParent(client.parent)
            .setHealthCheckId("hc")
            .setHealthCheck(
                HealthCheck.newBuilder().setHttpHealthCheck(HttpHealthCheck.getDefaultInstance()))
            .setRequestId(UUID.randomUUID().toString());
    HealthCheck first = client.healthChecks.createHealthCheck(request.build());

    assertThat(client.healthChecks.createHealthCheck(request.build())).isEqualTo(first);
    Refusal.of(
            () -> client.healthChecks.createHealthCheck(request.setHealthCheckId("other").build()))
        .is(Code.INVALID_ARGUMENT, "REQUEST_ID_REUSED");
  }

  @Test
  void whoChangedWhatIsTold() {
    String name = client.createHealthCheck("hc").getName();
    var events = client.events.listEvents(ListEventsRequest.newBuilder().setResource(name).build());
    assertThat(events.getEventsList())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getType()).isEqualTo("openneg.backend.v1.HealthCheckCreated");
              assertThat(event.getActor()).isEqualTo("anonymous");
              assertThat(event.getPayload()).contains("\"name\":\"" + name + "\"");
            });
  }

  @Test
  void listsGoPageByPage() {
    for (int i = 0; i < 5; i++) {
      client.createHealthCheck("hc-" + i);
    }
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      var page =
          client.healthChecks.listHealthChecks(
              ListHealthChecksRequest.newBuilder()
                  .setParent(client.parent)
                  .setPageSize(2)
                  .setPageToken(token)
                  .build());
      page.getHealthChecksList().forEach(check -> names.add(check.getName()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertThat(names).hasSize(5).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void oneGroupServesSeveralBackendServices() {
    String neg = negs.with(client.neg("web"), 7);
    String check = client.createHealthCheck("hc").getName();

    assertThat(client.createBackendService("one", check, neg).getBackends(0).getGroup())
        .isEqualTo(client.createBackendService("two", check, neg).getBackends(0).getGroup());
  }

  @Test
  void aGroupThatDoesNotExistIsRefusedAndAnUnreachableNegServiceIsSaid() {
    String check = client.createHealthCheck("hc").getName();
    Refusal.of(() -> client.createBackendService("web", check, client.neg("gone")))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_NOT_FOUND")
        .saying("backend_service.backends[0].group");
    negs.close();
    Refusal.of(() -> client.createBackendService("web", check, client.neg("unknown")))
        .is(Code.UNAVAILABLE, "NEG_SERVICE_UNAVAILABLE");
  }

  @Test
  void aFencedGroupIsRefusedAndAnotherOfTheSameNameIsNot() {
    String neg = negs.with(client.neg("web"), 1);
    String check = client.createHealthCheck("hc").getName();
    assertThat(fence(neg, 1)).isEmpty();
    Refusal.of(() -> client.createBackendService("web", check, neg))
        .is(Code.FAILED_PRECONDITION, "REFERENCE_BEING_DELETED");

    negs.with(neg, 2);
    BackendService web = client.createBackendService("web", check, neg);

    assertThat(fence(neg, 2)).containsExactly(web.getName());
    assertThat(fence(neg, 1)).isEmpty();
  }

  @Test
  void addingABackendAndFencingItsGroupNeverBothSucceed() throws Exception {
    String check = client.createHealthCheck("hc").getName();
    String web = client.createBackendService("web", check).getName();
    for (long round = 0; round < 100; round++) {
      long id = round + 1;
      String neg = negs.with(client.neg("neg-" + round), id);
      List<Boolean> done =
          atOnce(
              () -> {
                var _ =
                    client.backendServices.addBackend(
                        AddBackendRequest.newBuilder()
                            .setName(web)
                            .setBackend(BackendClient.backend(neg))
                            .build());
                return true;
              },
              () -> fence(neg, id).isEmpty());
      assertThat(done).as("round " + round).containsOnlyOnce(true);
      // Room for the next one: a service has at most 50.
      if (done.getFirst()) {
        var _ =
            client.backendServices.removeBackend(
                io.openneg.backend.v1.RemoveBackendRequest.newBuilder()
                    .setName(web)
                    .setGroup(neg)
                    .build());
      }
    }
  }

  @Test
  void usingAndDeletingNeverLeaveADanglingReference() throws Exception {
    List<Callable<Boolean>> clients = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int number = i;
      clients.add(
          () -> {
            for (int round = 0; round < 15; round++) {
              String check = client.parent + "/healthChecks/shared";
              attempt(() -> client.createHealthCheck("shared"));
              attempt(() -> client.createBackendService("web-" + number, check));
              attempt(() -> deleteHealthCheck(check));
              attempt(() -> deleteBackendService(client.parent + "/backendServices/web-" + number));
            }
            return true;
          });
    }
    assertThat(atOnce(clients)).containsOnly(true);
    List<String> dangling =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT r.user_name FROM reference r
                        WHERE NOT EXISTS (SELECT 1 FROM resource WHERE name = r.used_name)
                           OR NOT EXISTS (SELECT 1 FROM resource WHERE name = r.user_name)
                        """)
                    .mapTo(String.class)
                    .list());
    assertThat(dangling).isEmpty();
    rebuiltTablesAreTheSame();
  }

  @Test
  void twoRulesNeverListenOnOneAddressAndPort() throws Exception {
    String check = client.createHealthCheck("hc").getName();
    String web = client.createBackendService("web", check).getName();
    String proxy = client.createProxy("proxy", client.createUrlMap("map", web).getName()).getName();
    for (int round = 0; round < 20; round++) {
      int port = 2000 + round;
      String id = "r" + round;
      assertThat(
              atOnce(
                  () -> created(() -> client.createRule(id + "-all", "0.0.0.0", port, proxy)),
                  () -> created(() -> client.createRule(id + "-one", "10.9.0.1", port, proxy))))
          .containsOnlyOnce(true);
    }
    client.createRule("first", "10.9.0.1", 3000, proxy);
    client.createRule("second", "10.9.0.2", 3000, proxy);
    Refusal.of(() -> client.createRule("third", "0.0.0.0", 3000, proxy))
        .is(Code.FAILED_PRECONDITION, "ADDRESS_IN_USE");
  }

  @Test
  void aRebuildFromTheEventsGivesTheSameTables() {
    String neg = negs.with(client.neg("web"), 7);
    String check = client.createHealthCheck("hc").getName();
    String web = client.createBackendService("web", check, neg).getName();
    String map = client.createUrlMap("map", web).getName();
    client.createRule("rule", "10.2.0.1", 80, client.createProxy("proxy", map).getName());
    String other = negs.with(client.neg("other"), 8);
    var added =
        client.backendServices.addBackend(
            AddBackendRequest.newBuilder()
                .setName(web)
                .setBackend(BackendClient.backend(other))
                .build());
    assertThat(added.getBackendsList()).hasSize(2);
    var removed =
        client.backendServices.removeBackend(
            io.openneg.backend.v1.RemoveBackendRequest.newBuilder()
                .setName(web)
                .setGroup(other)
                .build());
    assertThat(removed.getBackendsList()).hasSize(1);
    // A replay passes through a reference to a group that is fenced by now.
    assertThat(fence(other, 8)).isEmpty();

    rebuiltTablesAreTheSame();
  }

  private void rebuiltTablesAreTheSame() {
    List<String> live = tables();
    Rebuild.inline(jdbi, store, view);
    assertThat(tables()).isEqualTo(live);
  }

  private List<String> tables() {
    List<String> rows = new ArrayList<>();
    for (String table : List.of("resource", "reference", "listening", "group_reference")) {
      rows.addAll(
          jdbi.withHandle(
              handle ->
                  handle
                      .createQuery("SELECT '" + table + "' || t::text FROM " + table + " t")
                      .mapTo(String.class)
                      .list()));
    }
    rows.sort(null);
    return rows;
  }

  private List<String> fence(String neg, long id) {
    return client
        .negReferences
        .fenceGroup(FenceGroupRequest.newBuilder().setName(neg).setId(id).build())
        .getUsersList();
  }

  /** Refusals are expected; anything else is not. */
  private static void attempt(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode())
          .as(e.toString())
          .isIn(Code.ALREADY_EXISTS, Code.NOT_FOUND, Code.FAILED_PRECONDITION);
    }
  }

  private static boolean created(Runnable call) {
    try {
      call.run();
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(Code.FAILED_PRECONDITION);
      return false;
    }
  }

  private static List<Boolean> atOnce(Callable<Boolean> one, Callable<Boolean> other)
      throws Exception {
    return atOnce(List.of(one, other));
  }

  /** Runs all at the same time; one that is refused counts as false. */
  private static List<Boolean> atOnce(List<Callable<Boolean>> calls) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Boolean> results = new ArrayList<>();
      for (Future<Boolean> result :
          threads.invokeAll(
              calls.stream()
                  .<Callable<Boolean>>map(
                      call ->
                          () -> {
                            try {
                              return call.call();
                            } catch (StatusRuntimeException e) {
                              assertThat(e.getStatus().getCode())
                                  .as(e.toString())
                                  .isEqualTo(Code.FAILED_PRECONDITION);
                              return false;
                            }
                          })
                  .toList())) {
        results.add(result.get());
      }
      return results;
    }
  }

  private void deleteHealthCheck(String name) {
    var _ =
        client.healthChecks.deleteHealthCheck(
            DeleteHealthCheckRequest.newBuilder().setName(name).build());
  }

  private void deleteBackendService(String name) {
    var _ =
        client.backendServices.deleteBackendService(
            DeleteBackendServiceRequest.newBuilder().setName(name).build());
  }

  private void deleteUrlMap(String name) {
    var _ = client.urlMaps.deleteUrlMap(DeleteUrlMapRequest.newBuilder().setName(name).build());
  }

  private void deleteProxy(String name) {
    var _ =
        client.proxies.deleteTargetHttpProxy(
            DeleteTargetHttpProxyRequest.newBuilder().setName(name).build());
  }

  private void deleteRule(String name) {
    var _ =
        client.rules.deleteForwardingRule(
            DeleteForwardingRuleRequest.newBuilder().setName(name).build());
  }
}
