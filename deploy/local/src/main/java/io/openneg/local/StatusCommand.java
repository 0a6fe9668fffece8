package io.openneg.local;

import io.openneg.local.system.SystemStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/** {@code openneg status}. */
final class StatusCommand {
  private final Environment environment;
  private final PrintStream out;

  StatusCommand(Environment environment, PrintStream out) {
    this.environment = environment;
    this.out = out;
  }

  /** 0 only if every process is ready. */
  int run() {
    List<SystemStatus.Entry> entries = SystemStatus.read(environment.home());
    if (entries.isEmpty()) {
      out.println("nothing runs in " + environment.home() + " (./openneg up starts it)");
      return 1;
    }
    out.printf("%-21s %5s %8s %8s  %s%n", "process", "port", "pid", "up for", "state");
    for (SystemStatus.Entry entry : entries) {
      out.printf(
          "%-21s %5d %8s %8s  %s%n",
          entry.component().label(),
          entry.port(),
          entry.pid() == 0 ? "-" : entry.pid(),
          entry.pid() == 0 ? "-" : text(entry.uptime()),
          entry.readiness().ready() ? "ready" : "NOT READY: " + entry.readiness().reason());
    }
    return entries.stream().allMatch(entry -> entry.readiness().ready()) ? 0 : 1;
  }

  private static String text(Duration uptime) {
    return uptime.toHours() > 0
        ? "%dh%02dm".formatted(uptime.toHours(), uptime.toMinutesPart())
        : "%dm%02ds".formatted(uptime.toMinutes(), uptime.toSecondsPart());
  }
}
