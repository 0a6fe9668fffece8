package io.openneg.local.bench;

import io.openneg.embedded.FreePorts;
import io.openneg.health.v1.HealthState;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import io.openneg.local.client.HttpLoadBalancer.Check;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Programs;
import io.openneg.local.system.SystemProcess;
import io.openneg.local.system.SystemSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@code openneg bench health}: 10,000 HTTP endpoints probed every five seconds. What that costs
 * the whole health-service, beside an HAProxy that checks the same servers at the same time; how
 * punctual the probes are; how soon 100 killed endpoints are told. First with a new connection for
 * each probe, then with kept ones.
 */
public final class HealthBench {
  private static final int ENDPOINTS = 10_000;
  private static final int KILLED = 100;
  private static final int THRESHOLD = 2;
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration SETTLING = Duration.ofSeconds(100);
  private static final Duration MEASURED = Duration.ofSeconds(30);
  private static final Duration BETWEEN_SCRAPES = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BETWEEN_KILLS = Duration.ofMillis(50);
  private static final double TOLD_AIM_MS = INTERVAL.toMillis() * THRESHOLD + 200.0;

  /** How health-service uses connections, and its share of HAProxy's processor time at the most. */
  private enum Connections {
    NEW("new", "a new connection for each probe", 1.5),
    KEPT("kept", "a connection for 12 probes", 1.0);

    private final String setting;
    private final String text;
    private final double aim;

    Connections(String setting, String text, double aim) {
      this.setting = setting;
      this.text = text;
      this.aim = aim;
    }
  }

  private final Programs programs;
  private final PrintStream out;
  private final long begin = System.nanoTime();

  public HealthBench(Programs programs, PrintStream out) {
    this.programs = programs.optimized();
    this.out = out;
  }

  /** 0 when every aim is met. */
  public int run() {
    out.printf(
        "%d cores, %s %s, %s %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vendor"),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
    out.printf(
        "%,d HTTP endpoints, a probe of each every %d s, thresholds %d; takes about 5 minutes%n",
        ENDPOINTS, INTERVAL.toSeconds(), THRESHOLD);
    progress("starting a system of its own");
    try (var servers = new ProbedServers(ENDPOINTS, KILLED);
        var system = LocalSystem.start(SystemSettings.temporary(programs))) {
      Runtime.getRuntime().addShutdownHook(new Thread(system::close, "stop"));
      // Those to whom health is told would only share the processor.
      for (Component other : List.of(Component.EDGE, Component.PROXY_CONFIG, Component.HEALTH)) {
        system.process(other).stop();
      }
      try (var feed = new HealthFeed(system.ports().address(Component.KAFKA))) {
        return measure(system, servers, feed) ? 0 : 1;
      }
    }
  }

  private boolean measure(LocalSystem system, ProbedServers servers, HealthFeed feed) {
    boolean met = true;
    @Nullable HaProxy peer = null;
    try {
      for (Connections connections : Connections.values()) {
        progress("starting health-service: " + connections.text);
        SystemProcess prober =
            system.startReplica(
                Component.HEALTH, Map.of("OPENNEG_PROBE_CONNECTIONS", connections.setting));
        if (peer == null) {
          attach(system, servers, feed);
          peer = HaProxy.start(servers.addresses(), INTERVAL, THRESHOLD).orElse(null);
          progress(
              peer == null
                  ? "HAProxy is not installed (Debian: apt-get install haproxy): nothing to compare"
                  : "HAProxy checks the same endpoints, a new connection for each check");
        }
        progress(
            "%d s to settle, %d s measured".formatted(SETTLING.toSeconds(), MEASURED.toSeconds()));
        settle(prober);
        met &= steady(prober, servers, Optional.ofNullable(peer), connections);
        met &= detection(servers, feed);
        if (connections == Connections.KEPT) {
          collapse(servers, feed);
        }
        prober.stop();
      }
    } finally {
      if (peer != null) {
        peer.close();
      }
    }
    return met;
  }

  private void attach(LocalSystem system, ProbedServers servers, HealthFeed feed) {
    HttpLoadBalancer balancer =
        HttpLoadBalancer.create(
            system.api(),
            "lab-a",
            "bench-health",
            FreePorts.next(),
            List.of(),
            new Check("/", INTERVAL, THRESHOLD),
            Duration.ZERO);
    long attached = System.nanoTime();
    balancer.attach(servers.addresses());
    feed.await(servers.addresses(), HealthState.HEALTHY, PATIENCE);
    progress(
        "attached in one call; all told to be healthy after %.1f s"
            .formatted((System.nanoTime() - attached) / 1e9));
  }

