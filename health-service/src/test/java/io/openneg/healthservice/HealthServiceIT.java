package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.NEGS;
import static io.openneg.healthservice.OtherServices.SERVICES;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.openneg.embedded.Database;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthEvent;
import io.openneg.health.v1.HealthState;
import io.openneg.health.v1.ProbeReason;
import io.openneg.healthservice.probe.FakeBackend;
import io.openneg.healthservice.target.TargetProjection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The shipped service between real topics, a real database and real backends. */
class HealthServiceIT {
  private static final String IP = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String[] TABLES = {
    "endpoint", "health_check", "backend_service", "backend", "endpoint_health"
  };

  private static String kafka = "";
  private static EventPublisher negs;
  private static EventPublisher backends;

  private final OtherServices services = new OtherServices();
  private final Database database = TestServers.freshDatabase();

  @BeforeAll
  static void start() {
    kafka = TestServers.kafkaBootstrap();
    negs = new EventPublisher("neg.events.v1");
    backends = new EventPublisher("backend.events.v1");
  }

  @AfterAll
  static void stop() {
    negs.close();
    backends.close();
  }

  private ServiceProcess startService() {
    return ServiceProcess.start(database);
  }

  /** A backend service that checks one group; all are named alike. */
  private void publishService(String name) {
    backends.publish(
        services.checkCreated(httpCheck(name)),
        services.serviceCreated(name, name),
        services.backendAdded(name, name));
    negs.publish(services.negCreated(name));
  }

  private static String stream(String name, FakeBackend backend) {
    return CHECKS + name + "/targets/" + IP + ":" + backend.port();
  }

  private static boolean endsWith(List<HealthEvent> events, HealthState state) {
    return !events.isEmpty() && events.getLast().getHealthChanged().getNewState() == state;
  }

  private static EndpointHealth only(ServiceProcess service, String name) {
    List<EndpointHealth> health = service.getHealth(SERVICES + name, "").getEndpointHealthList();
    assertThat(health).hasSize(1);
    return health.getFirst();
  }

  @Test
  void fromAttachToHealthyToRefusedToStopped() throws Exception {
    FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
    try (ServiceProcess service = startService();
        HealthEvents events = new HealthEvents(kafka)) {
      publishService("way");
      negs.publish(services.attached("way", IP, backend.port()));
      String stream = stream("way", backend);

      HealthEvent healthy =
          events.awaitOf(stream, e -> endsWith(e, HealthState.HEALTHY)).getFirst();
      assertThat(healthy.getHealthChanged().getOldState()).isEqualTo(HealthState.UNKNOWN);
      assertThat(healthy.getHealthChanged().getHealthCheck()).isEqualTo(CHECKS + "way");
      assertThat(healthy.getHealthChanged().getIpAddress()).isEqualTo(IP);
      assertThat(healthy.getHealthChanged().getPort()).isEqualTo(backend.port());
      assertThat(only(service, "way").getState()).isEqualTo(HealthState.HEALTHY);
      assertThat(header(events, stream, "ce_type")).isEqualTo("openneg.health.v1.HealthChanged");
      assertThat(header(events, stream, "ce_source")).isEqualTo("/health-service");

      backend.die();
      HealthEvent refused =
          events.awaitOf(stream, e -> endsWith(e, HealthState.UNHEALTHY)).getLast();
      assertThat(refused.getHealthChanged().getReason()).isEqualTo(ProbeReason.CONNECTION_REFUSED);
      EndpointHealth unhealthy = only(service, "way");
      assertThat(unhealthy.getState()).isEqualTo(HealthState.UNHEALTHY);
      assertThat(unhealthy.getReason()).isEqualTo(ProbeReason.CONNECTION_REFUSED);
      assertThat(unhealthy.getProbeText())
          .isEqualTo("connection refused by 127.0.0.1:" + backend.port());
      assertThat(unhealthy.getInstance()).isEqualTo("vm-1");
      assertThat(unhealthy.getNetworkEndpointGroup()).isEqualTo(NEGS + "way");
      // The table keeps microseconds.
      assertThat(unhealthy.getObservedAt().getSeconds())
          .isEqualTo(refused.getHealthChanged().getObservedAt().getSeconds());

      negs.publish(services.detached("way", IP, backend.port()));
      List<HealthEvent> all = events.awaitOf(stream, e -> e.size() == 3);
      assertThat(all.getLast().hasProbingStopped()).isTrue();
      assertThat(service.getHealth(SERVICES + "way", "").getEndpointHealthList()).isEmpty();
    }
  }

  private static String header(HealthEvents events, String stream, String name) {
    return new String(events.of(stream).getFirst().headers().lastHeader(name).value(), UTF_8);
  }

