package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.PortSpecification;
import io.openneg.embedded.PostgresServer;
import io.openneg.embedded.ServerSettings;
import io.openneg.eventlog.EventStore;
import io.openneg.eventlog.Rebuild;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthCodec;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.ProbingStopped;
import io.openneg.healthservice.endpointhealth.EndpointHealthView;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.endpointhealth.ProbeReason;
import io.openneg.healthservice.probe.FakeBackend;
import io.openneg.healthservice.shard.Shards;
import io.openneg.healthservice.target.Target;
import io.openneg.healthservice.target.TargetProjection;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

class HealthMonitorIT {
  private static final String IP = "127.0.0.1";

  private final Jdbi jdbi = HealthDatabase.fresh();
  private final OtherServices services = new OtherServices();

  /** A service "s" with check "hc" and group "a". */
  private RecordedEvent[] service() {
    return new RecordedEvent[] {
      services.checkCreated(httpCheck("hc")),
      services.serviceCreated("s", "hc"),
      services.backendAdded("s", "a"),
      services.negCreated("a")
    };
  }

  private static Target target(FakeBackend backend) {
    return new Target(CHECKS + "hc", IP, backend.port());
  }

  /** What was announced of a target, such as "UNKNOWN>HEALTHY". */
  private List<String> story(Target target) {
    return MonitorHarness.announced(jdbi).stream()
        .filter(event -> event.target().equals(target))
        .map(HealthMonitorIT::word)
        .collect(toList());
  }

  private static String word(EndpointHealthEvent event) {
    return switch (event) {
      case HealthChanged changed -> changed.oldState() + ">" + changed.newState();
      case ProbingStopped _ -> "STOPPED";
    };
  }