  private boolean steady(
      SystemProcess prober,
      ProbedServers servers,
      Optional<HaProxy> peer,
      Connections connections) {
    long answered = servers.ourProbes();
    Scrape scraped = Scrape.of(prober.port());
    ProcessUsage ours = ProcessUsage.of(prober.pid());
    Optional<ProcessUsage> theirs = peer.map(HaProxy::usage);
    rest(MEASURED);
    ProcessUsage oursNow = ProcessUsage.of(prober.pid());
    Optional<ProcessUsage> theirsNow = peer.map(HaProxy::usage);
    double seconds = (oursNow.atNanos() - ours.atNanos()) / 1e9;
    Scrape scrapedNow = Scrape.of(prober.port());
    double probes = (servers.ourProbes() - answered) / seconds;

    out.printf("%n%s", "%-50s".formatted(capital(connections.text)));
    out.printf("  CPU, cores  memory  descriptors%n");
    double cores = oursNow.coresSince(ours);
    row("health-service, the whole process", cores, oursNow);
    boolean met = true;
    if (theirs.isPresent() && theirsNow.isPresent()) {
      double peerCores = theirsNow.get().coresSince(theirs.get());
      row("HAProxy, a new connection for each check", peerCores, theirsNow.get());
      double ratio = cores / peerCores;
      met = ratio <= connections.aim;
      out.printf(
          "  %-48s %10.2f x  (%s %s x)%n",
          "ratio to HAProxy", ratio, met ? "aim:" : "NOT within", connections.aim);
    }
    out.printf(
        "  %-48s %,10.0f /s  (by the service's count: %,.0f)%n",
        "probes that the endpoints answered",
        probes,
        scrapedNow.growth("openneg_health_probes_total", scraped) / seconds);
    String delay = "openneg_health_probe_start_delay_seconds";
    out.printf(
        "  %-48s %10s ms  (half: %s ms; the service's own measure)%n",
        "99 % of the probes started late by at most",
        milliseconds(scrapedNow.bound(delay, 0.99, scraped)),
        milliseconds(scrapedNow.bound(delay, 0.5, scraped)));
    out.flush();
    return met;
  }

  private static String milliseconds(double seconds) {
    double ms = seconds * 1000;
    return ms < 1 ? "%.1f".formatted(ms) : "%.0f".formatted(ms);
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private void row(String what, double cores, ProcessUsage usage) {
    out.printf(
        "  %-48s %10.3f  %,4d MiB  %,9d%n",
        what, cores, usage.memoryKib() / 1024, usage.descriptors());
  }

  private boolean detection(ProbedServers servers, HealthFeed feed) {
    List<Address> mortals = servers.mortals();
    feed.await(mortals, HealthState.HEALTHY, PATIENCE);
    var killed = new long[mortals.size()];
    for (int i = 0; i < killed.length; i++) {
      killed[i] = System.nanoTime();
      servers.kill(mortals.get(i));
      rest(BETWEEN_KILLS);
    }
    feed.await(mortals, HealthState.UNHEALTHY, PATIENCE);
    var latencies = new long[killed.length];
    for (int i = 0; i < killed.length; i++) {
      latencies[i] = feed.toldAt(mortals.get(i)) - killed[i];
    }
    mortals.forEach(servers::revive);
    var latency = new Samples(latencies);
    boolean met = latency.p99() <= TOLD_AIM_MS;
    out.printf(
        "  %-48s %,10.0f ms  (median: %,.0f ms; %s %,.0f ms)%n",
        "%d killed, 99 %% told by Kafka after at most".formatted(killed.length),
        latency.p99(),
        latency.median(),
        met ? "aim:" : "NOT within",
        TOLD_AIM_MS);
    return met;
  }

  private void collapse(ProbedServers servers, HealthFeed feed) {
    feed.await(servers.mortals(), HealthState.HEALTHY, PATIENCE);
    long killed = System.nanoTime();
    servers.killAll();
    feed.await(servers.addresses(), HealthState.UNHEALTHY, PATIENCE);
    long last = servers.addresses().stream().mapToLong(feed::toldAt).max().orElseThrow();
    out.printf(
        "  %-48s %,10.0f ms%n",
        "all %,d killed, the last told by Kafka after".formatted(ENDPOINTS), (last - killed) / 1e6);
    out.flush();
  }

  private void progress(String what) {
    out.printf("[%3d s] %s%n", (System.nanoTime() - begin) / 1_000_000_000, what);
    out.flush();
  }

  /** Scraped as in production: the first scrape of all makes the compiler think again. */
  private static void settle(SystemProcess prober) {
    long end = System.nanoTime() + SETTLING.toNanos();
    while (System.nanoTime() - end < 0) {
      var _ = Scrape.of(prober.port());
      rest(BETWEEN_SCRAPES);
    }
  }

  private static void rest(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
