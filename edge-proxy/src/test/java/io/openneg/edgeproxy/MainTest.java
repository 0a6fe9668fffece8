package io.openneg.edgeproxy;

import static io.openneg.edgeproxy.config.ResourceType.CLUSTER;
import static io.openneg.edgeproxy.config.ResourceType.ENDPOINT;
import static io.openneg.edgeproxy.config.ResourceType.LISTENER;
import static io.openneg.edgeproxy.config.ResourceType.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.openneg.edgeproxy.config.ResourceType;
import io.openneg.edgeproxy.testing.Backend;
import io.openneg.edgeproxy.testing.ScriptedAds;
import io.openneg.edgeproxy.testing.Xds;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The process as it is started by scripts. */
@Timeout(60)
class MainTest {

  private static Process start(Map<String, String> environment) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("OPENNEG_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static String outputAtExit(Process process, int expectedCode) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(expectedCode);
    return output;
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    assertThat(outputAtExit(start(Map.of()), 2))
        .contains("openneg-edge-proxy: OPENNEG_NODE_ID: must be set");
  }

  @Test
  void namesATakenAdminPort() throws Exception {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process =
          start(
              Map.of(
                  "OPENNEG_NODE_ID", "edge-1",
                  "OPENNEG_XDS_SERVER", "127.0.0.1:" + holder.getLocalPort(),
                  "OPENNEG_ADMIN_PORT", "" + holder.getLocalPort()));
      assertThat(outputAtExit(process, 2))
          .contains("cannot listen on 127.0.0.1:" + holder.getLocalPort())
          .contains("OPENNEG_ADMIN_PORT")
          .contains("Address already in use");
    }
  }

  @Test
  void finishesRequestsWhenItIsTerminated() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch hold = new CountDownLatch(1);
    int port = ProxyUnderTest.freePort();
    int adminPort = ProxyUnderTest.freePort();
    try (ScriptedAds ads = new ScriptedAds();
        HttpClient client = HttpClient.newHttpClient();
        Backend slow =
            new Backend(
                exchange -> {
                  arrived.countDown();
                  try {
                    hold.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  Backend.answer(exchange, 200, "done");
                })) {
      Process process =
          start(
              Map.of(
                  "OPENNEG_NODE_ID", "edge-1",
                  "OPENNEG_XDS_SERVER", "127.0.0.1:" + ads.port(),
                  "OPENNEG_ADMIN_PORT", "" + adminPort));
      try {
        ads.awaitStream(1);
        send(ads, CLUSTER, Xds.cluster("c").build());
        send(ads, ENDPOINT, Xds.assignment("c", Xds.endpoint(slow.port())));
        send(ads, LISTENER, Xds.listener("l", port, "r"));
        send(ads, ROUTE, Xds.routes("r", "c"));
        await().until(() -> status(client, adminPort, "/ready") == 200);
        CompletableFuture<HttpResponse<String>> inFlight =
            client.sendAsync(request(port, "/"), HttpResponse.BodyHandlers.ofString());
        arrived.await();
        process.destroy();
        await().until(() -> status(client, port, "/") == -1);
        hold.countDown();
        assertThat(inFlight.join().body()).isEqualTo("done");
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static void send(ScriptedAds ads, ResourceType type, Message resource) {
    assertThat(ads.awaitAnswer(type, ads.send(type, "1", resource)).hasErrorDetail()).isFalse();
  }

  private static HttpRequest request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
  }

  /** The status, or -1 when nobody listens. */
  private static int status(HttpClient client, int port, String path) throws Exception {
    try {
      return client.send(request(port, path), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (ConnectException e) {
      return -1;
    }
  }
}
