package io.openneg.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.FreePorts;
import io.openneg.local.system.Component;
import io.openneg.local.system.StandInService;
import io.openneg.local.system.SystemStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code up} and {@code status} as processes, in a repository whose services are stand-ins. */
@Timeout(120)
class UpIT {
  @TempDir Path directory;
  private final Map<String, String> variables = new HashMap<>();
  private Path home;
  private Path output;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void prepare() throws IOException {
    home = directory.resolve("home");
    output = directory.resolve("output");
    variables.put("OPENNEG_HOME", home.toString());
    for (Component component : Component.values()) {
      variables.put(component.portVariable(), Integer.toString(FreePorts.next()));
      if (component.isOurs()) {
        writeJar(
            directory
                .resolve(component.label())
                .resolve(
                    component == Component.EDGE
                        ? "target/edge-proxy/edge-proxy.jar"
                        : "target/quarkus-app/quarkus-run.jar"));
      }
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Process up : started) {
      up.destroy();
      assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void staysUntilItIsInterruptedAndThenStopsEverything() throws Exception {
    Process up = start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> printed().contains("Ready after") || !up.isAlive());
    assertThat(printed())
        .contains("neg-service           127.0.0.1:" + variables.get("OPENNEG_NEG_PORT"))
        .contains("First steps");
    var status = new ByteArrayOutputStream();
    assertThat(run(status, "status")).as(status.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(status.toString(StandardCharsets.UTF_8).lines()).hasSize(8);
    List<SystemStatus.Entry> entries = SystemStatus.read(home);

    // As Ctrl-C does.
    new ProcessBuilder("sh", "-c", "kill -INT " + up.pid()).start().waitFor();

    assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(printed()).contains("Stopped. The data stays in " + home);
    assertThat(entries)
        .hasSize(7)
        .noneMatch(entry -> ProcessHandle.of(entry.pid()).map(ChildProcess::runs).orElse(false));
    assertThat(run(status, "status")).isEqualTo(1);
    assertThat(status.toString(StandardCharsets.UTF_8)).contains("nothing runs in " + home);
  }

  @Test
  void aTakenPortIsNamedBeforeAnythingStarts() throws Exception {
    try (var taken = new ServerSocket(FreePorts.next(), 1, InetAddress.ofLiteral("127.0.0.1"))) {
      variables.put("OPENNEG_HEALTH_PORT", Integer.toString(taken.getLocalPort()));
      Process up = start();
      assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(up.exitValue()).isEqualTo(2);
      assertThat(printed())
          .contains(
              "port %d for health-service is taken: set OPENNEG_HEALTH_PORT"
                  .formatted(taken.getLocalPort()))
          .doesNotContain("OpenNEG is starting", "Exception");
      assertThat(home.resolve("postgres")).doesNotExist();
    }
  }

  @Test
  void whatIsNotBuiltIsNamed() throws Exception {
    Files.delete(directory.resolve("backend-service/target/quarkus-app/quarkus-run.jar"));
    Process up = start();
    assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isEqualTo(1);
    assertThat(printed()).contains("backend-service is not built").doesNotContain("Exception");
  }

  private Process start() throws IOException {
    var builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dopenneg.root=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "up")
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(variables);
    Process up = builder.start();
    started.add(up);
    return up;
  }

  private int run(ByteArrayOutputStream to, String command) {
    var stream = new PrintStream(to, true, StandardCharsets.UTF_8);
    return Main.run(List.of(command), new Environment(variables, directory), stream, stream);
  }

  private String printed() throws IOException {
    return Files.exists(output) ? Files.readString(output) : "";
  }

  private static void writeJar(Path jar) throws IOException {
    Files.createDirectories(Objects.requireNonNull(jar.getParent()));
    var manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandInService.class.getName());
    String entry = StandInService.class.getName().replace('.', '/') + ".class";
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        InputStream content = Objects.requireNonNull(UpIT.class.getResourceAsStream("/" + entry))) {
      out.putNextEntry(new JarEntry(entry));
      content.transferTo(out);
    }
  }
}
