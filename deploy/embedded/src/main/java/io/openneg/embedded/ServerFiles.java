package io.openneg.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Where one server has its data, log and pid file. */
final class ServerFiles {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  private final Path directory;
  private final Path logFile;
  private final Path pidFile;
  private final @Nullable TemporaryDirectory temporary;

  ServerFiles(String server, ServerSettings settings) {
    Path kept = settings.dataDirectory();
    temporary = kept == null ? TemporaryDirectory.create(server) : null;
    try {
      directory =
          temporary != null
              ? temporary.path()
              : Files.createDirectories(java.util.Objects.requireNonNull(kept)).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException("data directory " + kept + " cannot be made", e);
    }
    Path log = settings.logFile();
    logFile = log != null ? log : directory.resolve(server + ".log");
    pidFile = directory.resolve(server + ".pid");
  }

  Path directory() {
    return directory;
  }

  Path resolve(String name) {
    return directory.resolve(name);
  }

  Path logFile() {
    return logFile;
  }

  Path pidFile() {
    return pidFile;
  }

  boolean isTemporary() {
    return temporary != null;
  }

  void deleteIfTemporary() {
    if (temporary != null) {
      temporary.close();
    }
  }

  /**
   * Waits until the condition holds.
   *
   * @throws ServerStartException when the process ends before, or nothing happens for too long (it
   *     is killed then)
   */
  static void awaitReady(ChildProcess process, BooleanSupplier ready) {
    Instant deadline = Instant.now().plus(START_TIMEOUT);
    while (!ready.getAsBoolean()) {
      // A process that wrote its mark and then died is not ready either, but its exit code says
      // more.
      if (process.awaitExit(Duration.ofMillis(20))) {
        throw new ServerStartException(
            "%s ended with exit code %d while starting"
                .formatted(process.name(), process.onExit().join()),
            process.logFile(),
            process.lastLogLines(20));
      }
      if (Thread.currentThread().isInterrupted() || Instant.now().isAfter(deadline)) {
        process.kill();
        throw new ServerStartException(
            "%s was not ready within %d s".formatted(process.name(), START_TIMEOUT.toSeconds()),
            process.logFile(),
            process.lastLogLines(20));
      }
    }
  }
}
