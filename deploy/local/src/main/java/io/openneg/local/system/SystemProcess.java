package io.openneg.local.system;

import io.openneg.embedded.ChildProcess;
import io.openneg.embedded.ServerStartException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One process of the system: to look at, to kill, to start again. Thread-safe. */
public final class SystemProcess {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Component component;
  private final int port;
  private final Path logFile;
  private final Launcher launcher;
  private final Supervisor supervisor;
  private volatile @Nullable ChildProcess process;
  private volatile boolean wanted;
  private boolean closed;

  /** Who looks after the process when nobody else does; called from any thread. */
  interface Supervisor {
    /** Whether a process that ends by itself is started again. */
    boolean startsAgain();

    /** The process ended, and nobody asked for it. */
    void ended(SystemProcess process, int exitCode);

    /** The process was started again and is ready. */
    void readyAgain(SystemProcess process);
  }

  SystemProcess(
      Component component, int port, Path logFile, Launcher launcher, Supervisor supervisor) {
    this.component = component;
    this.port = port;
    this.logFile = logFile;
    this.launcher = launcher;
    this.supervisor = supervisor;
  }

  public Component component() {
    return component;
  }

  public int port() {
    return port;
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  public Path logFile() {
    return logFile;
  }

  /** Of the current or last process; 0 before the first start. */
  public long pid() {
    ChildProcess current = process;
    return current == null ? 0 : current.pid();
  }

  public boolean isAlive() {
    ChildProcess current = process;
    return current != null && current.isAlive();
  }

  /** The last lines that the current or last process logged. */
  public List<String> lastLogLines(int count) {
    ChildProcess current = process;
    return current == null ? List.of() : current.lastLogLines(count);
  }

  /** Asks the process whether it can do its work. */
  public Readiness readiness() {
    return isAlive() ? Readiness.of(component, port) : Readiness.not("is not running");
  }

  /** Starts the process, unless it runs, without waiting until it is ready. */
  public synchronized void start() {
    if (closed) {
      throw new IllegalStateException(component.label() + ": the system is closed");
    }
    wanted = true;
    if (isAlive()) {
      return;
    }
    ChildProcess started = launcher.launch();
    process = started;
    var _ =
        started
            .onExit()
            .thenAcceptAsync(
                exitCode -> {
                  if (wanted && process == started) {
                    supervisor.ended(this, exitCode);
                  }
                },
                task -> Thread.ofVirtual().name("ended-" + component.label()).start(task));
  }

  /**
   * Waits until the process is ready.
   *
   * @throws ServerStartException when it ends before or takes too long, with its last log lines
   */
  public void awaitReady() {
    awaitReady(START_TIMEOUT);
  }

  /** As {@link #awaitReady()}, with another limit. */
  public void awaitReady(Duration timeout) {
    Instant deadline = Instant.now().plus(timeout);
    while (true) {
      ChildProcess asked = process;
      Readiness readiness = readiness();
      if (readiness.ready()) {
        return;
      }
      boolean ended = asked == null || asked.awaitExit(PAUSE);
      if (ended && asked == process && !supervisor.startsAgain()) {
        throw failed(
            asked == null
                ? component.label() + " was never started"
                : "%s ended with exit code %d before it was ready"
                    .formatted(component.label(), asked.onExit().join()));
      }
      if (Thread.currentThread().isInterrupted() || Instant.now().isAfter(deadline)) {
        throw failed(
            "%s is not ready after %d s: it %s"
                .formatted(component.label(), timeout.toSeconds(), readiness.reason()));
      }
      if (ended) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /** Ends the process cleanly and waits for the end; it is not started again by itself. */
  public synchronized void stop() {
    wanted = false;
    launcher.stop();
  }

  /** Kills the process at once (SIGKILL), as a crash would; a supervised system starts it again. */
  public void kill() {
    ChildProcess current = process;
    if (current != null) {
      current.kill();
    }
  }

  /**
   * Starts the process again on the same data and port, after stopping it if it runs, and waits
   * until it is ready.
   */
  public void restart() {
    synchronized (this) {
      launcher.stop();
      start();
    }
    awaitReady();
    supervisor.readyAgain(this);
  }

  boolean isWanted() {
    return wanted;
  }

  Duration age() {
    ChildProcess current = process;
    return current == null ? Duration.ZERO : Duration.between(current.startedAt(), Instant.now());
  }

  /** Stops the process for good. */
  synchronized void close() {
    closed = true;
    stop();
  }

  private ServerStartException failed(String what) {
    return new ServerStartException(what, logFile, lastLogLines(25));
  }
}
