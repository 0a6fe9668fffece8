package io.openneg.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * Programs that come inside jars and must lie in the file system to run: unpacked once per user and
 * version, under {@code OPENNEG_CACHE} or, by default, {@code $XDG_CACHE_HOME/openneg} or {@code
 * ~/.cache/openneg}.
 */
final class UnpackedFiles {
  private UnpackedFiles() {}

  /** Writes the files into the directory given to it. */
  interface Unpacker {
    void unpack(Path directory) throws IOException;
  }

  /**
   * The directory of that name, unpacked if it is not there yet. What was cut off half-way is never
   * taken for whole: files appear under their final name only when all are there.
   */
  static synchronized Path directory(String name, Unpacker unpacker) {
    Path target = cache().resolve(name);
    if (Files.isDirectory(target)) {
      return target;
    }
    try {
      Files.createDirectories(cache());
      Path partial = Files.createTempDirectory(cache(), name + ".partial-");
      unpacker.unpack(partial);
      try {
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        // Another JVM may have put the same files there meanwhile; the partial copy then stays
        // unused.
        if (!Files.isDirectory(target)) {
          throw e;
        }
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + name + " into " + cache(), e);
    }
  }

  private static Path cache() {
    String own = environment("OPENNEG_CACHE");
    if (own != null) {
      return Path.of(own).toAbsolutePath();
    }
    String xdg = environment("XDG_CACHE_HOME");
    Path base = xdg != null ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("openneg").toAbsolutePath();
  }

  private static @Nullable String environment(String name) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? null : value;
  }
}
