package io.openneg.local.demo;

import io.grpc.StatusRuntimeException;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Programs;
import io.openneg.local.system.SystemListener;
import io.openneg.local.system.SystemProcess;
import io.openneg.local.system.SystemSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code openneg demo}: a system of its own on temporary data and free ports, so that it never
 * meets a running one.
 */
public final class DemoCommand {
  private final Programs programs;
  private final Screen screen;

  public DemoCommand(Programs programs, Map<String, String> environment, PrintStream out) {
    this.programs = programs;
    screen = Screen.of(out, environment);
  }

  /** 0 only if everything held that the demo asserts. */
  public int run() {
    long begin = System.nanoTime();
    screen.say("Starting PostgreSQL, Kafka, four services and an edge proxy on free ports ...");
    var settings = SystemSettings.temporary(programs);
    try (var system = new LocalSystem(settings, new Progress())) {
      Runtime.getRuntime().addShutdownHook(new Thread(system::close, "stop"));
      system.start();
      screen.say("  all ready after " + Findings.text(Duration.ofNanos(System.nanoTime() - begin)));
      boolean held = tell(system, settings.zone());
      screen.say("The whole demo took %.1f s.".formatted((System.nanoTime() - begin) / 1e9));
      return held ? 0 : 1;
    }
  }

  private boolean tell(LocalSystem system, String zone) {
    var findings = new Findings(screen);
    try (var story = new Story(system.api(), system.edgeAdmin(), zone, screen, findings)) {
      story.tell();
    } catch (StatusRuntimeException e) {
      findings.check(false, "every call of the API succeeds", e.getStatus().toString());
    }
    findings.summarize();
    if (!findings.allHeld()) {
      showLogs(system);
    }
    return findings.allHeld();
  }

  /** The system's directory is temporary: its logs are copied to where they stay. */
  private void showLogs(LocalSystem system) {
    for (SystemProcess process : system.processes()) {
      List<String> lines = process.lastLogLines(8);
      if (process.component().isOurs() && !lines.isEmpty()) {
        screen.say("");
        screen.say("The last lines of " + process.component().label() + ":");
        lines.forEach(line -> screen.say("  " + line));
      }
    }
    try (Stream<Path> logs = Files.list(system.logs())) {
      Path kept = Files.createTempDirectory("openneg-demo-logs-");
      for (Path log : logs.toList()) {
        Files.copy(log, kept.resolve(log.getFileName()));
      }
      screen.say("");
      screen.say("All logs: " + kept);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Progress implements SystemListener {
    @Override
    public void ready(Component component, Duration after) {
      screen.say("  %-21s ready after %s".formatted(component.label(), Findings.text(after)));
    }
  }
}
