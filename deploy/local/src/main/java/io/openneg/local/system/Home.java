package io.openneg.local.system;

import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.TemporaryDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The directory with a system's data, logs and state. One system at a time: whoever runs it holds a
 * file lock, which ends with its process however that ends.
 */
final class Home implements AutoCloseable {
  private static final int SECRETS_KEY_BYTES = 32;

  private final Path path;
  private final @Nullable TemporaryDirectory temporary;
  private final FileChannel lockChannel;

  private Home(Path path, @Nullable TemporaryDirectory temporary, FileChannel lockChannel) {
    this.path = path;
    this.temporary = temporary;
    this.lockChannel = lockChannel;
  }

  /**
   * Takes the directory, and ends what a killed run left behind in it.
   *
   * @throws IllegalStateException when another process runs a system there
   */
  static Home take(@Nullable Path kept) {
    TemporaryDirectory temporary = kept == null ? TemporaryDirectory.create("system") : null;
    Path wanted = temporary != null ? temporary.path() : java.util.Objects.requireNonNull(kept);
    try {
      Path path = Files.createDirectories(wanted).toRealPath();
      Files.createDirectories(path.resolve("logs"));
      Files.createDirectories(path.resolve("run"));
      var channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new IllegalStateException(
            "a system is already running in %s: stop it, or set OPENNEG_HOME to another directory"
                .formatted(path));
      }
      var home = new Home(path, temporary, channel);
      home.endLeftovers();
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + wanted + " as home", e);
    }
  }

  Path path() {
    return path;
  }

  boolean isTemporary() {
    return temporary != null;
  }

  Path logFile(Component component) {
    return path.resolve("logs").resolve(component.label() + ".log");
  }

  Path logFile(Component component, int replica) {
    return path.resolve("logs").resolve("%s-%d.log".formatted(component.label(), replica));
  }

  Path pidFile(Component component, int replica) {
    return path.resolve("run").resolve("%s-%d.pid".formatted(component.label(), replica));
  }

  Path pidFile(Component component) {
    return pidFile(path, component);
  }

  Path dataDirectory(Component component) {
    return path.resolve(component.label());
  }

  /** The file with the key that seals private keys; made once, for this user alone. */
  Path secretsKey() {
    Path file = path.resolve("secrets.key");
    try {
      if (!Files.exists(file)) {
        var key = new byte[SECRETS_KEY_BYTES];
        new SecureRandom().nextBytes(key);
        Path whole =
            Files.createTempFile(
                path,
                "secrets",
                ".key",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(whole, Base64.getEncoder().encodeToString(key));
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + file, e);
    }
  }

  /** Says to {@link SystemStatus} what runs where. */
  void writeState(Ports ports) {
    var state = new Properties();
    for (Component component : Component.values()) {
      state.setProperty(component.label(), Integer.toString(ports.of(component)));
    }
    try (var writer = Files.newBufferedWriter(stateFile(path))) {
      state.store(writer, "Ports of the running system");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(stateFile(path));
      if (temporary != null) {
        temporary.close();
      }
      lockChannel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path stateFile(Path home) {
    return home.resolve("state.properties");
  }

  static Path pidFile(Path home, Component component) {
    return component.isOurs()
        ? home.resolve("run").resolve(component.label() + ".pid")
        : home.resolve(component.label()).resolve(component.label() + ".pid");
  }

  private void endLeftovers() throws IOException {
    var pidFiles = new HashSet<Path>();
    for (Component component : Component.values()) {
      pidFiles.add(pidFile(component));
    }
    // Replicas have theirs there, too.
    try (var files = Files.list(path.resolve("run"))) {
      files.forEach(pidFiles::add);
    }
    pidFiles.stream()
        .map(
            pidFile ->
                Thread.ofVirtual()
                    .start(() -> ChildProcess.endLeftover(pidFile, Duration.ofSeconds(5))))
        .toList()
        .forEach(
            thread -> {
              try {
                thread.join();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
