package io.openneg.local.bench;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.local.client.EdgeAdmin;
import io.openneg.local.client.EdgeAdmin.State;
import io.openneg.local.client.HttpLoadBalancer;
import io.openneg.local.client.HttpLoadBalancer.Address;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Programs;
import io.openneg.local.system.SystemSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * {@code openneg bench attach}: from the call of the API to the moment the edge proxy has the
 * endpoint, on a system of its own whose commits reach the disk. The backend services have no
 * health check, so that an endpoint is known as healthy at once.
 */
public final class AttachBench {
  private static final int WARM_UP = 50;
  private static final int SINGLE = 200;
  private static final int BULK = 10_000;
  private static final Duration BULK_LIMIT = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Programs programs;
  private final PrintStream out;

  public AttachBench(Programs programs, PrintStream out) {
    this.programs = programs;
    this.out = out;
  }

  /** 0 when every endpoint arrived and 10,000 of them were accepted in time. */
  public int run() {
    out.printf(
        "%d cores, %s %s, %s %s%n",
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.vendor"),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
    out.println("Starting a system of its own (commits reach the disk) ...");
    var settings = SystemSettings.temporary(programs).withDurable(true);
    try (var system = LocalSystem.start(settings)) {
      Runtime.getRuntime().addShutdownHook(new Thread(system::close, "stop"));
      Floor.Measured floor = floor(system);
      singles(system, settings.zone(), floor);
      return bulk(system, settings.zone()) ? 0 : 1;
    }
  }

  private Floor.Measured floor(LocalSystem system) {
    var database =
        new Database(
            "neg",
            "jdbc:postgresql://%s/neg".formatted(system.ports().address(Component.POSTGRES)),
            "neg",
            "openneg");
    try (var floor =
        new Floor(
            database, system.ports().address(Component.KAFKA), system.channel(Component.NEG))) {
      Floor.Measured measured = floor.measure(2 * WARM_UP, SINGLE);
      out.printf("%nThe floor, %d rounds                             median       p99%n", SINGLE);
      row("PostgreSQL insert + commit", measured.commit());
      row("Kafka produce -> consume", measured.hop());
      row("gRPC unary call to neg-service", measured.call());
      row("all three", measured.together());
      return measured;
    }
  }

  private void singles(LocalSystem system, String zone, Floor.Measured floor) {
    HttpLoadBalancer balancer =
        HttpLoadBalancer.create(
            system.api(), zone, "bench-single", FreePorts.next(), List.of(), null, Duration.ZERO);
    EdgeAdmin edge = system.edgeAdmin();
    var answered = new long[SINGLE];
    var visible = new long[SINGLE];
    var afterAnswer = new long[SINGLE];
    for (int i = -WARM_UP; i < SINGLE; i++) {
      int n = i + WARM_UP;
      var endpoint = new Address("10.1.%d.%d".formatted(n / 250, n % 250 + 1), 8080);
      // Opened before the call: the proxy may well know before the answer is here.
      CompletableFuture<Optional<Long>> known =
          edge.await(balancer.backendService(), endpoint.toString(), State.HEALTHY, PATIENCE);
      long begin = System.nanoTime();
      balancer.attach(List.of(endpoint));
      long answer = System.nanoTime();
      long seen = arrival(known, endpoint.toString());
      if (i >= 0) {
        answered[i] = answer - begin;
        visible[i] = seen - begin;
        afterAnswer[i] = Math.max(0, seen - answer);
      }
    }
    var whole = new Samples(visible);
    out.printf("%n%d single attaches, one after the other          median       p99%n", SINGLE);
    row("call -> API's answer", new Samples(answered));
    row("API's answer -> visible at the proxy", new Samples(afterAnswer));
    row("call -> visible at the proxy", whole);
    out.printf(
        "  %-44s %6.1f x   %6.1f x%n",
        "ratio to the floor",
        whole.median() / floor.together().median(),
        whole.p99() / floor.together().p99());
  }

  private boolean bulk(LocalSystem system, String zone) {
    HttpLoadBalancer balancer =
        HttpLoadBalancer.create(
            system.api(), zone, "bench-bulk", FreePorts.next(), List.of(), null, Duration.ZERO);
    EdgeAdmin edge = system.edgeAdmin();
    List<Address> endpoints =
        IntStream.range(0, BULK)
            .mapToObj(n -> new Address("10.2.%d.%d".formatted(n / 250, n % 250 + 1), 8080))
            .toList();
    String last = endpoints.getLast().toString();
    CompletableFuture<Optional<Long>> known =
        edge.await(balancer.backendService(), last, State.HEALTHY, PATIENCE);
    long begin = System.nanoTime();
    balancer.attach(endpoints);
    Duration answered = Duration.ofNanos(System.nanoTime() - begin);
    long seen = arrival(known, last);
    // One change is one answer to the proxy, but that is for the proxy to show.
    while (visible(edge, balancer.backendService()) < BULK) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IllegalStateException("the proxy does not have all %d endpoints".formatted(BULK));
      }
      seen = System.nanoTime();
    }
    boolean inTime = answered.compareTo(BULK_LIMIT) < 0;
    out.printf("%n%,d endpoints in one call%n", BULK);
    out.printf(
        "  %-44s %6.0f ms   (%s %d s)%n",
        "call -> API's answer",
        answered.toNanos() / 1e6,
        inTime ? "under" : "NOT under",
        BULK_LIMIT.toSeconds());
    out.printf("  %-44s %6.0f ms%n", "call -> all visible at the proxy", (seen - begin) / 1e6);
    return inTime;
  }

  private static long visible(EdgeAdmin edge, String cluster) {
    return edge.clusters().stream()
        .filter(candidate -> candidate.name().equals(cluster))
        .mapToLong(found -> found.endpoints().size())
        .sum();
  }

  private static long arrival(CompletableFuture<Optional<Long>> known, String endpoint) {
    return known
        .join()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "%s is not at the proxy after %d s".formatted(endpoint, PATIENCE.toSeconds())));
  }

  private void row(String what, Samples samples) {
    out.printf("  %-44s %6.2f ms  %6.2f ms%n", what, samples.median(), samples.p99());
    out.flush();
  }
}
