package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.httpCheck;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.PortSpecification;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.probe.FakeBackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** The hazard: a prober that has lost its own network empties every service. */
class ProberSuspectIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ENDPOINTS = 50;

  private final Jdbi jdbi = HealthDatabase.fresh();
  private final OtherServices services = new OtherServices();

  /** Endpoints of one group that are all probed at one port of their addresses. */
  private List<RecordedEvent> world(int port) {
    // One failure is enough: the hardest case.
    var check = httpCheck("hc").setCheckIntervalSec(3).setTimeoutSec(3).setUnhealthyThreshold(1);
    check
        .getHttpHealthCheckBuilder()
        .setPortSpecification(PortSpecification.USE_FIXED_PORT)
        .setPort(port);
    List<RecordedEvent> events = new ArrayList<>();
    events.add(services.checkCreated(check));
    events.add(services.serviceCreated("s", "hc"));
    events.add(services.backendAdded("s", "a"));
    IntStream.rangeClosed(1, ENDPOINTS)
        .forEach(endpoint -> events.add(services.attached("a", "127.0.0.1", endpoint)));
    return events;
  }

  private long announced(HealthState state) {
    return MonitorHarness.announced(jdbi).stream()
        .filter(event -> event instanceof HealthChanged changed && changed.newState() == state)
        .count();
  }

  @Test
  void aProberThatReachesNothingHoldsWhatItKnowsUntilItDoesAgain() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    FakeBackend self = FakeBackend.start(FakeBackend.silent());
    try (MonitorHarness harness = MonitorHarness.selfChecking(jdbi, self.port())) {
      harness.apply(world(backend.port()));
      await().atMost(PATIENCE).until(() -> announced(HealthState.HEALTHY) == ENDPOINTS);

      self.die();
      backend.die();

      await().atMost(PATIENCE).until(() -> harness.status().suspect());
      // For several intervals nothing is said.
      await()
          .during(Duration.ofSeconds(7))
          .atMost(PATIENCE)
          .until(() -> harness.status().suspect() && announced(HealthState.UNHEALTHY) <= 10);
      long before = announced(HealthState.UNHEALTHY);

      // All is as it was: nobody noticed.
      try (FakeBackend _ = FakeBackend.startOn(backend.port(), FakeBackend.answeringStatus(200));
          FakeBackend _ = FakeBackend.startOn(self.port(), FakeBackend.silent())) {
        await().atMost(PATIENCE).until(() -> !harness.status().suspect());
        await()
            .during(Duration.ofSeconds(4))
            .atMost(PATIENCE)
            .until(() -> announced(HealthState.UNHEALTHY) == before);
      }
    }
  }

  @Test
  void whatReallyDiedIsSaidOnceTheProberIsSoundAgain() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    FakeBackend self = FakeBackend.start(FakeBackend.silent());
    try (MonitorHarness harness = MonitorHarness.selfChecking(jdbi, self.port())) {
      harness.apply(world(backend.port()));
      await().atMost(PATIENCE).until(() -> announced(HealthState.HEALTHY) == ENDPOINTS);
      self.die();
      backend.die();
      await().atMost(PATIENCE).until(() -> harness.status().suspect());

      try (FakeBackend _ = FakeBackend.startOn(self.port(), FakeBackend.silent())) {
        await().atMost(PATIENCE).until(() -> announced(HealthState.UNHEALTHY) == ENDPOINTS);
        assertThat(harness.status().suspect()).isFalse();
      }
    }
  }

  @Test
  void aSoundProberSaysThatAllAreDead() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(world(backend.port()));
      await().atMost(PATIENCE).until(() -> announced(HealthState.HEALTHY) == ENDPOINTS);
      backend.die();
      await().atMost(PATIENCE).until(() -> announced(HealthState.UNHEALTHY) == ENDPOINTS);
      assertThat(harness.status().suspect()).isFalse();
    }
  }
}