  private void awaitStory(Target target, String... words) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(story(target)).containsExactly(words));
  }

  @Test
  void aNewEndpointIsHealthyAsSoonAsItsThresholdIsMet() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));

      awaitStory(target(backend), "UNKNOWN>HEALTHY");
      assertThat(MonitorHarness.announced(jdbi))
          .singleElement()
          .isInstanceOfSatisfying(
              HealthChanged.class,
              changed -> {
                assertThat(changed.reason()).isEqualTo(ProbeReason.SUCCESS);
                assertThat(changed.consecutive()).isEqualTo(2);
                assertThat(changed.probeText()).isEqualTo("HTTP status 200");
                assertThat(changed.latency()).isPositive();
              });
      assertThat(harness.status())
          .isEqualTo(new MonitorStatus(Role.PROBING, Shards.COUNT, 1, 0, false));
    }
  }

  @Test
  void aBackendThatDiesAndComesBackFlipsTwice() {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      backend.die();
      awaitStory(target(backend), "UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY");
      assertThat(MonitorHarness.announced(jdbi).getLast())
          .isInstanceOfSatisfying(
              HealthChanged.class,
              changed -> {
                assertThat(changed.reason()).isEqualTo(ProbeReason.CONNECTION_REFUSED);
                assertThat(changed.probeText())
                    .isEqualTo("connection refused by 127.0.0.1:" + backend.port());
              });

      try (FakeBackend again =
          FakeBackend.startOn(backend.port(), FakeBackend.answeringStatus(200))) {
        awaitStory(target(again), "UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY", "UNHEALTHY>HEALTHY");
      }
    }
  }

  @Test
  void aDetachedEndpointIsForgottenAndStartsUnknownAgain() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      harness.apply(services.detached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED");
      assertThat(HealthDatabase.rows(jdbi, "endpoint_health")).isEmpty();

      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED", "UNKNOWN>HEALTHY");
    }
  }

  @Test
  void anEndpointThatLeavesAndComesBackBetweenTwoLooksDoesNotInheritItsHealth() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      harness.apply(
          services.detached("a", IP, backend.port()), services.attached("a", IP, backend.port()));

      awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED", "UNKNOWN>HEALTHY");
    }
  }

  @Test
  void anEndpointThatAnotherServiceStillChecksIsProbedOn() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(
          services.serviceCreated("other", "hc"),
          services.backendAdded("other", "a"),
          services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      harness.apply(services.serviceDeleted("s"));
      harness.apply(services.attached("a", "127.0.0.2", backend.port()));
      await().until(() -> harness.status().targets() == 2);
      harness.apply(services.serviceDeleted("other"));

      awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED");
    }
  }

  @Test
  void aRestartKeepsVerdictsAndAnnouncesNothingTwice() {
    AtomicInteger probes = new AtomicInteger();
    try (FakeBackend backend =
        FakeBackend.start(
            socket -> {
              probes.incrementAndGet();
              FakeBackend.answeringStatus(200).run(socket);
            })) {
      try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
        harness.apply(service());
        harness.apply(services.attached("a", IP, backend.port()));
        awaitStory(target(backend), "UNKNOWN>HEALTHY");
      }
      int before = probes.get();
      try (MonitorHarness _ = MonitorHarness.start(jdbi)) {
        await().until(() -> probes.get() >= before + 3);
        assertThat(story(target(backend))).containsExactly("UNKNOWN>HEALTHY");
      }
      backend.die();
      try (MonitorHarness _ = MonitorHarness.start(jdbi)) {
        awaitStory(target(backend), "UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY");
      }
    }
  }

  @Test
  void aCrashBetweenADetachAndItsAnnouncementIsMadeUpFor() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
        harness.apply(service());
        harness.apply(services.attached("a", IP, backend.port()));
        awaitStory(target(backend), "UNKNOWN>HEALTHY");
      }
      MonitorHarness.apply(jdbi, List.of(services.detached("a", IP, backend.port())));

      try (MonitorHarness _ = MonitorHarness.start(jdbi)) {
        awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED");
      }
    }
  }

  @Test
  void tablesThatMayBeIncompleteDoNotStopProbing() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
        harness.apply(service());
        harness.apply(services.attached("a", IP, backend.port()));
        awaitStory(target(backend), "UNKNOWN>HEALTHY");
      }
      // As in a rebuild: the tables are empty until the topics were read again.
      jdbi.useTransaction(tx -> new TargetProjection().clear(tx));
      OtherServices replayed = new OtherServices();
      try (MonitorHarness harness = MonitorHarness.start(jdbi, Role.STARTING)) {
        harness.apply(replayed.checkCreated(httpCheck("hc")), replayed.serviceCreated("s", "hc"));
        harness.apply(replayed.backendAdded("s", "a"), replayed.negCreated("a"));
        harness.apply(replayed.attached("a", IP, backend.port()));
        harness.become(Role.PROBING);
        await().until(() -> harness.status().targets() == 1);

        assertThat(story(target(backend))).containsExactly("UNKNOWN>HEALTHY");
      }
    }
  }

  @Test
  void aStandbyProbesNothingUntilItsTurn() {
    AtomicInteger probes = new AtomicInteger();
    try (FakeBackend backend =
            FakeBackend.start(
                socket -> {
                  probes.incrementAndGet();
                  FakeBackend.answeringStatus(200).run(socket);
                });
        MonitorHarness active = MonitorHarness.start(jdbi);
        MonitorHarness standby = MonitorHarness.start(jdbi, Role.STANDBY)) {
      active.apply(service());
      active.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");
      await().until(() -> standby.status().role() == Role.STANDBY);
      assertThat(standby.status().targets()).isZero();

      active.become(Role.STANDBY);
      await().until(() -> active.status().role() == Role.STANDBY);
      int before = probes.get();
      standby.become(Role.PROBING);
      await().until(() -> probes.get() > before);

      assertThat(story(target(backend))).containsExactly("UNKNOWN>HEALTHY");
    }
  }

  @Test
  void aChangedCheckTakesEffectAndKeepsTheVerdictUntilThen() {
    try (FakeBackend backend =
            FakeBackend.start(
                socket -> {
                  String head = socket.getInputStream().read() < 0 ? "" : readPath(socket);
                  FakeBackend.answeringStatus(head.startsWith("/broken") ? 500 : 200).run(socket);
                });
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      var changed = httpCheck("hc");
      changed.getHttpHealthCheckBuilder().setRequestPath("/broken");
      harness.apply(services.checkUpdated(changed));

      awaitStory(target(backend), "UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY");
      assertThat(((HealthChanged) MonitorHarness.announced(jdbi).getLast()).probeText())
          .isEqualTo("HTTP status 500");
    }
  }

  private static String readPath(Socket socket) throws IOException {
    // "ET /path …" is left of the request line.
    byte[] rest = new byte[20];
    int length = socket.getInputStream().read(rest);
    return new String(rest, 0, Math.max(0, length), US_ASCII).substring(3);
  }

  @Test
  void aCheckDeletedAndCreatedAgainIsAnotherCheck() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      harness.apply(services.attached("a", IP, backend.port()));
      awaitStory(target(backend), "UNKNOWN>HEALTHY");

      harness.apply(services.checkDeleted("hc"), services.checkCreated(httpCheck("hc").setId(2)));

      awaitStory(target(backend), "UNKNOWN>HEALTHY", "STOPPED", "UNKNOWN>HEALTHY");
    }
  }

  @Test
  void whatFlipsTogetherIsCommittedTogether() {
    int endpoints = 400;
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      harness.apply(service());
      var fixedPort = httpCheck("hc");
      fixedPort
          .getHttpHealthCheckBuilder()
          .setPortSpecification(PortSpecification.USE_FIXED_PORT)
          .setPort(backend.port());
      harness.apply(services.checkUpdated(fixedPort));
      List<RecordedEvent> attached = new ArrayList<>();
      IntStream.rangeClosed(1, endpoints)
          .forEach(port -> attached.add(services.attached("a", IP, port)));

      harness.apply(attached);

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> MonitorHarness.announced(jdbi).size() == endpoints);
      long transactions =
          jdbi.withHandle(
              handle ->
                  handle
                      .createQuery("SELECT count(DISTINCT txid) FROM event")
                      .mapTo(Long.class)
                      .one());
      assertThat(transactions).isLessThan(endpoints / 2);
    }
  }

  @Test
  void aStreamAtFaultDoesNotHoldUpTheOthers() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        FakeBackend other = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      // Probing cannot have stopped on a stream without a verdict.
      byte[] corrupt = new EndpointHealthCodec().encode(new ProbingStopped(target(backend)));
      jdbi.useTransaction(
          tx ->
              tx.createUpdate(
                      """
                      INSERT INTO append
                        (stream, first_version, last_version, append_end, types, payloads,
                         occurred_at, actor)
                      VALUES (:stream, 1, 1, 1, '{corrupt}', ARRAY[:payload], now(), 'test')
                      """)
                  .bind("stream", target(backend).stream())
                  .bind("payload", corrupt)
                  .execute());
      try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
        harness.apply(service());
        harness.apply(
            services.attached("a", IP, backend.port()), services.attached("a", IP, other.port()));

        awaitStory(target(other), "UNKNOWN>HEALTHY");
        assertThat(story(target(backend))).containsExactly("STOPPED");
      }
    }
  }

  @Test
  void aRebuiltViewEqualsTheLiveOne() {
    try (FakeBackend healthy = FakeBackend.start(FakeBackend.answeringStatus(200));
        FakeBackend broken = FakeBackend.start(FakeBackend.answeringStatus(500));
        FakeBackend gone = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      try (MonitorHarness harness = MonitorHarness.start(jdbi)) {
        harness.apply(service());
        harness.apply(
            services.attached("a", IP, healthy.port()),
            services.attached("a", IP, broken.port()),
            services.attached("a", IP, gone.port()));
        awaitStory(target(healthy), "UNKNOWN>HEALTHY");
        awaitStory(target(broken), "UNKNOWN>UNHEALTHY");
        awaitStory(target(gone), "UNKNOWN>HEALTHY");
        harness.apply(services.detached("a", IP, gone.port()));
        awaitStory(target(gone), "UNKNOWN>HEALTHY", "STOPPED");
      }
      List<String> live = HealthDatabase.rows(jdbi, "endpoint_health");
      assertThat(live).hasSize(2);

      Rebuild.inline(jdbi, new EventStore("health.events.v1"), new EndpointHealthView());

      assertThat(HealthDatabase.rows(jdbi, "endpoint_health")).isEqualTo(live);
      assertThat(jdbi.withHandle(new EndpointHealthView()::verdicts))
          .containsEntry(target(healthy), HealthState.HEALTHY)
          .containsEntry(target(broken), HealthState.UNHEALTHY);
    }
  }

  @Test
  void anOutageOfTheDatabaseLosesNoTransition() {
    try (PostgresServer postgres = PostgresServer.start(ServerSettings.temporary());
        FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      Jdbi mortal = HealthDatabase.migrate(postgres.createDatabase("health", "openneg"));
      try (MonitorHarness harness = MonitorHarness.start(mortal)) {
        harness.apply(service());
        harness.apply(services.attached("a", IP, backend.port()));
        await().until(() -> MonitorHarness.announced(mortal).size() == 1);

        postgres.kill();
        backend.die();
        // Two probes at least are refused while nothing can be written.
        await()
            .pollDelay(Duration.ofMillis(2500))
            .atMost(Duration.ofSeconds(10))
            .until(() -> harness.status().targets() == 1);
        postgres.restart();

        await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptions()
            .until(() -> MonitorHarness.announced(mortal).size() == 2);
        assertThat(MonitorHarness.announced(mortal).getLast())
            .isInstanceOfSatisfying(
                HealthChanged.class,
                changed -> assertThat(changed.newState()).isEqualTo(HealthState.UNHEALTHY));
      }
    }
  }
}
