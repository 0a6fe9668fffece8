package io.openneg.healthservice;

import static io.openneg.healthservice.OtherServices.CHECKS;
import static io.openneg.healthservice.OtherServices.httpCheck;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.backend.v1.PortSpecification;
import io.openneg.backend.v1.TcpHealthCheck;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent;
import io.openneg.healthservice.endpointhealth.EndpointHealthEvent.HealthChanged;
import io.openneg.healthservice.endpointhealth.HealthState;
import io.openneg.healthservice.probe.FakeBackend;
import io.openneg.healthservice.target.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** The hazard: when all flip at once, each waits for a commit of its own, and some get lost. */
class MassFlipIT {
  private static final int ENDPOINTS = 10_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Jdbi jdbi = HealthDatabase.fresh();
  private final OtherServices services = new OtherServices();

  @Test
  void tenThousandFlipsAreCommittedInGroupsInOrderAndAllOfThem() {
    try (FakeBackend backend = FakeBackend.startAt("0.0.0.0", 0, FakeBackend.silent());
        MonitorHarness harness = MonitorHarness.start(jdbi)) {
      List<RecordedEvent> events = new ArrayList<>();
      events.add(
          services.checkCreated(
              httpCheck("hc")
                  .setCheckIntervalSec(5)
                  .setTimeoutSec(5)
                  .setHealthyThreshold(1)
                  .setUnhealthyThreshold(1)
                  .setTcpHealthCheck(
                      TcpHealthCheck.newBuilder()
                          .setPortSpecification(PortSpecification.USE_SERVING_PORT))));
      events.add(services.serviceCreated("s", "hc"));
      events.add(services.backendAdded("s", "a"));
      events.add(services.negCreated("a"));
      for (int i = 0; i < ENDPOINTS; i++) {
        events.add(
            services.attached("a", "127.2.%d.%d".formatted(i / 250, i % 250 + 1), backend.port()));
      }
      harness.apply(events);
      awaitTold(harness, HealthState.HEALTHY);

      long transactions = transactions();
      backend.die();
      awaitTold(harness, HealthState.UNHEALTHY);

      long groups = transactions() - transactions;
      System.out.printf("%,d flips in %,d transactions%n", ENDPOINTS, groups);
      assertThat(groups).isLessThan(ENDPOINTS / 10);
      Map<Target, List<String>> stories =
          MonitorHarness.announced(jdbi).stream()
              .collect(
                  groupingBy(EndpointHealthEvent::target, mapping(MassFlipIT::word, toList())));
      assertThat(stories).hasSize(ENDPOINTS);
      assertThat(stories.keySet()).allMatch(target -> target.healthCheck().equals(CHECKS + "hc"));
      assertThat(stories.values())
          .allMatch(List.of("UNKNOWN>HEALTHY", "HEALTHY>UNHEALTHY")::equals);
    }
  }

  private static String word(EndpointHealthEvent event) {
    return event instanceof HealthChanged changed
        ? changed.oldState() + ">" + changed.newState()
        : "STOPPED";
  }

  private static void awaitTold(MonitorHarness harness, HealthState state) {
    await().atMost(PATIENCE).until(() -> harness.flips(state) == ENDPOINTS);
  }

  private long transactions() {
    return jdbi.withHandle(
        handle ->
            handle.createQuery("SELECT count(DISTINCT txid) FROM event").mapTo(Long.class).one());
  }
}
