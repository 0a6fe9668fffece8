package io.openneg.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TemporaryDirectoryTest {

  /** A process that closes a file loses its locks on it, whichever channel it locked it with. */
  @Test
  void aSecondDirectoryOfThisJvmDoesNotGiveUpTheFirstToAnotherJvm() throws Exception {
    try (var first = TemporaryDirectory.create("first");
        var second = TemporaryDirectory.create("second")) {
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                  OtherJvm.class.getName())
              .inheritIO()
              .start();
      assertThat(other.waitFor()).isZero();
      assertThat(first.path()).exists();
      assertThat(second.path()).exists();
    }
  }

  /** Sweeps up what it takes for abandoned. */
  static final class OtherJvm {
    private OtherJvm() {}

    public static void main(String[] args) {
      TemporaryDirectory.create("other").close();
    }
  }
}
