package io.openneg.embedded;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A service as it is shipped, in a process of its own, for the tests of its module: what was
 * packaged is what is tested, and it can be killed. Thread-safe.
 */
public final class PackagedService implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Path PROGRAM = Path.of("target", "quarkus-app", "quarkus-run.jar");
  private static final Duration START = Duration.ofMinutes(2);

  private final int port;
  private final ChildProcess process;

  private PackagedService(int port, ChildProcess process) {
    this.port = port;
    this.process = process;
  }

  /**
   * Starts the service that the current module has packaged, on a database and the Kafka of {@link
   * TestServers}, and waits until it is ready. It logs below {@code target}.
   *
   * @param settings more of its environment
   * @throws IllegalStateException with its last words, when it ends or is not ready in two minutes
   */
  public static PackagedService start(
      String name, int port, Database database, Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("OPENNEG_PORT", Integer.toString(port));
    environment.put("OPENNEG_DATABASE_URL", database.jdbcUrl());
    environment.put("OPENNEG_DATABASE_USER", database.user());
    environment.put("OPENNEG_DATABASE_PASSWORD", database.password());
    environment.put("OPENNEG_KAFKA_BOOTSTRAP", TestServers.kafkaBootstrap());
    Path directory = Path.of("target", "processes");
    ChildProcess process =
        ChildProcess.start(
            new ChildProcess.Command(
                name,
                List.of(
                    ProcessHandle.current().info().command().orElse("java"),
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-jar",
                    PROGRAM.toString()),
                environment,
                directory.resolve(name + "-" + port + ".log"),
                directory.resolve(name + "-" + port + ".pid")));
    PackagedService service = new PackagedService(port, process);
    service.awaitReady();
    return service;
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START.toNanos();
    while (!readiness().startsWith("200 ")) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        List<String> words = process.lastLogLines(50);
        kill();
        throw new IllegalStateException(
            "%s is not ready, see %s%n%s"
                .formatted(process.name(), process.logFile(), String.join("\n", words)));
      }
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  public int port() {
    return port;
  }

  /** Status and body of the readiness check; "" when nobody answers. */
  public String readiness() {
    return get("/q/health/ready");
  }

  /** Status and body of the answer to a GET; "" when nobody answers. */
  public String get(String path) {
    URI address = URI.create("http://127.0.0.1:%d%s".formatted(port, path));
    try {
      var answer =
          HTTP.send(
              HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build(),
              BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
    } catch (IOException _) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** SIGKILL; returns when it is gone. */
  public void kill() {
    process.kill();
  }

  @Override
  public void close() {
    process.terminate();
    if (!process.awaitExit(Duration.ofSeconds(10))) {
      process.kill();
    }
  }
}
