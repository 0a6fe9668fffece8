package io.openneg.local.system;

import io.openneg.embedded.ChildProcess;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Starts one of our own programs, again and again the same way. */
final class JvmLauncher implements Launcher {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ChildProcess.Command command;
  private @Nullable ChildProcess process;

  JvmLauncher(ChildProcess.Command command) {
    this.command = command;
  }

  @Override
  public ChildProcess launch() {
    process = ChildProcess.start(command);
    return process;
  }

  @Override
  public void stop() {
    if (process != null && process.isAlive()) {
      process.terminate();
      if (!process.awaitExit(PATIENCE)) {
        process.kill();
      }
    }
  }
}
