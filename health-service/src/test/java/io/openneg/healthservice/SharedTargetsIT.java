package io.openneg.healthservice;

import static io.openneg.healthservice.MonitorHarness.ALL_SHARDS;
import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.PortSpecification;
import io.openneg.eventlog.CommandContext;
import io.openneg.eventlog.CommandRunner;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand;
import io.openneg.healthservice.endpointhealth.EndpointHealthCommand.ChangeHealth;
import io.openneg.healthservice.endpointhealth.EndpointHealthDecider;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.endpointhealth.Streak;
import io.openneg.healthservice.probe.FakeBackend;
import io.openneg.healthservice.shard.FencedException;
import io.openneg.healthservice.shard.ShardOwnership;
import io.openneg.healthservice.shard.Shards;
import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/**
 * Several replicas over one database. The hazards: a target that nobody probes, a verdict said
 * twice, and a replica that has lost its targets and does not know it.
 */
class SharedTargetsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ENDPOINTS = 200;
  private static final Set<Integer> LOW = Set.of(0, 1, 2);
  private static final Set<Integer> HIGH = Set.of(3, 4, 5, 6, 7);

  private final Jdbi jdbi = HealthDatabase.fresh();
  private final OtherServices services = new OtherServices();

  /** All endpoints are probed at one server, which so can make them all fail at once. */
  private List<RecordedEvent> world(FakeBackend backend) {
    var check = httpCheck("hc");
    check
        .getHttpHealthCheckBuilder()
        .setPortSpecification(PortSpecification.USE_FIXED_PORT)
        .setPort(backend.port());
    List<RecordedEvent> events = new ArrayList<>();
    events.add(services.checkCreated(check));
    events.add(services.serviceCreated("s", "hc"));
    events.add(services.backendAdded("s", "a"));
    IntStream.rangeClosed(1, ENDPOINTS)
        .forEach(port -> events.add(services.attached("a", "127.0.0.1", port)));
    return events;
  }

  private List<String> story() {
    return MonitorHarness.announced(jdbi).stream()
        .map(
            event ->
                event.target().port()
                    + switch (event) {
                      case HealthChanged changed -> " " + changed.newState();
                      case ProbingStopped _ -> " STOPPED";
                    })
        .toList();
  }

  private static List<String> all(String word) {
    return IntStream.rangeClosed(1, ENDPOINTS).mapToObj(port -> port + " " + word).toList();
  }

  private void awaitStory(List<String> expected) {
    await().atMost(PATIENCE).until(() -> story().size() >= expected.size());
    assertThat(story()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static List<String> both(List<String> one, List<String> other) {
    List<String> both = new ArrayList<>(one);
    both.addAll(other);
    return both;
  }

  @Test
  void everyTargetIsProbedByOneReplicaAndSaidOnce() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (MonitorHarness one = MonitorHarness.start(jdbi, LOW);
        MonitorHarness two = MonitorHarness.start(jdbi, HIGH)) {
      one.apply(world(backend));
      two.notice();
      awaitStory(all("HEALTHY"));
      assertThat(one.status().targets() + two.status().targets()).isEqualTo(ENDPOINTS);
      assertThat(one.status().targets()).isBetween(ENDPOINTS / 8, ENDPOINTS * 5 / 8);

      backend.die();
      awaitStory(both(all("HEALTHY"), all("UNHEALTHY")));
    }
  }

  @Test
  void aReplicaThatDiesLosesNothingToTheOneThatTakesOver() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (MonitorHarness survivor = MonitorHarness.start(jdbi, HIGH)) {
      try (MonitorHarness victim = MonitorHarness.start(jdbi, LOW)) {
        survivor.apply(world(backend));
        victim.notice();
        awaitStory(all("HEALTHY"));
      }
      // While nobody has the shards, endpoints fail and one is detached.
      backend.die();
      survivor.apply(services.detached("a", "127.0.0.1", 7));
      survivor.own(ALL_SHARDS);

      List<String> expected = both(all("HEALTHY"), all("UNHEALTHY"));
      expected.add("7 STOPPED");
      // Its last verdict depends on which replica had it.
      await().atMost(PATIENCE).until(() -> story().size() >= expected.size() - 1);
      expected.remove("7 UNHEALTHY");
      List<String> story = new ArrayList<>(story());
      story.remove("7 UNHEALTHY");
      assertThat(story).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(survivor.status().targets()).isEqualTo(ENDPOINTS - 1);
    }
  }

  @Test
  void shardsThatMoveToAndFroAreNeverSaidTwice() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness one = MonitorHarness.start(jdbi, LOW);
        MonitorHarness two = MonitorHarness.start(jdbi, HIGH)) {
      one.apply(world(backend));
      two.notice();
      awaitStory(all("HEALTHY"));
      for (int i = 0; i < 4; i++) {
        one.own(i % 2 == 0 ? HIGH : LOW);
        two.own(i % 2 == 0 ? LOW : HIGH);
        int shards = i % 2 == 0 ? HIGH.size() : LOW.size();
        await().atMost(PATIENCE).until(() -> one.status().shards() == shards);
        await()
            .atMost(PATIENCE)
            .until(() -> one.status().targets() + two.status().targets() == ENDPOINTS);
      }
      assertThat(story()).containsExactlyInAnyOrderElementsOf(all("HEALTHY"));
    }
  }

  @Test
  void twoReplicasThatBothBelieveToOwnAllStillSayEverythingOnce() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (MonitorHarness one = MonitorHarness.start(jdbi, ALL_SHARDS)) {
      one.apply(world(backend));
      awaitStory(all("HEALTHY"));
      try (MonitorHarness two = MonitorHarness.start(jdbi, ALL_SHARDS)) {
        await().atMost(PATIENCE).until(() -> two.status().targets() == ENDPOINTS);
        backend.die();
        awaitStory(both(all("HEALTHY"), all("UNHEALTHY")));
        // The one that lost them gave up what it tried to announce, and asked.
        await().atMost(PATIENCE).until(() -> one.doubts() > 0);
      }
      // Kafka says they are its own after all.
      one.confirm();
      await().atMost(PATIENCE).until(() -> one.status().targets() == ENDPOINTS);
      try (FakeBackend _ = FakeBackend.startOn(backend.port(), FakeBackend.answeringStatus(200))) {
        awaitStory(both(both(all("HEALTHY"), all("UNHEALTHY")), all("HEALTHY")));
      }
    }
  }

  @Test
  void marksThatAreGoneLeadToALookAtEverything() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(world(backend));
      awaitStory(all("HEALTHY"));
      // As if this replica had slept while others went on and tidied up.
      jdbi.useTransaction(
          tx -> {
            tx.execute("DELETE FROM endpoint WHERE port = 3");
            tx.execute("UPDATE changed_endpoint_floor SET id = id + 1000000");
          });
      harness.notice();

      List<String> expected = new ArrayList<>(all("HEALTHY"));
      expected.add("3 STOPPED");
      awaitStory(expected);
    }
  }

  @Test
  void whoHasLostAShardCannotAnnounce() {
    Target target = new Target(CHECKS + "hc", "127.0.0.1", 1);
    Set<Integer> shard = Set.of(Shards.of(target.stream()));
    ShardOwnership old = new ShardOwnership(jdbi, "old");
    ShardOwnership young = new ShardOwnership(jdbi, "young");
    var runner = runner(old);
    old.claim(shard);
    assertThat(run(runner, target, ProbeReason.SUCCESS)).isEqualTo(HealthState.HEALTHY);

    young.claim(shard);

    assertThatThrownBy(() -> run(runner, target, ProbeReason.TIMEOUT))
        .isInstanceOfSatisfying(FencedException.class, e -> assertThat(e.lost()).isEqualTo(shard));
    assertThat(story()).containsExactly("1 HEALTHY");
    assertThat(run(runner(young), target, ProbeReason.TIMEOUT)).isEqualTo(HealthState.UNHEALTHY);
  }

  @Test
  void aClaimWaitsForAnAnnouncementUnderWay() throws Exception {
    Target target = new Target(CHECKS + "hc", "127.0.0.1", 1);
    Set<Integer> shard = Set.of(Shards.of(target.stream()));
    ShardOwnership old = new ShardOwnership(jdbi, "old");
    old.claim(shard);
    CountDownLatch appended = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    CompletableFuture<Void> announcing =
        CompletableFuture.runAsync(
            () ->
                jdbi.useTransaction(
                    tx -> {
                      List<RecordedEvent> events =
                          new EventStore("health.events.v1")
                              .append(
                                  tx,
                                  List.of(
                                      new EventStore.StreamAppend(
                                          target.stream(), 0, List.of(changed(target)))),
                                  CommandContext.internal(Instant.now(), "test", "test"));
                      old.fencing(new EndpointHealthView()).apply(tx, events);
                      appended.countDown();
                      awaitWithin30s(goOn);
                    }),
            threads);
    assertThat(appended.await(30, TimeUnit.SECONDS)).isTrue();

    CompletableFuture<Integer> seenAfterClaim =
        CompletableFuture.supplyAsync(
            () -> {
              new ShardOwnership(jdbi, "young").claim(shard);
              return jdbi.withHandle(new EndpointHealthView()::verdicts).size();
            },
            threads);
    await().atMost(PATIENCE).until(this::someoneWaitsForALock);
    assertThat(seenAfterClaim).isNotDone();
    goOn.countDown();

    announcing.get(30, TimeUnit.SECONDS);
    assertThat(seenAfterClaim.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    threads.shutdownNow();
  }

  private static void awaitWithin30s(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean someoneWaitsForALock() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT EXISTS (
                      SELECT 1 FROM pg_stat_activity
                      WHERE datname = current_database() AND wait_event_type = 'Lock')
                    """)
                .mapTo(Boolean.class)
                .one());
  }

  private static EventStore.NewEvent changed(Target target) {
    EndpointHealthEvent event =
        new HealthChanged(
            target,
            HealthState.UNKNOWN,
            HealthState.HEALTHY,
            ProbeReason.SUCCESS,
            "",
            Instant.EPOCH,
            Duration.ZERO,
            2);
    EndpointHealthCodec codec = new EndpointHealthCodec();
    return new EventStore.NewEvent(codec.type(event), codec.encode(event));
  }

  private CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner(
      ShardOwnership ownership) {
    return new CommandRunner<>(
        jdbi,
        new EventStore("health.events.v1"),
        new EndpointHealthDecider(),
        new EndpointHealthCodec(),
        ownership.fencing(new EndpointHealthView()),
        () -> {},
        10);
  }

  private static HealthState run(
      CommandRunner<HealthState, EndpointHealthCommand, EndpointHealthEvent> runner,
      Target target,
      ProbeReason reason) {
    Observation observation = new Observation(1, Instant.EPOCH, Duration.ZERO, reason, "");
    HealthState state = reason == ProbeReason.SUCCESS ? HealthState.HEALTHY : HealthState.UNHEALTHY;
    var outcomes =
        runner.runAll(
            Map.of(
                target.stream(),
                new ChangeHealth(target, new Streak.Transition(state, observation, 2))),
            CommandContext.internal(Instant.now(), "test", "test"));
    return outcomes.values().iterator().next().orThrow().state();
  }

  @Test
  void shardsAreEvenAndNeverChange() {
    int[] sizes = new int[Shards.COUNT];
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      int shard =
          Shards.of(
              new Target(CHECKS + "hc", "10.0.%d.%d".formatted(i / 250, i % 250), 8080).stream());
      sizes[shard]++;
      seen.add(shard);
    }
    assertThat(seen).isEqualTo(ALL_SHARDS);
    assertThat(IntStream.of(sizes).min().orElseThrow()).isGreaterThan(1_100);
    // A replica of another version must come to the same: these stay as they are.
    assertThat(Shards.of("a")).isEqualTo(1);
  }
}
