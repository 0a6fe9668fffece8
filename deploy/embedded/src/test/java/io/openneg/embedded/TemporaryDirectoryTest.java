package io.openneg.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {

  /** Makes a directory, which sweeps the abandoned ones of others. */
  static final class AnotherJvm {
    public static void main(String[] arguments) {
      TemporaryDirectory.create("another").close();
    }
  }

  @Test
  void anotherJvmDoesNotTakeALiveDirectoryForAnAbandonedOne() throws Exception {
    try (TemporaryDirectory first = TemporaryDirectory.create("live");
        TemporaryDirectory second = TemporaryDirectory.create("live")) {
      Process another =
          new ProcessBuilder(
                  List.of(
                      ProcessHandle.current().info().command().orElseThrow(),
                      "-cp",
                      System.getProperty("java.class.path"),
                      AnotherJvm.class.getName()))
              .redirectErrorStream(true)
              .redirectOutput(Path.of("target", "another-jvm.log").toFile())
              .start();
      assertThat(another.waitFor()).isZero();

      assertThat(Files.isDirectory(first.path())).isTrue();
      assertThat(Files.isDirectory(second.path())).isTrue();
    }
  }
}
