package io.openneg.healthservice.target;

import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static io.openneg.healthservice.OtherServices.instanceGroup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.HealthDatabase;
import io.openneg.healthservice.OtherServices;
import io.openneg.healthservice.target.Targets.Endpoint;
import io.openneg.healthservice.target.Targets.Look;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TargetProjectionIT {
  private static final Jdbi JDBI = HealthDatabase.fresh();
  private static final String[] TABLES = {
    "endpoint", "health_check", "backend_service", "backend", "named_port"
  };

  private final TargetProjection projection = new TargetProjection();
  private final Targets targets = new Targets(JDBI);
  private final OtherServices services = new OtherServices();

  @BeforeEach
  void clear() {
    JDBI.useTransaction(projection::clear);
  }

  private void apply(RecordedEvent... events) {
    apply(List.of(events));
  }

  private void apply(List<RecordedEvent> events) {
    JDBI.useTransaction(tx -> projection.apply(tx, events));
  }

  private static Target target(String check, String ip, int port) {
    return new Target(CHECKS + check, ip, port);
  }

  @Test
  void anEndpointOfSeveralServicesIsOneTargetPerCheck() {
    apply(
        services.checkCreated(httpCheck("one")),
        services.checkCreated(httpCheck("two")),
        services.serviceCreated("s1", "one"),
        services.backendAdded("s1", "a"),
        services.serviceCreated("s2", "one"),
        services.backendAdded("s2", "a"),
        services.backendAdded("s2", "b"),
        services.serviceCreated("s3", "two"),
        services.backendAdded("s3", "a"),
        services.serviceCreated("unchecked", ""),
        services.backendAdded("unchecked", "c"),
        services.negCreated("a"),
        services.attached("a", "10.0.0.1", 80),
        services.attached("b", "10.0.0.1", 80),
        services.attached("c", "10.0.0.3", 80));

    Look look = targets.all();

    assertThat(look.wanted())
        .containsOnlyKeys(target("one", "10.0.0.1", 80), target("two", "10.0.0.1", 80));
    assertThat(look.checks()).containsOnlyKeys(CHECKS + "one", CHECKS + "two");
  }

  @Test
  void ofAnInstanceGroupThePortsWithTheServicesPortNameAreTargets() {
    String group = instanceGroup("ig");
    apply(
        services.checkCreated(httpCheck("hc")),
        services.serviceOfPort("web", "hc", "http"),
        services.backendAdded("web", group),
        services.portsNamed(group, "http", 80, "http", 8080, "admin", 9000),
        services.attached(group, "10.0.0.1", 80),
        services.attached(group, "10.0.0.1", 8080),
        services.attached(group, "10.0.0.1", 9000));
    assertThat(targets.all().wanted())
        .containsOnlyKeys(target("hc", "10.0.0.1", 80), target("hc", "10.0.0.1", 8080));

    apply(services.portsNamed(group, "http", 9000, "old", 80, "old", 8080));
    assertThat(targets.changed().orElseThrow().wanted())
        .as("other names are other targets, though no endpoint came or went")
        .containsOnlyKeys(target("hc", "10.0.0.1", 9000));

    apply(services.instanceGroupDeleted(group));
    Look gone = targets.changed().orElseThrow();
    assertThat(gone.scope()).hasSize(3);
    assertThat(gone.wanted()).isEmpty();
    assertThat(targets.all().wanted()).isEmpty();
  }

  @Test
  void aLookSeesJustWhatChangedSinceTheLast() {
    apply(
        services.checkCreated(httpCheck("hc")),
        services.serviceCreated("s", "hc"),
        services.backendAdded("s", "a"),
        services.attached("a", "10.0.0.1", 80),
        services.attached("a", "10.0.0.2", 80));
    assertThat(targets.all().wanted()).hasSize(2);
    assertThat(targets.changed().orElseThrow().scope()).isEmpty();

    apply(services.attached("a", "10.0.0.3", 80), services.detached("a", "10.0.0.1", 80));

    Look look = targets.changed().orElseThrow();
    assertThat(look.scope())
        .containsExactlyInAnyOrder(new Endpoint("10.0.0.1", 80), new Endpoint("10.0.0.3", 80));
    assertThat(look.wanted()).containsOnlyKeys(target("hc", "10.0.0.3", 80));
  }

  @Test
  void anEndpointWithAnotherInstanceIsProbedOnAsTheSameOne() {
    apply(services.attached("a", "10.0.0.1", 80));
    long attached = attachedVersion("10.0.0.1");
    apply(services.updated("a", "10.0.0.1", 80, "vm-2"));
    apply(
        services.detached("a", "10.0.0.1", 80),
        services.attached("a", "10.0.0.1", 80),
        services.updated("a", "10.0.0.1", 80, "vm-3"));
    assertThat(attachedVersion("10.0.0.1")).isEqualTo(attached + 3);
    apply(services.updated("a", "10.0.0.1", 80, "vm-4"));
    assertThat(attachedVersion("10.0.0.1")).isEqualTo(attached + 3);
    List<String> instances =
        JDBI.withHandle(
            h -> h.createQuery("SELECT instance FROM endpoint").mapTo(String.class).list());
    assertThat(instances).containsExactly("vm-4");
  }

  private static long attachedVersion(String ip) {
    return JDBI.withHandle(
        h ->
            h.createQuery("SELECT attached_version FROM endpoint WHERE host(ip) = :ip")
                .bind("ip", ip)
                .mapTo(Long.class)
                .one());
  }

  @Test
  void aServiceWithAnotherCheckMakesOtherTargetsOfTheSameEndpoints() {
    apply(
        services.checkCreated(httpCheck("one")),
        services.checkCreated(httpCheck("two")),
        services.serviceCreated("s", "one"),
        services.backendAdded("s", "a"),
        services.attached("a", "10.0.0.1", 80));
    targets.all();

    apply(services.serviceUpdated("s", "two"));
    Look look = targets.changed().orElseThrow();
    assertThat(look.scope()).containsExactly(new Endpoint("10.0.0.1", 80));
    assertThat(look.wanted()).containsOnlyKeys(target("two", "10.0.0.1", 80));

    apply(services.serviceUpdated("s", ""));
    assertThat(targets.changed().orElseThrow().wanted()).isEmpty();
    assertThat(targets.all().wanted()).isEmpty();
  }

  @Test
  void everyWayToStopBeingATargetIsSeen() {
    apply(
        services.checkCreated(httpCheck("hc")),
        services.serviceCreated("s", "hc"),
        services.backendAdded("s", "a"),
        services.backendAdded("s", "b"),
        services.attached("a", "10.0.0.1", 80),
        services.attached("b", "10.0.0.2", 80));
    targets.all();

    apply(services.negDeleted("b"));
    assertThat(targets.changed().orElseThrow().scope())
        .containsExactly(new Endpoint("10.0.0.2", 80));
    apply(services.backendRemoved("s", "a"));
    assertThat(targets.changed().orElseThrow().scope())
        .containsExactly(new Endpoint("10.0.0.1", 80));
    apply(services.backendAdded("s", "a"));
    assertThat(targets.changed().orElseThrow().wanted()).hasSize(1);
    apply(services.checkDeleted("hc"));
    Look withoutCheck = targets.changed().orElseThrow();
    assertThat(withoutCheck.scope()).containsExactly(new Endpoint("10.0.0.1", 80));
    assertThat(withoutCheck.wanted()).isEmpty();
    apply(services.checkCreated(httpCheck("hc")));
    assertThat(targets.changed().orElseThrow().wanted()).hasSize(1);
    apply(services.serviceDeleted("s"));
    assertThat(targets.changed().orElseThrow().scope())
        .containsExactly(new Endpoint("10.0.0.1", 80));
    assertThat(targets.all().wanted()).isEmpty();
  }

  @Test
  void aChangeThatCommitsDuringALookIsSeenByTheNext() {
    apply(
        services.checkCreated(httpCheck("hc")),
        services.serviceCreated("s", "hc"),
        services.backendAdded("s", "a"),
        services.attached("a", "10.0.0.1", 80));
    // The endpoint is marked already and not looked at yet, while its next change is under way.
    JDBI.useTransaction(
        tx -> {
          projection.apply(tx, List.of(services.detached("a", "10.0.0.1", 80)));
          // On a thread of its own, or it would share this transaction.
          Look look = CompletableFuture.supplyAsync(targets::changed).join().orElseThrow();
          assertThat(look.wanted()).hasSize(1);
        });

    Look look = targets.changed().orElseThrow();
    assertThat(look.scope()).containsExactly(new Endpoint("10.0.0.1", 80));
    assertThat(look.wanted()).isEmpty();
  }

  @Test
  void aCheckThatCannotBeProbedWithIsRefused() {
    assertThatThrownBy(() -> apply(services.checkCreated(httpCheck("hc").setHealthyThreshold(99))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("healthy_threshold must be 1..10, is 99");
  }

  @Test
  void batchingAndOrderBetweenStreamsChangeNothing() {
    List<List<RecordedEvent>> streams = history();
    List<RecordedEvent> inOrder = streams.stream().flatMap(List::stream).toList();
    inOrder.forEach(this::apply);
    List<String> expected = HealthDatabase.rows(JDBI, TABLES);
    assertThat(expected).hasSizeGreaterThan(10);

    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      List<RecordedEvent> shuffled = interleave(streams, random);
      clear();
      for (int from = 0; from < shuffled.size(); ) {
        int to = Math.min(shuffled.size(), from + 1 + random.nextInt(15));
        apply(shuffled.subList(from, to));
        from = to;
      }
      assertThat(HealthDatabase.rows(JDBI, TABLES)).as("seed %d", seed).isEqualTo(expected);
    }
  }

  private List<List<RecordedEvent>> history() {
    Random random = new Random(42);
    List<List<RecordedEvent>> streams = new ArrayList<>();
    for (String neg : List.of("a", "b", "c")) {
      List<RecordedEvent> events = new ArrayList<>();
      List<Integer> ports = new ArrayList<>();
      events.add(services.negCreated(neg));
      for (int i = 0; i < 40; i++) {
        if (random.nextInt(3) == 0 && !ports.isEmpty()) {
          int port = ports.remove(/* index */ random.nextInt(ports.size()));
          events.add(services.detached(neg, "10.0.0.1", port));
        } else {
          int port = 1 + random.nextInt(20);
          if (!ports.contains(port)) {
            ports.add(port);
            events.add(services.attached(neg, "10.0.0.1", port));
          }
        }
      }
      if (neg.equals("c")) {
        events.add(services.negDeleted(neg));
      }
      streams.add(events);
    }
    streams.add(
        List.of(
            services.checkCreated(httpCheck("hc")),
            services.checkUpdated(httpCheck("hc").setCheckIntervalSec(9))));
    streams.add(List.of(services.urlMapCreated("map")));
    streams.add(
        List.of(
            services.portsNamed(instanceGroup("ig"), "http", 80),
            services.attached(instanceGroup("ig"), "10.0.0.9", 80),
            services.portsNamed(instanceGroup("ig"), "http", 80, "web", 80)));
    streams.add(
        List.of(
            services.portsNamed(instanceGroup("gone"), "http", 80),
            services.attached(instanceGroup("gone"), "10.0.0.9", 80),
            services.instanceGroupDeleted(instanceGroup("gone"))));
    streams.add(List.of(services.checkCreated(httpCheck("gone")), services.checkDeleted("gone")));
    streams.add(
        List.of(
            services.serviceCreated("s", "hc"),
            services.backendAdded("s", "a"),
            services.backendAdded("s", "b"),
            services.backendRemoved("s", "b")));
    streams.add(
        List.of(
            services.serviceCreated("t", ""),
            services.backendAdded("t", "a"),
            services.serviceDeleted("t")));
    return streams;
  }

  private static List<RecordedEvent> interleave(List<List<RecordedEvent>> streams, Random random) {
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < streams.size(); i++) {
      turns.addAll(Collections.nCopies(streams.get(i).size(), i));
    }
    Collections.shuffle(turns, random);
    int[] next = new int[streams.size()];
    List<RecordedEvent> events = new ArrayList<>();
    turns.forEach(i -> events.add(streams.get(i).get(next[i]++)));
    return events;
  }
}
