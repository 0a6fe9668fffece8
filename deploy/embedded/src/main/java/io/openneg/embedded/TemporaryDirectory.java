package io.openneg.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is deleted on close, or, when this JVM is killed before that, by the next JVM
 * that makes one. That one knows by a file lock, which a dead process no longer holds, and it also
 * ends the servers left behind in there.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private static final Path BASE =
      Path.of(System.getProperty("java.io.tmpdir"), "openneg-" + System.getProperty("user.name"));

  // The same for every class loader, of which tests have several.
  private static final String OWN = "-" + ProcessHandle.current().pid() + "-";

  private final Path path;
  private final Path lockFile;
  private final FileChannel lockChannel;

  private TemporaryDirectory(Path path, Path lockFile, FileChannel lockChannel) {
    this.path = path;
    this.lockFile = lockFile;
    this.lockChannel = lockChannel;
  }

  /** Makes one whose name begins with the prefix. */
  public static TemporaryDirectory create(String prefix) {
    try {
      Files.createDirectories(BASE);
      sweep();
      while (true) {
        String name = prefix + OWN + UUID.randomUUID().toString().substring(0, 8);
        Path lockFile = BASE.resolve(name + ".lock");
        var channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        // Between creating and locking it, another JVM's sweep may have taken it for an abandoned
        // one.
        if (tryLock(channel) != null && Files.exists(lockFile)) {
          return new TemporaryDirectory(
              Files.createDirectories(BASE.resolve(name)), lockFile, channel);
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      deleteTree(path);
      Files.deleteIfExists(lockFile);
      lockChannel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sweep() throws IOException {
    List<Path> lockFiles;
    try (Stream<Path> files = Files.list(BASE)) {
      // Not this JVM's own: a process that closes a file loses all its locks on it, so a mere look
      // at them would give them up to the next JVM's sweep.
      lockFiles =
          files
              .filter(file -> file.toString().endsWith(".lock") && !file.toString().contains(OWN))
              .toList();
    }
    for (Path lockFile : lockFiles) {
      try (var channel = FileChannel.open(lockFile, StandardOpenOption.WRITE)) {
        if (tryLock(channel) != null) {
          String name = lockFile.getFileName().toString();
          Path abandoned = BASE.resolve(name.substring(0, name.length() - ".lock".length()));
          endLeftovers(abandoned);
          deleteTree(abandoned);
          Files.deleteIfExists(lockFile);
        }
      } catch (NoSuchFileException e) {
        // Another JVM was faster.
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void endLeftovers(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> pidFiles;
    try (Stream<Path> files =
        Files.find(directory, 3, (file, a) -> file.toString().endsWith(".pid"))) {
      pidFiles = files.filter(file -> !file.endsWith("postmaster.pid")).toList();
    }
    pidFiles.forEach(file -> ChildProcess.endLeftover(file, Duration.ofSeconds(2)));
  }

  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
