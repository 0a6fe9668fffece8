package io.openneg.backendservice;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.ApplyRequest;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.ConfigurationsGrpc;
import io.openneg.backend.v1.DeleteBackendServiceRequest;
import io.openneg.backend.v1.DeleteForwardingRuleRequest;
import io.openneg.backend.v1.DeleteHealthCheckRequest;
import io.openneg.backend.v1.DeleteTargetHttpProxyRequest;
import io.openneg.backend.v1.DeleteUrlMapRequest;
import io.openneg.backend.v1.SetTargetRequest;
import io.openneg.backend.v1.SetUrlMapRequest;
import io.openneg.backend.v1.UpdateUrlMapRequest;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.BackendEventCodec;
import io.openneg.backendservice.resource.ResourceView;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Create, use, refuse to delete, unuse, delete, by 32 clients at once on the same few resources,
 * one by one and as documents: there is never a reference to what is not there, at the end of no
 * transaction of the log and in no row.
 */
@QuarkusTest
@WithTestResource(BackendServiceResource.class)
@SuppressWarnings("NullAway.Init") // Quarkus sets the fields
class ReferenceCyclesIT {
  private static final int CLIENTS = 32;
  private static final int STEPS = 60;
  private static final int CHAINS = 3;

  private static final String CHAIN =
      """
      health_checks: [{name: global/healthChecks/n%1$d, http_health_check: {}}]
      backend_services:
        - name: global/backendServices/n%1$d
          health_checks: [global/healthChecks/n%1$d]
          backends: [{group: zones/lab-a/networkEndpointGroups/web, max_rate_per_endpoint: 100}]
      url_maps: [{name: global/urlMaps/n%1$d, default_service: global/backendServices/n%1$d}]
      target_http_proxies: [{name: global/targetHttpProxies/n%1$d, url_map: global/urlMaps/n%1$d}]
      forwarding_rules:
        - name: global/forwardingRules/n%1$d
          ip_address: 10.20.0.%2$d
          port_range: 80
          target: global/targetHttpProxies/n%1$d
      """;

  @TestHTTPResource URI service;

  @ConfigProperty(name = "openneg.neg-service")
  String negService;

  @Inject Jdbi jdbi;
  @Inject EventStore store;
  @Inject ResourceView view;

  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();
  private BackendClient client;
  private ConfigurationsGrpc.ConfigurationsBlockingStub configurations;
  private String project;

  @Test
  void noReferenceEverDangles() throws Exception {
    String id = "p-" + UUID.randomUUID().toString().substring(0, 8);
    project = "projects/" + id;
    int port = Integer.parseInt(negService.substring(negService.indexOf(':') + 1));
    try (FakeNegService negs = FakeNegService.start(port)) {
      client = new BackendClient(service, id);
      configurations = ConfigurationsGrpc.newBlockingStub(client.channel());
      negs.with(client.neg("web"), 7);
      cycle();
      assertThat(answers).containsKeys("OK", "RESOURCE_IN_USE", "REFERENCE_NOT_FOUND");
      noRowDangles();
      assertThat(referencesAtTheEndOfTheLog()).isEqualTo(referencesInRows());
      List<String> live = rows();
      Rebuild.inline(jdbi, store, view);
      assertThat(rows()).isEqualTo(live);
      apply("{}", true);
      assertThat(rows()).noneMatch(row -> row.contains(project));
    } finally {
      client.close();
    }
  }

