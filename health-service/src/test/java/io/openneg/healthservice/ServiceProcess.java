package io.openneg.healthservice;

import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.health.v1.GetHealthRequest;
import io.openneg.health.v1.GetHealthResponse;
import io.openneg.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** health-service as it is shipped, in a process of its own. */
final class ServiceProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final int port = FreePorts.next();
  private final ChildProcess process;
  private final ManagedChannel channel;

  private ServiceProcess(Database database, String kafka, Path directory) {
    this.process =
        ChildProcess.start(
            new ChildProcess.Command(
                "health-service",
                List.of(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-jar",
                    Path.of("target/quarkus-app/quarkus-run.jar").toAbsolutePath().toString()),
                Map.of(
                    "OPENNEG_PORT", Integer.toString(port),
                    "OPENNEG_DATABASE_URL", database.jdbcUrl(),
                    "OPENNEG_DATABASE_USER", database.user(),
                    "OPENNEG_DATABASE_PASSWORD", database.password(),
                    "OPENNEG_KAFKA_BOOTSTRAP", kafka),
                directory.resolve("health-service-" + port + ".log"),
                directory.resolve("health-service-" + port + ".pid")));
    this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** Starts it and waits until it is ready. */
  static ServiceProcess start(Database database, String kafka, Path directory) {
    ServiceProcess service = new ServiceProcess(database, kafka, directory);
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .until(() -> !service.process.isAlive() || service.ready().startsWith("200 "));
      if (!service.process.isAlive()) {
        throw new AssertionError(service.process.lastLogLines(50));
      }
      return service;
    } catch (RuntimeException | AssertionError e) {
      System.err.println("see " + service.process.logFile());
      service.close();
      throw e;
    }
  }

  /** Status and body of the readiness check; "" when nobody answers. */
  String ready() throws InterruptedException {
    try {
      HttpResponse<String> answer =
          HTTP.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:%d/q/health/ready".formatted(port)))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    } catch (IOException _) {
      return "";
    }
  }

  GetHealthResponse getHealth(String service, String group) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(Duration.ofSeconds(10))
        .withWaitForReady()
        .getHealth(
            GetHealthRequest.newBuilder().setBackendService(service).setGroup(group).build());
  }

  /** SIGKILL. */
  void kill() {
    process.kill();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    process.terminate();
    if (!process.awaitExit(Duration.ofSeconds(10))) {
      process.kill();
    }
  }
}
