package io.openneg.local.bench;

import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TemporaryDirectory;
import io.openneg.local.client.HttpLoadBalancer.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * HAProxy that does nothing but check servers, for comparison. It opens a connection for each
 * check.
 */
final class HaProxy implements AutoCloseable {
  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/sbin/haproxy"),
          Path.of("/usr/local/sbin/haproxy"),
          Path.of("/opt/homebrew/bin/haproxy"));

  private final Process process;
  private final TemporaryDirectory directory;

  private HaProxy(Process process, TemporaryDirectory directory) {
    this.process = process;
    this.directory = directory;
  }

  /** Starts it, with one thread; empty when it is not installed. */
  static Optional<HaProxy> start(List<Address> servers, Duration interval, int threshold) {
    return PLACES.stream()
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> start(program, configuration(servers, interval, threshold)));
  }

  private static HaProxy start(Path program, String text) {
    try {
      var directory = TemporaryDirectory.create("haproxy");
      Path configuration = Files.writeString(directory.path().resolve("haproxy.cfg"), text);
      Process process =
          new ProcessBuilder(program.toString(), "-db", "-q", "-f", configuration.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(log(directory).toFile()))
              .start();
      return new HaProxy(process, directory);
    } catch (IOException e) {
      throw new UncheckedIOException("haproxy cannot be started", e);
    }
  }

  private static Path log(TemporaryDirectory directory) {
    return directory.path().resolve("haproxy.log");
  }

  private static String configuration(List<Address> servers, Duration interval, int threshold) {
    var text =
        new StringBuilder(
            """
            global
              nbthread 1
            defaults
              mode http
              timeout connect %1$ds
              timeout client %1$ds
              timeout server %1$ds
            # It does not run without one.
            frontend unused
              bind 127.0.0.1:%3$d
              default_backend checked
            backend checked
              option httpchk GET /
              default-server check inter %1$ds fall %2$d rise %2$d
            """
                .formatted(interval.toSeconds(), threshold, FreePorts.next()));
    for (int i = 0; i < servers.size(); i++) {
      text.append("  server s%d %s\n".formatted(i, servers.get(i)));
    }
    return text.toString();
  }

  /**
   * What it has used.
   *
   * @throws IllegalStateException with its own words, when it has ended
   */
  ProcessUsage usage() {
    if (!process.isAlive()) {
      try {
        throw new IllegalStateException(
            "haproxy ended with exit code %d: %s"
                .formatted(process.exitValue(), Files.readString(log(directory))));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return ProcessUsage.of(process.pid());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      directory.close();
    }
  }
}
