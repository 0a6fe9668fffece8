package io.openneg.healthservice.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.openneg.healthservice.endpointhealth.Observation;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.target.HealthCheck;
import io.openneg.healthservice.target.Recipes;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.Thresholds;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProberTest {
  private static final String CHECK = "projects/p/global/healthChecks/hc";

  // One event loop, so that a test can stop all probing at once.
  private final Prober prober =
      new Prober(
          Clock.systemUTC(), new TlsClients(null), ConnectionUse.NEW, new SimpleMeterRegistry(), 1);

  @AfterEach
  void close() {
    prober.close();
  }

  private static Target target(FakeBackend backend) {
    return new Target(CHECK, "127.0.0.1", backend.port());
  }

  private static HealthCheck every(int seconds, int timeoutSeconds) {
    return new HealthCheck(
        CHECK,
        1,
        Duration.ofSeconds(seconds),
        Duration.ofSeconds(timeoutSeconds),
        new Thresholds(2, 2),
        Recipes.http("", "/", ""));
  }

  private static HealthCheck every(int seconds) {
    return every(seconds, 1);
  }

  private static Observation next(BlockingQueue<Observation> seen) throws InterruptedException {
    Observation observation = seen.poll(10, TimeUnit.SECONDS);
    assertThat(observation).isNotNull();
    return observation;
  }

  @Test
  void aNewTargetIsProbedAtOnceAndAgainShortlyAfter() throws Exception {
    BlockingQueue<Observation> seen = new LinkedBlockingQueue<>();
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      Probing probing = prober.start(target(backend), every(300), false, seen::add);

      List<Observation> first = List.of(next(seen), next(seen), next(seen), next(seen));

      // Four are enough for any first verdict with these thresholds; the interval is 300 s.
      assertThat(first).extracting(Observation::reason).containsOnly(ProbeReason.SUCCESS);
      assertThat(Duration.ofNanos(first.getLast().startedNanos() - first.getFirst().startedNanos()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(300));
      probing.stop();
    }
  }

  @Test
  void aTargetWithAVerdictIsProbedOncePerInterval() throws Exception {
    BlockingQueue<Observation> seen = new LinkedBlockingQueue<>();
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      Probing probing = prober.start(target(backend), every(1), true, seen::add);

      long first = next(seen).startedNanos();
      next(seen);
      next(seen);
      long fourth = next(seen).startedNanos();

      // Three intervals; the first start may have been late, the grid is not.
      assertThat(Duration.ofNanos(fourth - first)).isGreaterThan(Duration.ofMillis(1500));
      probing.stop();
    }
  }

  @Test
  void aSettledTargetIsProbedQuicklyNoMore() throws Exception {
    AtomicInteger observations = new AtomicInteger();
    CompletableFuture<Probing> probing = new CompletableFuture<>();
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      probing.complete(
          prober.start(
              farFromItsNextStart(backend),
              every(300),
              false,
              _ -> {
                observations.incrementAndGet();
                probing.join().settle();
              }));

      // The first, and the one that was set before the first was heard of.
      await().until(() -> observations.get() == 2);
      await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(10))
          .until(() -> observations.get() == 2);
      probing.join().stop();
    }
  }

  /** A target whose grid has nothing in store for the next seconds. */
  private static Target farFromItsNextStart(FakeBackend backend) {
    for (int i = 0; ; i++) {
      Target target = new Target(CHECK + i, "127.0.0.1", backend.port());
      long now = System.nanoTime();
      long wait = ProbeSchedule.of(target.stream(), Duration.ofMinutes(5)).firstAfter(now) - now;
      if (wait > Duration.ofMinutes(1).toNanos()) {
        return target;
      }
    }
  }

  @Test
  void aStoppedTargetIsProbedNoMore() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    BlockingQueue<Observation> seen = new LinkedBlockingQueue<>();
    CountDownLatch gone = new CountDownLatch(1);
    try (FakeBackend backend =
        FakeBackend.start(
            socket -> {
              connections.incrementAndGet();
              FakeBackend.silent().run(socket);
              gone.countDown();
            })) {
      Probing probing = prober.start(target(backend), every(1), false, seen::add);
      await().until(() -> connections.get() == 1);
      probing.stop();

      assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(seen.poll(1500, TimeUnit.MILLISECONDS)).isNull();
      assertThat(connections).hasValue(1);
    }
  }

  /** Answers with 200, but for the first connection, which gets nothing. */
  private static FakeBackend.Script hangingOnce(CountDownLatch hanging) {
    AtomicInteger connections = new AtomicInteger();
    return socket -> {
      if (connections.incrementAndGet() == 1) {
        hanging.countDown();
        FakeBackend.silent().run(socket);
      } else {
        FakeBackend.answeringStatus(200).run(socket);
      }
    };
  }

  @Test
  void aTargetThatHangsTimesOut() throws Exception {
    BlockingQueue<Observation> seen = new LinkedBlockingQueue<>();
    try (FakeBackend backend = FakeBackend.start(FakeBackend.silent())) {
      Probing probing = prober.start(target(backend), every(1), false, seen::add);

      assertThat(next(seen).reason()).isEqualTo(ProbeReason.TIMEOUT);
      probing.stop();
    }
  }

  @Test
  void aPauseOfTheProberIsNotHeldAgainstTheTarget() throws Exception {
    BlockingQueue<Observation> seen = new LinkedBlockingQueue<>();
    CountDownLatch hanging = new CountDownLatch(1);
    AtomicBoolean paused = new AtomicBoolean();
    try (FakeBackend backend = FakeBackend.start(hangingOnce(hanging));
        FakeBackend other = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      Probing probing = prober.start(target(backend), every(3, 3), false, seen::add);
      assertThat(hanging.await(10, TimeUnit.SECONDS)).isTrue();
      // An observer that blocks stops the event loop beyond the deadline of the probe under way.
      Probing stopper =
          prober.start(
              target(other),
              every(300),
              false,
              _ -> {
                if (!paused.getAndSet(true)) {
                  LockSupport.parkNanos(Duration.ofMillis(3500).toNanos());
                }
              });

      assertThat(next(seen).reason()).isEqualTo(ProbeReason.SUCCESS);
      assertThat(paused).isTrue();
      probing.stop();
      stopper.stop();
    }
  }

  @Test
  void onlyMuchLostTimeExcusesAFailureAndOnlyLatenessSpoilsASuccess() {
    Duration timeout = Duration.ofSeconds(1);
    Observation failure = observation(ProbeReason.TIMEOUT, Duration.ofMillis(1001));
    Observation late = observation(ProbeReason.SUCCESS, Duration.ofMillis(1001));
    Observation success = observation(ProbeReason.SUCCESS, Duration.ofMillis(900));
    long little = Duration.ofMillis(100).toNanos();
    long much = Duration.ofMillis(600).toNanos();

    assertThat(Probing.counts(failure, timeout, little)).isTrue();
    assertThat(Probing.counts(failure, timeout, much)).isFalse();
    assertThat(Probing.counts(success, timeout, much)).isTrue();
    assertThat(Probing.counts(late, timeout, much)).isFalse();
  }

  private static Observation observation(ProbeReason reason, Duration latency) {
    return new Observation(0, java.time.Instant.EPOCH, latency, reason, "");
  }
}
