package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TemporaryDirectory;
import io.openneg.embedded.TestServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The packaged service as a process, killed where it hurts. */
class NegCrashIT {
  private static final Path PROGRAM = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final String USER = "projects/p/global/backendServices/web";

  @Test
  void aDeletionCutShortByACrashIsCarriedThroughAfterTheRestart() throws Exception {
    assertThat(PROGRAM).as("packaged before integration tests run").exists();
    Database database = TestServers.freshDatabase();
    int port = FreePorts.next();
    URI address = URI.create("http://127.0.0.1:" + port);
    CountDownLatch restarted = new CountDownLatch(1);
    try (TemporaryDirectory logs = TemporaryDirectory.create("neg-crash");
        FakeBackendService backends = FakeBackendService.start(0).answeringAfter(restarted);
        NegClient client = new NegClient(address, "crash")) {
      Map<String, String> environment =
          Map.of(
              "OPENNEG_PORT", Integer.toString(port),
              "OPENNEG_DATABASE_URL", database.jdbcUrl(),
              "OPENNEG_DATABASE_USER", database.user(),
              "OPENNEG_DATABASE_PASSWORD", database.password(),
              "OPENNEG_KAFKA_BOOTSTRAP", TestServers.kafkaBootstrap(),
              "OPENNEG_BACKEND_SERVICE", "127.0.0.1:" + backends.port());
      ChildProcess first = start(environment, logs.path(), address);
      try {
        for (String id : List.of("free", "used")) {
          client.create(id);
          client.attach(id, "10.0.0.1");
          Thread.startVirtualThread(() -> deleteInVain(client, id));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> backends.asked().size() >= 2);
      } finally {
        first.kill();
      }
      assertThat(first.awaitExit(Duration.ofSeconds(10))).isTrue();

      backends.using(client.name("used"), USER);
      restarted.countDown();
      ChildProcess second = start(environment, logs.path(), address);
      try {
        await().atMost(Duration.ofSeconds(60)).until(() -> isGone(client, "free"));
        await().atMost(Duration.ofSeconds(60)).until(() -> attaches(client, "used", "10.0.0.2"));
        assertThat(client.members("used", 0)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(client.create("free").getChangeToken())
            .as("created, attached, deletion started, deleted, created")
            .isEqualTo(client.name("free") + "@5");
      } finally {
        second.kill();
      }
    }
  }

  private static ChildProcess start(Map<String, String> environment, Path logs, URI address)
      throws IOException {
    Path log = Files.createTempFile(logs, "neg-service", ".log");
    ChildProcess process =
        ChildProcess.start(
            new ChildProcess.Command(
                "neg-service",
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-jar",
                    PROGRAM.toString()),
                environment,
                log,
                Path.of(log + ".pid")));
    try (HttpClient http = HttpClient.newHttpClient()) {
      await()
          .atMost(Duration.ofMinutes(2))
          .failFast(
              () ->
                  assertThat(process.isAlive())
                      .as(String.join("\n", process.lastLogLines(20)))
                      .isTrue())
          .ignoreExceptions()
          .until(() -> isReady(http, address));
    }
    return process;
  }

  private static boolean isReady(HttpClient http, URI address)
      throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address.resolve("/q/health/ready")).build();
    return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
  }

  /** The crash is to come while its caller waits. */
  private static void deleteInVain(NegClient client, String id) {
    try {
      client.delete(id);
    } catch (StatusRuntimeException expected) {
      assertThat(expected.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
    }
  }

  private static boolean isGone(NegClient client, String id) {
    try {
      client.get(id);
      return false;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Code.NOT_FOUND;
    }
  }

  private static boolean attaches(NegClient client, String id, String ip) {
    try {
      client.attach(id, ip);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }
}
