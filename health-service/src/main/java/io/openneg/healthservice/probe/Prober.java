package io.openneg.healthservice.probe;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.NetUtil;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.HealthCheck;
import io.openneg.healthservice.target.Target;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Probes targets on a few event loops, however many there are. Thread-safe. */
public final class Prober implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Prober.class);

  /** Half the cores: a loop that wakes seldom and finds much to do costs least. */
  private static final int LOOPS = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);

  /** Between the first probes of targets that came together: 10,000 of them take five seconds. */
  private static final long PACE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  private static final long FAULT_REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Lanes lanes;
  private final Clock clock;
  private final TlsClients tls;
  private final ConnectionUse connections;
  private final ProbeMeters meters;
  private long nextQuickStart = System.nanoTime();
  private long nextFaultReport = System.nanoTime();

  /**
   * @param clock for the times that people see
   * @param connections how many probes a connection serves
   * @param registry where its probes are counted
   */
  public Prober(Clock clock, TlsClients tls, ConnectionUse connections, MeterRegistry registry) {
    this(clock, tls, connections, registry, LOOPS);
  }

  Prober(
      Clock clock, TlsClients tls, ConnectionUse connections, MeterRegistry registry, int loops) {
    this.clock = clock;
    this.tls = tls;
    this.connections = connections;
    this.meters = new ProbeMeters(registry);
    this.lanes = new Lanes(loops);
  }

  /**
   * Probes a target from now on.
   *
   * @param settled whether there is a verdict on it; without one it is probed at once and in quick
   *     succession at first
   * @param sink takes what each probe saw, on an event loop; must not block
   * @throws IllegalArgumentException when the target's address is not an IP address
   */
  public Probing start(
      Target target, HealthCheck check, boolean settled, Consumer<Observation> sink) {
    ProbeSchedule schedule = ProbeSchedule.of(target.stream(), check.interval());
    Probing probing =
        new Probing(
            new Connector(
                lane(target, check),
                address(target, check),
                check.recipe(),
                tls,
                connections == ConnectionUse.KEPT),
            check,
            schedule,
            clock,
            meters,
            sink,
            this::reportOwnFault);
    if (settled) {
      probing.startOnSchedule();
    } else {
      probing.startQuickly(reserveQuickStart());
    }
    return probing;
  }

  /**
   * Probes a target once, on a connection of its own and beside all that is scheduled.
   *
   * @return completed on an event loop within the check's timeout; never exceptionally, unless the
   *     prober is closed
   * @throws IllegalArgumentException as {@link #start}
   */
  public CompletableFuture<ProbeReport> probeOnce(Target target, HealthCheck check) {
    Lane lane = lane(target, check);
    Connector connector = new Connector(lane, address(target, check), check.recipe(), tls, false);
    CompletableFuture<ProbeReport> report = new CompletableFuture<>();
    lane.loop()
        .execute(
            () -> {
              long started = System.nanoTime();
              Transcript.Kept transcript = new Transcript.Kept();
              var _ =
                  ProbeAttempt.start(
                      connector,
                      check.timeout(),
                      transcript,
                      end -> report.complete(report(connector, end, started, transcript)));
            });
    return report;
  }

  private Lane lane(Target target, HealthCheck check) {
    return lanes.of(check.recipe(), target.hashCode());
  }

  private ProbeReport report(
      Connector connector, ProbeEnd end, long started, Transcript.Kept transcript) {
    transcript.step("end");
    Duration latency = Duration.ofNanos(System.nanoTime() - started);
    return switch (end) {
      case ProbeEnd.Seen(ProbeReason reason, String text) ->
          new ProbeReport(
              connector.peer(),
              new Observation(started, clock.instant(), latency, reason, text),
              "",
              transcript.steps(),
              transcript.sent(),
              transcript.received());
      case ProbeEnd.OwnFault(String text) ->
          new ProbeReport(
              connector.peer(),
              null,
              text,
              transcript.steps(),
              transcript.sent(),
              transcript.received());
    };
  }

  private synchronized long reserveQuickStart() {
    long now = System.nanoTime();
    long start = nextQuickStart - now > 0 ? nextQuickStart : now;
    nextQuickStart = start + PACE_NANOS;
    return start - now;
  }

  /** Such a fault hits all probes alike, so one line tells for all. */
  private synchronized void reportOwnFault(ProbeEnd.OwnFault fault) {
    long now = System.nanoTime();
    if (now - nextFaultReport >= 0) {
      nextFaultReport = now + FAULT_REPORT_NANOS;
      LOG.error("cannot probe; verdicts stay as they are: {}", fault.text());
    }
  }

  private static InetSocketAddress address(Target target, HealthCheck check) {
    byte[] ip = NetUtil.createByteArrayFromIpAddressString(target.ip());
    if (ip == null) {
      throw new IllegalArgumentException("not an IP address: " + target.ip());
    }
    try {
      return new InetSocketAddress(InetAddress.getByAddress(ip), check.port(target.port()));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address: " + target.ip(), e);
    }
  }

  @Override
  public void close() {
    lanes.close();
  }
}
