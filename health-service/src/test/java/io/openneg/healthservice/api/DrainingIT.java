package io.openneg.healthservice.api;

import static io.openneg.healthservice.OtherServices.NEGS;
import static io.openneg.healthservice.OtherServices.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.EndpointAddress;
import io.openneg.health.v1.EndpointHealth;
import io.openneg.health.v1.HealthState;
import io.openneg.healthservice.HealthDatabase;
import io.openneg.healthservice.OtherServices;
import io.openneg.healthservice.target.TargetProjection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Endpoints that went and may still finish what they have, on a real database. */
class DrainingIT {
  private static final Jdbi JDBI = HealthDatabase.fresh();

  private final TargetProjection projection = new TargetProjection();
  private final OtherServices others = new OtherServices().at(Instant.now());
  private final List<RecordedEvent> log = new ArrayList<>();

  @BeforeEach
  void twoServicesOfWhichOneDrains() {
    JDBI.useTransaction(projection::clear);
    happens(
        others.serviceCreated("web", "", 60),
        others.serviceCreated("abrupt", "", 0),
        others.backendAdded("web", "n"),
        others.backendAdded("abrupt", "n"),
        others.attached("n", "10.0.0.2", 80),
        others.attached("n", "10.0.0.10", 80),
        others.attached("n", "10.0.0.3", 80));
  }

  private void happens(RecordedEvent... events) {
    log.addAll(Arrays.asList(events));
    JDBI.useTransaction(tx -> projection.apply(tx, List.of(events)));
  }

  private static List<String> of(String service) {
    return JDBI
        .withHandle(
            tx ->
                EndpointHealthQueries.ofService(
                    tx, SERVICES + service, "", ServiceCursor.START, 100))
        .stream()
        .map(e -> e.getIpAddress() + " " + e.getState())
        .toList();
  }

  @Test
  void aDetachedEndpointDrainsWhereItsServiceDrains() {
    happens(others.detached("n", "10.0.0.3", 80));

    assertThat(of("web"))
        .containsExactly("10.0.0.2 NOT_CHECKED", "10.0.0.3 DRAINING", "10.0.0.10 NOT_CHECKED");
    assertThat(of("abrupt")).containsExactly("10.0.0.2 NOT_CHECKED", "10.0.0.10 NOT_CHECKED");
  }

  @Test
  void itIsGoneWhenItsTimeIsOver() {
    happens(others.at(Instant.now().minusSeconds(61)).detached("n", "10.0.0.3", 80));

    assertThat(of("web")).containsExactly("10.0.0.2 NOT_CHECKED", "10.0.0.10 NOT_CHECKED");
  }

  @Test
  void oneThatIsAttachedAgainServes() {
    happens(others.detached("n", "10.0.0.3", 80));
    happens(others.attached("n", "10.0.0.3", 80));
    happens(others.detached("n", "10.0.0.2", 80), others.attached("n", "10.0.0.2", 80));

    assertThat(of("web")).hasSize(3).noneMatch(e -> e.contains("DRAINING"));
  }

  @Test
  void withItsGroupRemovedEveryEndpointDrains() {
    happens(others.backendRemoved("web", "n"));
    assertThat(of("web")).hasSize(3).allMatch(e -> e.contains("DRAINING"));
    assertThat(of("abrupt")).hasSize(3).noneMatch(e -> e.contains("DRAINING"));

    happens(others.backendAdded("web", "n"));
    assertThat(of("web")).hasSize(3).noneMatch(e -> e.contains("DRAINING"));
    happens(others.backendRemoved("web", "n"), others.serviceDeleted("web"));
    assertThat(of("web")).isEmpty();
  }

  @Test
  void pagesHaveBothInOneOrder() {
    happens(others.detached("n", "10.0.0.3", 80));
    List<EndpointHealth> all = new ArrayList<>();
    GroupCursor after = GroupCursor.START;
    List<EndpointHealth> page;
    do {
      GroupCursor from = after;
      page =
          JDBI.withHandle(tx -> EndpointHealthQueries.ofGroup(tx, NEGS + "n", List.of(), from, 2));
      all.addAll(page);
      if (!page.isEmpty()) {
        EndpointHealth last = page.getLast();
        after = new GroupCursor(last.getIpAddress(), last.getPort(), last.getBackendService());
      }
    } while (page.size() == 2);

    assertThat(all)
        .extracting(e -> e.getIpAddress() + e.getBackendService().substring(SERVICES.length()))
        .containsExactly(
            "10.0.0.2abrupt", "10.0.0.2web", "10.0.0.3web", "10.0.0.10abrupt", "10.0.0.10web");
  }

  @Test
  void whoNamesEndpointsIsToldOfTheAttachedOnesOnly() {
    happens(others.detached("n", "10.0.0.3", 80));
    List<EndpointAddress> named =
        List.of(EndpointAddress.newBuilder().setIpAddress("10.0.0.3").setPort(80).build());

    assertThat(
            JDBI.<List<EndpointHealth>, RuntimeException>withHandle(
                tx -> EndpointHealthQueries.ofGroup(tx, NEGS + "n", named, GroupCursor.START, 10)))
        .isEmpty();
  }

  @Test
  void aReplayGivesTheSame() {
    happens(others.detached("n", "10.0.0.3", 80));
    List<String> live = of("web");
    JDBI.useTransaction(projection::clear);
    log.forEach(event -> JDBI.useTransaction(tx -> projection.apply(tx, List.of(event))));

    assertThat(of("web")).isEqualTo(live).contains("10.0.0.3 " + HealthState.DRAINING);
  }
}