  @Test
  void metricsAndCallsShareAPort() {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200));
        ServiceProcess service = startService()) {
      publishService("counted");
      negs.publish(services.attached("counted", IP, backend.port()));
      await()
          .atMost(PATIENCE)
          .ignoreException(StatusRuntimeException.class)
          .until(() -> only(service, "counted").getState() == HealthState.HEALTHY);

      // The endpoints of other tests are probed, too.
      assertThat(service.metrics().lines())
          .contains("openneg_health_shards 8.0", "openneg_health_prober_suspect 0.0")
          .anyMatch(line -> line.matches("openneg_health_targets [1-9].*"))
          .anyMatch(line -> line.matches("openneg_health_targets_silent .*"))
          .anyMatch(line -> line.matches("openneg_health_flips_total.*HEALTHY.* [1-9].*"))
          .anyMatch(line -> line.matches("openneg_health_probes_total.*TIMEOUT.*"))
          .anyMatch(line -> line.matches("openneg_health_probes_total.*SUCCESS.* [1-9].*"))
          .anyMatch(line -> line.matches("openneg_health_probe_start_delay_seconds_count [1-9].*"))
          .anyMatch(line -> line.matches("openneg_health_probe_latency_seconds_count [1-9].*"))
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"));
    }
  }

  @Test
  void getHealthTellsUnknownFromUncheckedAndNamesBadRequests() {
    try (ServiceProcess service = startService();
        FakeBackend one = FakeBackend.start(FakeBackend.silent());
        FakeBackend nine = FakeBackend.startAt("127.0.0.9", 0, FakeBackend.silent());
        FakeBackend ten = FakeBackend.startAt("127.0.0.10", 0, FakeBackend.silent())) {
      backends.publish(
          services.checkCreated(httpCheck("slow").setCheckIntervalSec(300).setTimeoutSec(300)),
          services.serviceCreated("slow", "slow"),
          services.backendAdded("slow", "group-b"),
          services.backendAdded("slow", "group-a"),
          services.serviceCreated("unchecked", ""),
          services.backendAdded("unchecked", "group-a"));
      negs.publish(
          services.attached("group-a", "127.0.0.10", ten.port()),
          services.attached("group-a", "127.0.0.9", nine.port()),
          services.attached("group-b", "127.0.0.1", one.port()));
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreException(StatusRuntimeException.class)
          .until(
              () ->
                  service.getHealth(SERVICES + "slow", "").getEndpointHealthCount() == 3
                      && service.getHealth(SERVICES + "unchecked", "").getEndpointHealthCount()
                          == 2);

      List<EndpointHealth> all = service.getHealth(SERVICES + "slow", "").getEndpointHealthList();
      assertThat(all).extracting(EndpointHealth::getState).containsOnly(HealthState.UNKNOWN);
      assertThat(all)
          .extracting(EndpointHealth::getIpAddress)
          .containsExactly("127.0.0.9", "127.0.0.10", "127.0.0.1");
      assertThat(all.getFirst().hasObservedAt()).isFalse();
      assertThat(all.getFirst().getReason()).isEqualTo(ProbeReason.PROBE_REASON_UNSPECIFIED);
      assertThat(service.getHealth(SERVICES + "slow", NEGS + "group-b").getEndpointHealthList())
          .singleElement()
          .extracting(EndpointHealth::getIpAddress)
          .isEqualTo("127.0.0.1");
      assertThat(service.getHealth(SERVICES + "unchecked", "").getEndpointHealthList())
          .hasSize(2)
          .allSatisfy(
              health -> {
                assertThat(health.getState()).isEqualTo(HealthState.NOT_CHECKED);
                assertThat(health.getHealthCheck()).isEmpty();
              });

      assertRefused(service, SERVICES + "nobody", "", Status.Code.NOT_FOUND, "nobody");
      assertRefused(service, "slow", "", Status.Code.INVALID_ARGUMENT, "backend_service");
      assertRefused(service, SERVICES + "slow", "group-a", Status.Code.INVALID_ARGUMENT, "'group'");
      assertRefused(
          service,
          SERVICES + "slow",
          NEGS + "elsewhere",
          Status.Code.INVALID_ARGUMENT,
          "must be a backend of " + SERVICES + "slow");
    }
  }

  private static void assertRefused(
      ServiceProcess service, String name, String group, Status.Code code, String words) {
    assertThatThrownBy(() -> service.getHealth(name, group))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(words);
            });
  }

  @Test
  void afterKillMinusNineNothingIsLostAndNothingIsSaidTwice() throws Exception {
    AtomicInteger probes = new AtomicInteger();
    try (FakeBackend healthy =
            FakeBackend.start(
                socket -> {
                  probes.incrementAndGet();
                  FakeBackend.answeringStatus(200).run(socket);
                });
        FakeBackend detached = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      String kept = stream("kill", healthy);
      String left = stream("kill", detached);
      try (ServiceProcess service = startService();
          HealthEvents events = new HealthEvents(kafka)) {
        publishService("kill");
        negs.publish(
            services.attached("kill", IP, healthy.port()),
            services.attached("kill", IP, detached.port()));
        events.awaitOf(kept, e -> endsWith(e, HealthState.HEALTHY));
        events.awaitOf(left, e -> endsWith(e, HealthState.HEALTHY));
        service.kill();
      }
      negs.publish(services.detached("kill", IP, detached.port()));
      int before = probes.get();

      try (ServiceProcess service = startService();
          HealthEvents events = new HealthEvents(kafka)) {
        events.awaitOf(left, e -> e.size() == 2 && e.getLast().hasProbingStopped());
        await().until(() -> probes.get() >= before + 3);
        assertThat(events.of(kept)).hasSize(1);
        assertThat(only(service, "kill").getState()).isEqualTo(HealthState.HEALTHY);

        // Redelivery of both topics from the first event on changes nothing either.
        List<String> tables = rows("kill");
        negs.publishAgain();
        backends.publishAgain();
        // Comes after all that is delivered again, in the same partition.
        negs.publish(services.attached("kill", IP, detached.port()));
        events.awaitOf(left, e -> e.size() == 3 && endsWith(e, HealthState.HEALTHY));
        negs.publish(services.detached("kill", IP, detached.port()));
        events.awaitOf(left, e -> e.size() == 4);
        assertThat(rows("kill")).isEqualTo(tables);
        assertThat(events.of(kept)).hasSize(1);
      }
    }
  }

  /** All targets, and the verdicts on those of one check: other tests' may change any time. */
  private List<String> rows(String check) {
    List<String> rows = new ArrayList<>(HealthDatabase.rows(jdbi(), TABLES));
    rows.removeIf(row -> row.startsWith("endpoint_health") && !row.contains("/" + check + ","));
    return rows;
  }

  private Jdbi jdbi() {
    return Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }

  @Test
  void tablesRebuiltFromTheTopicsEqualTheLiveOnes() throws Exception {
    try (FakeBackend backend = FakeBackend.start(FakeBackend.answeringStatus(200))) {
      String stream = stream("rebuild", backend);
      List<String> live;
      try (ServiceProcess _ = startService();
          HealthEvents events = new HealthEvents(kafka)) {
        publishService("rebuild");
        negs.publish(
            services.attached("rebuild", IP, backend.port()),
            services.attached("rebuild", IP, 9),
            services.detached("rebuild", IP, 9));
        events.awaitOf(stream, e -> endsWith(e, HealthState.HEALTHY));
        live = rows("rebuild");
      }
      KafkaProjector projector =
          new KafkaProjector(
              jdbi(),
              "targets",
              TargetProjection.TOPICS,
              Map.of("bootstrap.servers", kafka),
              new TargetProjection(),
              () -> {});
      jdbi().useTransaction(projector::reset);
      assertThat(HealthDatabase.rows(jdbi(), "endpoint", "kafka_offset")).isEmpty();

      try (ServiceProcess _ = startService();
          HealthEvents events = new HealthEvents(kafka)) {
        assertThat(rows("rebuild")).isEqualTo(live);
        assertThat(events.awaitOf(stream, e -> !e.isEmpty())).hasSize(1);
      }
    }
  }

  @Test
  void twoReplicasShareTheTargetsAndOneTakesOverWhenTheOtherIsKilled() throws Exception {
    int endpoints = 40;
    FakeBackend backend = FakeBackend.startAt("0.0.0.0", 0, FakeBackend.answeringStatus(200));
    try (ServiceProcess survivor = startService();
        ServiceProcess victim = startService();
        HealthEvents events = new HealthEvents(kafka)) {
      await()
          .atMost(PATIENCE)
          .until(() -> survivor.ready().contains("PROBING") && victim.ready().contains("PROBING"));
      publishService("two");
      List<String> streams = new ArrayList<>();
      for (int i = 1; i <= endpoints; i++) {
        String ip = "127.0.3." + i;
        negs.publish(services.attached("two", ip, backend.port()));
        streams.add(CHECKS + "two/targets/" + ip + ":" + backend.port());
      }
      for (String stream : streams) {
        events.awaitOf(stream, e -> endsWith(e, HealthState.HEALTHY));
      }
      assertThat(targets(survivor)).isPositive();
      assertThat(targets(victim)).isPositive();
      // The topics hold the endpoints of other tests, too.
      int all = targets();
      assertThat(targets(survivor) + targets(victim)).isEqualTo(all);

      victim.kill();
      backend.die();
      long killed = System.nanoTime();
      for (String stream : streams) {
        assertThat(events.awaitOf(stream, e -> endsWith(e, HealthState.UNHEALTHY))).hasSize(2);
      }

      // Taken over within 10 s, and found out within two probes and a timeout.
      assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(13));
      await().atMost(PATIENCE).until(() -> targets(survivor) == all);
      // Whoever reads the topic saw each verdict once.
      for (String stream : streams) {
        assertThat(events.of(stream)).hasSize(2);
      }
    }
  }

  private int targets() {
    return jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT count(DISTINCT (s.health_check, e.ip, e.port))
                        FROM backend_service s
                        JOIN backend b ON b.backend_service = s.name
                        JOIN endpoint e ON e.neg = b.neg
                        WHERE s.health_check IS NOT NULL
                        """)
                    .mapTo(Integer.class)
                    .one());
  }

  private static int targets(ServiceProcess service) {
    Matcher targets = Pattern.compile("\"targets\": *([0-9]+)").matcher(service.ready());
    return targets.find() ? Integer.parseInt(targets.group(1)) : 0;
  }
}
