package io.openneg.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of another program that this JVM started: its output goes to a file, and a file beside
 * its data says which process it is, so that one that outlived its parent is found and ended by the
 * next start. Thread-safe.
 */
public final class ChildProcess {
  private static final long LOG_LIMIT_BYTES = 20L * 1024 * 1024;
  private static final int TAIL_BYTES = 64 * 1024;

  /**
   * Ctrl-C reaches all processes of the terminal's group. Children leave that group, so that the
   * parent alone decides in which order they end. Both programs replace themselves by the one they
   * start.
   */
  private static final List<String> IN_OWN_GROUP =
      isOnPath("setsid")
          ? List.of("setsid")
          : isOnPath("perl")
              ? List.of("perl", "-e", "setpgrp; exec { $ARGV[0] } @ARGV")
              : List.of();

  private final Command command;
  private final Process process;
  private final long logStart;
  private final Instant startedAt = Instant.now();

  /**
   * What to start.
   *
   * @param name for messages
   * @param arguments program and arguments
   * @param environment set over what this JVM's own environment has
   * @param logFile standard output and error; appended to, and put aside as {@code .1} when it has
   *     grown large
   * @param pidFile written at the start, removed at a known end
   */
  public record Command(
      String name,
      List<String> arguments,
      Map<String, String> environment,
      Path logFile,
      Path pidFile) {
    public Command {
      arguments = List.copyOf(arguments);
      environment = Map.copyOf(environment);
    }
  }

  private ChildProcess(Command command, Process process, long logStart) {
    this.command = command;
    this.process = process;
    this.logStart = logStart;
  }

  /**
   * Starts the process, after ending what an earlier run left under the same pid file.
   *
   * @throws UncheckedIOException when the program cannot be run
   */
  public static ChildProcess start(Command command) {
    endLeftover(command.pidFile(), Duration.ofSeconds(10));
    try {
      Path logDirectory = command.logFile().toAbsolutePath().getParent();
      if (logDirectory != null) {
        Files.createDirectories(logDirectory);
      }
      long logStart = rotate(command.logFile());
      var arguments = new ArrayList<>(IN_OWN_GROUP);
      arguments.addAll(command.arguments());
      var builder = new ProcessBuilder(arguments).redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(command.logFile().toFile()));
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.environment().putAll(command.environment());
      Process process = builder.start();
      var child = new ChildProcess(command, process, logStart);
      child.writePidFile();
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(command.name() + " cannot be started", e);
    }
  }

  public String name() {
    return command.name();
  }

  public long pid() {
    return process.pid();
  }

  public Instant startedAt() {
    return startedAt;
  }

  public Path logFile() {
    return command.logFile();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with the exit code when the process has ended. */
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** Waits for the end; false when it has not come in time. */
  public boolean awaitExit(Duration timeout) {
    try {
      boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
      if (ended) {
        Files.deleteIfExists(command.pidFile());
      }
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks the process to end (SIGTERM), without waiting. */
  public void terminate() {
    process.destroy();
  }

  /**
   * Asks the process with SIGINT, which to PostgreSQL means: end without waiting for clients to
   * leave.
   */
  public void interrupt() {
    interrupt(process.toHandle());
  }

  /**
   * Ends the process and all it started at once (SIGKILL), as a crash would, and waits until it is
   * gone.
   */
  public void kill() {
    killTree(process.toHandle());
    awaitExit(Duration.ofSeconds(10));
  }

  /** What the process logged since it was started, the last lines of it. */
  public List<String> lastLogLines(int count) {
    try (var channel = FileChannel.open(command.logFile())) {
      long from = Math.max(logStart, channel.size() - TAIL_BYTES);
      var bytes = ByteBuffer.allocate((int) Math.max(0, channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // read on
      }
      List<String> lines =
          new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of("(the log cannot be read: " + e + ")");
    }
  }

  /**
   * Ends the process that the pid file names, if it still runs and is the one that was started
   * then, and removes the file.
   *
   * @return whether there was such a process
   */
  public static boolean endLeftover(Path pidFile, Duration grace) {
    Optional<ProcessHandle> leftover = find(pidFile);
    leftover.ifPresent(
        process -> {
          interrupt(process);
          if (!awaitExit(process, grace)) {
            killTree(process);
            awaitExit(process, Duration.ofSeconds(10));
          }
        });
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return leftover.isPresent();
  }

  /**
   * The running process that a pid file names. A process that merely has the same number by now is
   * not it.
   */
  public static Optional<ProcessHandle> find(Path pidFile) {
    try {
      String text = Files.readString(pidFile).trim();
      int space = text.indexOf(' ');
      long pid = Long.parseLong(text, 0, space, 10);
      Instant started = Instant.parse(text.substring(space + 1));
      return ProcessHandle.of(pid)
          .filter(ChildProcess::runs)
          .filter(
              process ->
                  process
                      .info()
                      .startInstant()
                      // The system derives it from its clock, which may have been set in between.
                      .map(at -> Duration.between(at, started).abs().toSeconds() < 5)
                      .orElse(false));
    } catch (java.nio.file.NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      // A half-written file of a run that was cut off.
      return Optional.empty();
    }
  }

  private void writePidFile() throws IOException {
    Instant started = process.info().startInstant().orElse(startedAt);
    Files.writeString(command.pidFile(), process.pid() + " " + started + "\n");
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv("PATH");
    return path != null
        && Arrays.stream(path.split(File.pathSeparator, -1))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static void interrupt(ProcessHandle process) {
    try {
      new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Of a process that is not our child the JDK hears of the end seconds late, so this looks itself.
   */
  private static boolean awaitExit(ProcessHandle process, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (runs(process)) {
      if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(10_000_000);
    }
    return true;
  }

  /**
   * Whether a process runs. To {@link ProcessHandle#isAlive} one that ended is alive until its
   * parent asks for it, which in many containers nobody ever does.
   */
  public static boolean runs(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      // "pid (name) state ..."; the name may contain anything.
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return !stat.startsWith(" Z", stat.lastIndexOf(')') + 1);
    } catch (IOException e) {
      // Not on Linux, or gone just now.
      return process.isAlive();
    }
  }

  private static void killTree(ProcessHandle process) {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
  }

  private static long rotate(Path log) throws IOException {
    if (!Files.exists(log)) {
      return 0;
    }
    if (Files.size(log) > LOG_LIMIT_BYTES) {
      Files.move(
          log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
      return 0;
    }
    return Files.size(log);
  }
}
