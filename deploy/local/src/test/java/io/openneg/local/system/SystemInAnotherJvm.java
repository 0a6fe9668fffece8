package io.openneg.local.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Runs a system until it is killed; the arguments are its home and the file it creates when all is
 * ready.
 */
final class SystemInAnotherJvm {
  private SystemInAnotherJvm() {}

  public static void main(String[] arguments) throws Exception {
    var settings =
        SystemSettings.keptIn(
            Path.of(arguments[0]),
            Ports.fromEnvironment(Map.copyOf(System.getenv())),
            StandIns.programs(Map.of()));
    try (var _ = LocalSystem.start(settings)) {
      Files.createFile(Path.of(arguments[1]));
      new CountDownLatch(1).await();
    }
  }
}
