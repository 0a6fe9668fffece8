package io.openneg.local.bench;

import io.openneg.embedded.Database;
import io.openneg.local.client.Api;
import io.openneg.local.system.Component;
import io.openneg.local.system.LocalSystem;
import io.openneg.local.system.Programs;
import io.openneg.local.system.SystemSettings;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code openneg bench neg}: what neg-service does with groups as large as they get, beside what
 * PostgreSQL needs for the same rows in the same run. On a system of its own, compiled as in
 * production, whose commits reach the disk; the processes behind neg-service are stopped, so that
 * nothing else is measured.
 */
public final class NegBench {
  private static final int LARGE = 10_000;
  private static final int PART = 500;
  private static final int SINGLE_WARM_UP = 300;
  private static final int SINGLE = 300;
  private static final int BULK_WARM_UP = 40;
  private static final int BULK = 31;
  private static final int READ = 9;
  private static final int READ_WARM_UP = 5;
  private static final int CLIENTS = 32;
  private static final Duration RUSH = Duration.ofSeconds(5);
  private static final int ROUNDS = 3;

  private static final double SINGLE_AIM = 1.5;
  private static final double BULK_AIM = 4;

  private final Programs programs;
  private final PrintStream out;

  public NegBench(Programs programs, PrintStream out) {
    this.programs = programs;
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
    out.println("Starting a system of its own (commits reach the disk) ...");
    var settings = SystemSettings.temporary(programs.optimized()).withDurable(true);
    try (var system = LocalSystem.start(settings)) {
      Runtime.getRuntime().addShutdownHook(new Thread(system::close, "stop"));
      for (Component other :
          List.of(Component.EDGE, Component.PROXY_CONFIG, Component.HEALTH, Component.BACKEND)) {
        system.process(other).stop();
      }
      var floor =
          new EndpointFloor(
              new Database(
                  "neg",
                  "jdbc:postgresql://%s/neg".formatted(system.ports().address(Component.POSTGRES)),
                  "neg",
                  "openneg"));
      String parent = "projects/bench/zones/" + settings.zone();
      boolean met = singles(system.api(), parent);
      met &= bulk(system.api(), parent, floor);
      reads(system.api(), parent);
      rush(system.api(), parent, floor);
      return met ? 0 : 1;
    }
  }

  private boolean singles(Api api, String parent) {
    var empty = new GroupClient(api, parent, "single-empty");
    var large = new GroupClient(api, parent, "single-large");
    large.attach(GroupClient.ips(1, LARGE - 1));
    List<String> one = GroupClient.ips(9, 1);
    var ofEmpty = new long[SINGLE];
    var ofLarge = new long[SINGLE];
    for (int i = -SINGLE_WARM_UP; i < SINGLE; i++) {
      long onEmpty = timed(() -> empty.attach(one));
      empty.detach(one);
      long onLarge = timed(() -> large.attach(one));
      large.detach(one);
      if (i >= 0) {
        ofEmpty[i] = onEmpty;
        ofLarge[i] = onLarge;
      }
    }
    head("%d single attaches to each of two groups, in turn".formatted(SINGLE));
    var fast = new Samples(ofEmpty);
    var slow = new Samples(ofLarge);
    row("to the one without endpoints", fast);
    row("to the one with %,d".formatted(LARGE - 1), slow);
    return aim("ratio", slow.median() / fast.median(), SINGLE_AIM);
  }

  private boolean bulk(Api api, String parent, EndpointFloor floor) {
    List<String> ips = GroupClient.ips(2, LARGE);
    var whole = new GroupClient(api, parent, "bulk-whole");
    var parts = new GroupClient(api, parent, "bulk-parts");
    var floors = new long[BULK];
    var wholes = new long[BULK];
    var partwise = new long[BULK];
    try (EndpointFloor.Session session = floor.open()) {
      for (int i = -BULK_WARM_UP; i < BULK; i++) {
        String rows = "floor-" + (i + BULK_WARM_UP);
        long onFloor = timed(() -> session.insert(rows, ips, GroupClient.PORT));
        long inOne = timed(() -> whole.attach(ips));
        long inParts = timed(() -> attachInParts(parts, ips));
        whole.set(List.of());
        parts.set(List.of());
        if (i >= 0) {
          floors[i] = onFloor;
          wholes[i] = inOne;
          partwise[i] = inParts;
        }
      }
    }
    head("%,d endpoints attached, %d times".formatted(LARGE, BULK));
    var least = new Samples(floors);
    var inOne = new Samples(wholes);
    var inParts = new Samples(partwise);
    row("PostgreSQL: the rows by unnest, 1 transaction", least);
    row("in one call", inOne);
    boolean met = aim("ratio to the floor", inOne.median() / least.median(), BULK_AIM);
    row("in %d calls of %d".formatted(LARGE / PART, PART), inParts);
    met &= aim("ratio to the floor", inParts.median() / least.median(), BULK_AIM);
    return met;
  }

