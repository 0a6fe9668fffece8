package io.openneg.local;

import io.openneg.embedded.ServerStartException;
import io.openneg.local.apply.ApplyCommand;
import io.openneg.local.apply.ApplyOptions;
import io.openneg.local.bench.AttachBench;
import io.openneg.local.bench.HealthBench;
import io.openneg.local.bench.NegBench;
import io.openneg.local.containers.ContainersCommand;
import io.openneg.local.demo.DemoCommand;
import io.openneg.local.system.PortTakenException;
import java.io.PrintStream;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What the script {@code openneg} runs. */
public final class Main {
  private Main() {}

  /**
   * Runs one command. Exit codes: 0 it did what it says; 1 it did not; 2 there is no such command
   * or a setting is wrong.
   */
  public static void main(String[] arguments) {
    // Small answers of the demo's backends would otherwise wait for an acknowledgement.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    // The libraries' own reports, mostly of connections that fail while something is down, which is
    // told in other words.
    Logger.getLogger("").setLevel(Level.SEVERE);
    int exitCode = run(List.of(arguments), Environment.ofThisProcess(), System.out, System.err);
    System.out.flush();
    Runtime.getRuntime().exit(exitCode);
  }

  static int run(
      List<String> arguments, Environment environment, PrintStream out, PrintStream err) {
    try {
      if (!arguments.isEmpty() && arguments.getFirst().equals("apply")) {
        return apply(
            ApplyOptions.parse(arguments.subList(1, arguments.size())), environment, out, err);
      }
      return switch (String.join(" ", arguments)) {
        case "up" -> new UpCommand(environment, out).run();
        case "status" -> new StatusCommand(environment, out).run();
        case "containers" -> containers(environment, out);
        case "demo" -> new DemoCommand(environment.programs(), environment.variables(), out).run();
        case "bench neg" -> new NegBench(environment.programs(), out).run();
        case "bench health" -> new HealthBench(environment.programs(), out).run();
        case "bench attach" -> new AttachBench(environment.programs(), out).run();
        default -> {
          err.println(
              "no such command: " + String.join(" ", arguments) + " (./openneg help lists all)");
          yield 2;
        }
      };
    } catch (PortTakenException | IllegalArgumentException e) {
      err.println(e.getMessage());
      return 2;
    } catch (ServerStartException | IllegalStateException e) {
      err.println(e.getMessage());
      return 1;
    }
  }

  private static int apply(
      ApplyOptions options, Environment environment, PrintStream out, PrintStream err) {
    try (RunningSystem system = RunningSystem.in(environment.home())) {
      return new ApplyCommand(system.api(), out, err).run(options);
    }
  }

  private static int containers(Environment environment, PrintStream out) {
    try (RunningSystem system = RunningSystem.in(environment.home())) {
      return new ContainersCommand(system.api(), environment.zone(), out).run();
    }
  }
}
