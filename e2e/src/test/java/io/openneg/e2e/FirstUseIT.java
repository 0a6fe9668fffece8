package io.openneg.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows first works as it stands there. */
class FirstUseIT {
  private static final Pattern GRPCURL =
      Pattern.compile("grpcurl -plaintext -d '([^']+)' localhost:(\\d+) ([\\w.]+)/(\\w+)");
  private static final Map<String, Component> BY_DEFAULT_PORT =
      Map.of(
          "8101", Component.NEG,
          "8102", Component.BACKEND,
          "8103", Component.HEALTH,
          "8104", Component.PROXY_CONFIG);

  @Test
  void everyCallOfTheReadmeIsAnswered() throws Exception {
    LocalSystem system = TestSystem.shared();
    List<MatchResult> calls =
        GRPCURL.matcher(Files.readString(Path.of("..", "README.md"))).results().toList();
    assertThat(calls).hasSizeGreaterThanOrEqualTo(2);
    List<String> answers = new ArrayList<>();
    for (MatchResult call : calls) {
      answers.add(call(system, call));
    }
    assertThat(answers)
        .allMatch(answer -> answer.contains("projects/demo/zones/lab-a/networkEndpointGroups/web"));
    // The explanation, asked at once, may be that nothing of the group has arrived yet.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> call(system, calls.getLast()).contains("no backend service has the group"));
  }

  private static String call(LocalSystem system, MatchResult call) throws Exception {
    Component component = requireNonNull(BY_DEFAULT_PORT.get(call.group(2)), call.group());
    try (ReflectedApi api = new ReflectedApi(system.ports().address(component))) {
      return api.call(call.group(3), call.group(4), call.group(1));
    }
  }

  @Test
  void everyServiceTellsWhatItServes() {
    LocalSystem system = TestSystem.shared();
    Map<Component, String> expected =
        Map.of(
            Component.NEG, "openneg.neg.v1.NetworkEndpointGroups",
            Component.BACKEND, "openneg.backend.v1.UrlMaps",
            Component.HEALTH, "openneg.health.v1.Health",
            Component.PROXY_CONFIG, "openneg.proxyconfig.v1.ProxyConfig");
    expected.forEach(
        (component, service) -> {
          try (ReflectedApi api = new ReflectedApi(system.ports().address(component))) {
            assertThat(api.services()).contains(service, "grpc.health.v1.Health");
          }
        });
  }
}