  private static void attachInParts(GroupClient group, List<String> ips) {
    for (int from = 0; from < ips.size(); from += PART) {
      group.attach(ips.subList(from, from + PART));
    }
  }

  private void reads(Api api, String parent) {
    var group = new GroupClient(api, parent, "reads");
    List<String> ips = GroupClient.ips(3, LARGE);
    group.attach(ips);
    // Detached and attached again, four times: a history of 90,000 events and one.
    for (int i = 0; i < 4; i++) {
      group.set(List.of());
      group.set(ips);
    }
    head("%,d endpoints, %d times".formatted(LARGE, READ));
    row("listed in one page", samples(() -> group.list(LARGE, 0)));
    row("listed in pages of %d".formatted(PART), samples(() -> group.list(PART, 0)));
    row("set to what they are: nothing changes", samples(() -> group.set(ips)));
    // Each time another version, so that none is remembered; some of them with all endpoints.
    long[] version = {LARGE + 1};
    row(
        "those of a past version, among %,d events".formatted(9 * LARGE + 1),
        samples(() -> group.list(LARGE, version[0] += LARGE / 2)));
  }

  private void rush(Api api, String parent, EndpointFloor floor) {
    List<GroupClient> groups = new ArrayList<>();
    List<EndpointFloor.Session> sessions = new ArrayList<>();
    for (int n = 0; n < CLIENTS; n++) {
      groups.add(new GroupClient(api, parent, "rush-" + n));
      sessions.add(floor.open());
    }
    // The last round counts; those before it warm up.
    double calls = 0;
    double inserts = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Runnable> attaching = new ArrayList<>();
      List<Runnable> inserting = new ArrayList<>();
      for (int n = 0; n < CLIENTS; n++) {
        var next = new int[2];
        int block = 100 + round;
        GroupClient group = groups.get(n);
        attaching.add(() -> group.attach(List.of(GroupClient.ip(block, next[0]++))));
        EndpointFloor.Session session = sessions.get(n);
        String rows = "rush-" + n;
        inserting.add(
            () ->
                session.insert(rows, List.of(GroupClient.ip(block, next[1]++)), GroupClient.PORT));
      }
      calls = ManyClients.perSecond(RUSH, attaching);
      inserts = ManyClients.perSecond(RUSH, inserting);
    }
    sessions.forEach(EndpointFloor.Session::close);
    out.printf("%n%d clients at the same time, %d s%n", CLIENTS, RUSH.toSeconds());
    out.printf("  %-48s %6.0f /s%n", "PostgreSQL: single-row transactions", inserts);
    out.printf("  %-48s %6.0f /s%n", "single attaches, each to its own group", calls);
    out.printf("  %-48s %6.2f%n", "share of the floor", calls / inserts);
  }

  private static long timed(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return System.nanoTime() - begin;
  }

  private static Samples samples(Runnable work) {
    var nanoseconds = new long[READ];
    for (int i = -READ_WARM_UP; i < READ; i++) {
      long taken = timed(work);
      if (i >= 0) {
        nanoseconds[i] = taken;
      }
    }
    return new Samples(nanoseconds);
  }

  private void head(String what) {
    out.printf("%n%-50s   median        p99%n", what);
  }

  private void row(String what, Samples samples) {
    out.printf("  %-48s %7.2f ms %7.2f ms%n", what, samples.median(), samples.p99());
    out.flush();
  }

  private boolean aim(String what, double ratio, double aim) {
    boolean met = ratio <= aim;
    out.printf("  %-48s %7.2f x   (%s %s)%n", what, ratio, met ? "aim:" : "NOT within", aim);
    return met;
  }
}
