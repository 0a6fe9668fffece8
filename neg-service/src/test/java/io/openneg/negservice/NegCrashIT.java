package io.openneg.negservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.PackagedService;
import io.openneg.embedded.TestServers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The packaged service as a process, killed where it hurts. */
class NegCrashIT {
  private static final String USER = "projects/p/global/backendServices/web";

  @Test
  void aDeletionCutShortByACrashIsCarriedThroughAfterTheRestart() throws Exception {
    Database database = TestServers.freshDatabase();
    int port = FreePorts.next();
    URI address = URI.create("http://127.0.0.1:" + port);
    CountDownLatch restarted = new CountDownLatch(1);
    try (FakeBackendService backends = FakeBackendService.start(0).answeringAfter(restarted);
        NegClient client = new NegClient(address, "crash")) {
      Map<String, String> settings =
          Map.of(
              "OPENNEG_BACKEND_SERVICE", "127.0.0.1:" + backends.port(),
              "OPENNEG_ZONES", "eu-west1 10.128.0.0/20: " + NegClient.ZONE);
      try (PackagedService first = PackagedService.start("neg-service", port, database, settings)) {
        for (String id : List.of("free", "used")) {
          client.create(id);
          client.attach(id, "10.0.0.1");
          Thread.startVirtualThread(() -> deleteInVain(client, id));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> backends.asked().size() >= 2);
        first.kill();
      }

      backends.using(client.name("used"), USER);
      restarted.countDown();
      try (PackagedService _ = PackagedService.start("neg-service", port, database, settings)) {
        await().atMost(Duration.ofSeconds(60)).until(() -> isGone(client, "free"));
        await().atMost(Duration.ofSeconds(60)).until(() -> attaches(client, "used", "10.0.0.2"));
        assertThat(client.members("used", 0)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(client.create("free").getChangeToken())
            .as("created, attached, deletion started, deleted, created")
            .isEqualTo(client.name("free") + "@5");
      }
    }
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
