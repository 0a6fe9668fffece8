package io.openneg.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * The PostgreSQL programs of this machine's kind, from zonky's binary artifacts on the class path.
 */
final class PostgresBinaries {
  private PostgresBinaries() {}

  /**
   * The installation directory, with {@code bin}, {@code lib} and {@code share}.
   *
   * @throws IllegalStateException when there are none for this operating system and processor
   */
  static Path installation() {
    String resource = "postgres-%s-%s.txz".formatted(system(), processor());
    byte[] archive = archive(resource);
    String name = resource.replace(".txz", "") + "-" + Fingerprint.of(archive);
    return UnpackedFiles.directory(name, directory -> unpack(archive, directory));
  }

  private static byte[] archive(String resource) {
    try (InputStream archive = PostgresBinaries.class.getResourceAsStream("/" + resource)) {
      if (archive == null) {
        throw new IllegalStateException(
            "no PostgreSQL for this machine: %s is not on the class path (os.name=%s, os.arch=%s)"
                .formatted(resource, System.getProperty("os.name"), System.getProperty("os.arch")));
      }
      return archive.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void unpack(byte[] archive, Path directory) throws IOException {
    try (var tar =
        new TarArchiveInputStream(new XZInputStream(new java.io.ByteArrayInputStream(archive)))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        Path file = directory.resolve(entry.getName()).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException("entry leads out of the archive: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
          continue;
        }
        Files.createDirectories(file.resolveSibling("."));
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
          Files.createLink(file, directory.resolve(entry.getLinkName()));
        } else {
          Files.copy(tar, file);
          boolean executable = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  private static String system() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("mac") ? "darwin" : name;
  }

  private static String processor() {
    return switch (System.getProperty("os.arch")) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64" -> "arm_64";
      case String other -> other;
    };
  }
}
