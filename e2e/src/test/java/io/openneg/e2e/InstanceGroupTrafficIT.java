package io.openneg.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.grpc.StatusRuntimeException;
import io.openneg.backend.v1.GetBackendServiceHealthRequest;
import io.openneg.embedded.FreePorts;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthState;
import io.openneg.local.apply.ApplyCommand;
import io.openneg.local.apply.ApplyOptions;
import io.openneg.local.containers.Containers;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.neg.v1.AddInstancesRequest;
import io.openneg.neg.v1.CreateInstanceGroupRequest;
import io.openneg.neg.v1.DeleteInstanceGroupRequest;
import io.openneg.neg.v1.GetInstanceRequest;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.InstanceGroupsGrpc;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.RemoveInstancesRequest;
import io.openneg.neg.v1.SetNamedPortsRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Instance groups as backends: VMs that serve at their own addresses, at a port with a name. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere only 127.0.0.1 is loopback")
@SuppressWarnings("NullAway.Init") // JUnit sets the fields
class InstanceGroupTrafficIT {
  private static final String ZONE = "projects/vms/zones/lab-a";
  private static final String GROUP = ZONE + "/instanceGroups/web";
  private static final String CONFIGURATION =
      """
      health_checks:
        - name: global/healthChecks/ready
          check_interval_sec: 1
          timeout_sec: 1
          http_health_check: {port_specification: USE_SERVING_PORT}
      backend_services:
        - name: global/backendServices/web
          port_name: web
          log_config: {enable: true}
          health_checks: [global/healthChecks/ready]
          backends:
            - group: zones/lab-a/instanceGroups/web
              max_utilization: 0.5
      url_maps:
        - name: global/urlMaps/web
          default_service: global/backendServices/web
      target_http_proxies:
        - name: global/targetHttpProxies/web
          url_map: global/urlMaps/web
      forwarding_rules:
        - name: global/forwardingRules/web
          ip_address: 127.0.0.1
          port_range: $PORT
          target: global/targetHttpProxies/web
      """;

  @TempDir Path directory;

  private final LocalSystem system = TestSystem.shared();
  private final InstanceGroupsGrpc.InstanceGroupsBlockingStub groups =
      InstanceGroupsGrpc.newBlockingStub(system.channel(Component.NEG));
  private final List<HttpServer> servers = new ArrayList<>();
  private Containers vms;
  private HttpClient http;

  @BeforeEach
  void start() throws Exception {
    // For its VMs; their containers serve elsewhere.
    vms = Containers.start(system.api(), "projects/vms", "lab-a", FreePorts.next());
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  @AfterEach
  void stop() {
    http.close();
    servers.forEach(server -> server.stop(0));
    vms.close();
  }

  private String serve(String vm, int port) throws Exception {
    String ip =
        system
            .api()
            .instances()
            .getInstance(GetInstanceRequest.newBuilder().setName(ZONE + "/instances/" + vm).build())
            .getNetworkInterfaces(0)
            .getNetworkIp();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(ip), port), 0);
    byte[] body = (vm + ":" + port).getBytes(UTF_8);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    servers.add(server);
    return vm + ":" + port;
  }

  private void apply(String document) throws Exception {
    Path file = Files.writeString(directory.resolve("lb.yaml"), document);
    var said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, true, UTF_8);
    int exitCode =
        new ApplyCommand(system.api(), out, out)
            .run(new ApplyOptions(file.toString(), "vms", false, true, true));
    assertThat(exitCode).as(said.toString(UTF_8)).isZero();
  }

  private void namePorts(String name, int port) {
    var _ =
        groups.setNamedPorts(
            SetNamedPortsRequest.newBuilder()
                .setName(GROUP)
                .addNamedPorts(NamedPort.newBuilder().setName(name).setPort(port))
                .build());
  }

  private Set<String> answers(int port, int requests) {
    Set<String> seen = new TreeSet<>();
    for (int i = 0; i < requests; i++) {
      try {
        var request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
                .timeout(Duration.ofSeconds(5))
                .build();
        var answer = http.send(request, BodyHandlers.ofString());
        seen.add(answer.statusCode() == 200 ? answer.body() : "" + answer.statusCode());
      } catch (Exception e) {
        seen.add(e.getClass().getSimpleName());
      }
    }
    return seen;
  }

  private void awaitAnswers(int port, String... expected) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(answers(port, 20)).containsExactlyInAnyOrder(expected));
  }

  /** In one line of what the proxy wrote. */
  private void awaitLogged(String... parts) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(Files.readAllLines(system.logs().resolve("edge-proxy.log")))
                    .anyMatch(line -> List.of(parts).stream().allMatch(line::contains)));
  }

  @Test
  void trafficFollowsMembersAndPortNames() throws Exception {
    int listening = FreePorts.next();
    int first = FreePorts.next();
    int second = FreePorts.next();
    String one = serve("vm-1", first);
    String two = serve("vm-2", first);
    var _ =
        groups.createInstanceGroup(
            CreateInstanceGroupRequest.newBuilder()
                .setParent(ZONE)
                .setInstanceGroupId("web")
                .setInstanceGroup(
                    InstanceGroup.newBuilder()
                        .addNamedPorts(NamedPort.newBuilder().setName("web").setPort(first)))
                .build());
    apply(CONFIGURATION.replace("$PORT", Integer.toString(listening)));
    awaitAnswers(listening, "502");
    var _ =
        groups.addInstances(
            AddInstancesRequest.newBuilder()
                .setName(GROUP)
                .addInstances(ZONE + "/instances/vm-1")
                .addInstances(ZONE + "/instances/vm-2")
                .build());
    awaitAnswers(listening, one, two);
    assertThat(
            system
                .api()
                .backendServices()
                .getHealth(
                    GetBackendServiceHealthRequest.newBuilder()
                        .setName("projects/vms/global/backendServices/web")
                        .build())
                .getEndpointHealthList())
        .extracting(EndpointHealth::getState)
        .containsExactly(HealthState.HEALTHY, HealthState.HEALTHY);

    awaitLogged(
        "\"backend_service\":\"projects/vms/global/backendServices/web\"", "\"status\":200");

    String moved = serve("vm-1", second);
    namePorts("web", second);
    awaitAnswers(listening, moved);
    var _ =
        groups.removeInstances(
            RemoveInstancesRequest.newBuilder()
                .setName(GROUP)
                .addInstances(ZONE + "/instances/vm-1")
                .build());
    awaitAnswers(listening, "502");

    DeleteInstanceGroupRequest delete =
        DeleteInstanceGroupRequest.newBuilder().setName(GROUP).build();
    assertThatThrownBy(() -> groups.deleteInstanceGroup(delete))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("is used by projects/vms/global/backendServices/web");
    apply("{}");
    assertThat(groups.deleteInstanceGroup(delete).getChangeToken()).startsWith(GROUP + "@");
  }
}
