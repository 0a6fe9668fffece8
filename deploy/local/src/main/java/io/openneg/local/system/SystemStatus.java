package io.openneg.local.system;

import io.openneg.embedded.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What runs in a home directory, seen from another process. */
public final class SystemStatus {
  private SystemStatus() {}

  /**
   * One component.
   *
   * @param pid 0 when it does not run
   * @param uptime zero when it does not run
   */
  public record Entry(
      Component component, int port, long pid, Duration uptime, Readiness readiness) {}

  /**
   * Asks every component, all at once.
   *
   * @return empty when no system was started there, or it was stopped
   */
  public static List<Entry> read(Path home) {
    var state = new Properties();
    try (var reader = Files.newBufferedReader(Home.stateFile(home))) {
      state.load(reader);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Callable<Entry>> questions =
        Arrays.stream(Component.values())
            .filter(component -> state.containsKey(component.label()))
            .<Callable<Entry>>map(
                component ->
                    () ->
                        ask(
                            home,
                            component,
                            Integer.parseInt(state.getProperty(component.label()))))
            .toList();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      return executor.invokeAll(questions).stream().map(Future::resultNow).toList();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static Entry ask(Path home, Component component, int port) {
    Optional<ProcessHandle> process = ChildProcess.find(Home.pidFile(home, component));
    Duration uptime =
        process
            .flatMap(handle -> handle.info().startInstant())
            .map(started -> Duration.between(started, Instant.now()))
            .orElse(Duration.ZERO);
    return process
        .map(
            handle ->
                new Entry(component, port, handle.pid(), uptime, Readiness.of(component, port)))
        .orElseGet(() -> new Entry(component, port, 0, uptime, Readiness.not("is not running")));
  }
}