  private void cycle() throws Exception {
    List<Callable<Void>> clients = new ArrayList<>();
    for (int number = 0; number < CLIENTS; number++) {
      Random random = new Random(number);
      clients.add(
          () -> {
            for (int i = 0; i < STEPS; i++) {
              int chain = random.nextInt(CHAINS);
              int other = random.nextInt(CHAINS);
              int step = random.nextInt(14);
              attempt(() -> step(step, "n" + chain, "n" + other, chain));
            }
            return null;
          });
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> each : threads.invokeAll(clients)) {
        each.get();
      }
    }
  }

  private String name(String collection, String id) {
    return client.parent + "/" + collection + "/" + id;
  }

  private void step(int step, String id, String other, int chain) {
    switch (step) {
      case 0 -> client.createHealthCheck(id);
      case 1 -> client.createBackendService(id, name("healthChecks", other), client.neg("web"));
      case 2 -> client.createUrlMap(id, name("backendServices", other));
      case 3 -> client.createProxy(id, name("urlMaps", other));
      case 4 ->
          client.createRule(id, "10.20.0." + (chain + 1), 80, name("targetHttpProxies", other));
      case 5 ->
          client.healthChecks.deleteHealthCheck(
              DeleteHealthCheckRequest.newBuilder().setName(name("healthChecks", id)).build());
      case 6 ->
          client.backendServices.deleteBackendService(
              DeleteBackendServiceRequest.newBuilder()
                  .setName(name("backendServices", id))
                  .build());
      case 7 ->
          client.urlMaps.deleteUrlMap(
              DeleteUrlMapRequest.newBuilder().setName(name("urlMaps", id)).build());
      case 8 ->
          client.proxies.deleteTargetHttpProxy(
              DeleteTargetHttpProxyRequest.newBuilder()
                  .setName(name("targetHttpProxies", id))
                  .build());
      case 9 ->
          client.rules.deleteForwardingRule(
              DeleteForwardingRuleRequest.newBuilder()
                  .setName(name("forwardingRules", id))
                  .build());
      case 10 -> {
        client.urlMaps.updateUrlMap(
            UpdateUrlMapRequest.newBuilder()
                .setUrlMap(
                    UrlMap.newBuilder()
                        .setName(name("urlMaps", id))
                        .setDefaultService(name("backendServices", other)))
                .build());
        client.proxies.setUrlMap(
            SetUrlMapRequest.newBuilder()
                .setName(name("targetHttpProxies", id))
                .setUrlMap(name("urlMaps", other))
                .build());
      }
      case 11 ->
          client.rules.setTarget(
              SetTargetRequest.newBuilder()
                  .setName(name("forwardingRules", id))
                  .setTarget(name("targetHttpProxies", other))
                  .build());
      case 12 -> apply(CHAIN.formatted(chain, chain + 1), false);
      case 13 -> apply(CHAIN.formatted(chain, chain + 1), true);
      default -> throw new IllegalArgumentException("no step " + step);
    }
  }

  private void apply(String document, boolean prune) {
    var _ =
        configurations.apply(
            ApplyRequest.newBuilder()
                .setParent(project)
                .setDocument(document)
                .setPrune(prune)
                .build());
  }

  /** Refusals are expected; anything else is not. */
  private void attempt(Runnable step) {
    String answer = "OK";
    try {
      step.run();
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode())
          .as(e.toString())
          .isIn(
              Code.ALREADY_EXISTS, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.INVALID_ARGUMENT);
      answer = Refusal.of(e).reason();
    }
    answers.computeIfAbsent(answer, _ -> new LongAdder()).increment();
  }

  private void noRowDangles() {
    assertThat(
            strings(
                """
                SELECT r.user_name || ' uses ' || r.used_name FROM reference r
                WHERE NOT EXISTS (SELECT FROM resource WHERE name = r.used_name)
                   OR NOT EXISTS (SELECT FROM resource WHERE name = r.user_name)
                UNION ALL
                SELECT n.backend_service || ' uses ' || n.group_name
                FROM group_reference n JOIN group_fence f ON f.name = n.group_name AND f.id = n.group_id
                WHERE f.fenced
                """))
        .isEmpty();
  }

  private Set<String> referencesInRows() {
    return new TreeSet<>(
        strings(
            "SELECT user_name || ' uses ' || used_name FROM reference WHERE starts_with(user_name, '"
                + project
                + "/')"));
  }

  private List<String> rows() {
    return strings(
        """
        SELECT name || ' ' || version || ' ' || md5(content) FROM resource
        UNION ALL SELECT user_name || ' uses ' || used_name FROM reference
        UNION ALL SELECT rule || ' on ' || addresses::text FROM listening
        UNION ALL SELECT backend_service || ' uses ' || group_name FROM group_reference ORDER BY 1
        """);
  }

  private List<String> strings(String query) {
    return jdbi.withHandle(handle -> handle.createQuery(query).mapTo(String.class).list());
  }

  private record Logged(String txid, String stream, BackendEvent event) {}

  /** Goes through the log and looks for what dangles at the end of each transaction. */
  private Set<String> referencesAtTheEndOfTheLog() {
    List<Logged> log =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT txid::text AS tx, stream, payload FROM event
                        WHERE starts_with(stream, :project) ORDER BY txid, position, version
                        """)
                    .bind("project", project + "/")
                    .map(
                        (row, _) ->
                            new Logged(
                                row.getString("tx"),
                                row.getString("stream"),
                                new BackendEventCodec().decode(row.getBytes("payload"))))
                    .list());
    Map<String, Set<String>> used = new HashMap<>();
    for (int i = 0; i < log.size(); i++) {
      Logged logged = log.get(i);
      happen(used, logged);
      if (i + 1 == log.size() || !log.get(i + 1).txid().equals(logged.txid())) {
        used.forEach(
            (user, names) ->
                assertThat(used.keySet())
                    .as("used by %s after transaction %s", user, logged.txid())
                    .containsAll(names));
      }
    }
    Set<String> references = new TreeSet<>();
    used.forEach((user, names) -> names.forEach(name -> references.add(user + " uses " + name)));
    return references;
  }

  /** A naive model: whatever looks like a name in what was recorded is a reference. */
  private static void happen(Map<String, Set<String>> used, Logged logged) {
    String type = logged.event().getEventCase().name();
    if (type.endsWith("_DELETED")) {
      assertThat(used.remove(logged.stream())).as("deleted once").isNotNull();
      return;
    }
    Set<String> names = new TreeSet<>();
    names(logged.event(), names);
    names.remove(logged.stream());
    names.removeIf(name -> name.contains("/networkEndpointGroups/"));
    if (type.endsWith("_CREATED")) {
      assertThat(used.put(logged.stream(), names)).as("created once").isNull();
    } else if (!type.startsWith("BACKEND_") || type.startsWith("BACKEND_SERVICE_")) {
      // Else it is about groups.
      used.put(logged.stream(), names);
    }
  }

  private static void names(Message message, Set<String> into) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              List<?> values = field.isRepeated() ? (List<?>) value : List.of(value);
              for (Object each : values) {
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                  names((Message) each, into);
                } else if (each instanceof String text && text.startsWith("projects/")) {
                  into.add(text);
                }
              }
            });
  }
}
