package io.openneg.local;

import com.google.protobuf.util.Timestamps;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.openneg.local.system.Component;
import io.openneg.local.system.SystemStatus;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.Pin;
import io.openneg.proxyconfig.v1.ProxyConfigGrpc;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** {@code openneg status}. */
final class StatusCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

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
    pin(entries).ifPresent(out::println);
    return entries.stream().allMatch(entry -> entry.readiness().ready()) ? 0 : 1;
  }

  /** That proxies are held at a revision, if they are and it can be learnt. */
  private static Optional<String> pin(List<SystemStatus.Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.component() == Component.PROXY_CONFIG && entry.readiness().ready())
        .findFirst()
        .flatMap(entry -> pin(entry.port()));
  }

  private static Optional<String> pin(int port) {
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      var answer =
          ProxyConfigGrpc.newBlockingStub(channel)
              .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .listProxies(ListProxiesRequest.getDefaultInstance());
      Pin pin = answer.getPin();
      return answer.hasPin()
          ? Optional.of(
              "proxies are pinned to revision %d by %s since %s%s"
                  .formatted(
                      pin.getRevision(),
                      pin.getActor(),
                      Timestamps.toString(pin.getPinnedAt()),
                      pin.getReason().isEmpty() ? "" : ": " + pin.getReason()))
          : Optional.empty();
    } catch (StatusRuntimeException _) {
      // It has just gone; the table above says what is known.
      return Optional.empty();
    } finally {
      channel.shutdownNow();
    }
  }

  private static String text(Duration uptime) {
    return uptime.toHours() > 0
        ? "%dh%02dm".formatted(uptime.toHours(), uptime.toMinutesPart())
        : "%dm%02ds".formatted(uptime.toMinutes(), uptime.toSecondsPart());
  }
}
