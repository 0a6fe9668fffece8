package io.openneg.local;

import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Ports;
import io.openneg.local.system.SystemListener;
import io.openneg.local.system.SystemSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** {@code openneg up}: everything runs until it is told to stop. */
final class UpCommand {
  private final Environment environment;
  private final PrintStream out;

  UpCommand(Environment environment, PrintStream out) {
    this.environment = environment;
    this.out = out;
  }

  int run() {
    long begin = System.nanoTime();
    var settings =
        SystemSettings.keptIn(environment.home(), environment.ports(), environment.programs())
            .withZone(environment.zone());
    var reporter = new Reporter(settings.ports());
    var system = new LocalSystem(settings, reporter);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  out.println("\nStopping ...");
                  system.close();
                  out.println("Stopped. The data stays in " + settings.home() + ".");
                  out.flush();
                },
                "stop"));
    out.println("OpenNEG is starting in " + system.home());
    system.start();
    reporter.started = true;
    greet(system, Duration.ofNanos(System.nanoTime() - begin));
    try {
      // Only a signal ends this, by way of the hook above.
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private void greet(LocalSystem system, Duration took) {
    Ports ports = system.ports();
    out.print(
        """
        Ready after %.1f s. Logs are in %s. Ctrl-C stops everything.

        First steps (with grpcurl; every service has server reflection):
          grpcurl -plaintext %s list
          grpcurl -plaintext -d '{"parent": "projects/demo/zones/%s", "network_endpoint_group_id": "web", "network_endpoint_group": {"network_endpoint_type": "NON_GCP_PRIVATE_IP_PORT", "default_port": 8080}}' \\
            %s openneg.neg.v1.NetworkEndpointGroups/CreateNetworkEndpointGroup
          curl http://%s/clusters
        The README goes on from there; ./openneg demo shows the whole way.
        """
            .formatted(
                took.toMillis() / 1e3,
                system.logs(),
                ports.address(Component.NEG),
                environment.zone(),
                ports.address(Component.NEG),
                ports.address(Component.EDGE)));
    out.flush();
  }

  private final class Reporter implements SystemListener {
    private final Ports ports;
    private volatile boolean started;

    Reporter(Ports ports) {
      this.ports = ports;
    }

    @Override
    public void ready(Component component, Duration after) {
      out.printf(
          "%s%-21s %-16s %-10s %s after %.1f s%n",
          started ? now() + " " : "  ",
          component.label(),
          ports.address(component),
          component.speaks(),
          started ? "ready again" : "ready",
          after.toMillis() / 1e3);
      out.flush();
    }

    @Override
    public void died(Component component, String what, List<String> lastLogLines, Duration next) {
      out.printf(
          "%s %s %s; starting it again in %.1f s. Its last log lines:%n",
          now(), component.label(), what, next.toMillis() / 1e3);
      lastLogLines.forEach(line -> out.println("    " + line));
      out.flush();
    }

    private String now() {
      return LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS).toString();
    }
  }
}
