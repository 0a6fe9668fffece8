package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Story.NEG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.proxyconfig.v1.DiffRoutingTableRequest;
import io.openneg.proxyconfig.v1.DiffRoutingTableResponse;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfig.v1.RoutingRow;
import io.openneg.proxyconfig.v1.RowDifference;
import io.openneg.proxyconfig.v1.WatchRoutingTableRequest;
import io.openneg.proxyconfig.v1.WatchRoutingTableResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The routing table of any moment, from the shipped service. */
class TimeTravelIT {
  private final Story story = Story.told();

  @Test
  void theTableOfAnyMomentAndWhatIsDifferentSince() {
    try (ServiceProcess service =
            ServiceProcess.start(FreePorts.next(), TestServers.freshDatabase());
        AdsClient proxy = new AdsClient()) {
      proxy.connect(service.port());
      Story.awaitKnownTo(proxy);
      service.awaitSettledProxy();
      GetRoutingTableResponse now = service.routingTable();
      Instant before = Instant.now();
      awaitConverged(service, story.goesOn(next -> next.attach(NEG, address(30))));
      awaitConverged(service, story.goesOn(next -> next.detach(NEG, address(30))));
      long newest = now.getRevision() + 2;

      assertThat(at(service, before)).isEqualTo(now);
      assertThat(at(service, Instant.EPOCH).getRowsList()).isEmpty();
      assertThat(pages(service, newest)).isEqualTo(service.routingTable().getRowsList());

      assertThat(diff(service, now.getRevision(), newest - 1).getDifferencesList())
          .singleElement()
          .matches(row -> row.getKey().equals(NEG + "|" + address(30)))
          .matches(row -> row.getBeforeJson().isEmpty() && !row.getAfterJson().isEmpty());
      assertThat(diff(service, newest - 1, now.getRevision()).getDifferencesList())
          .singleElement()
          .matches(row -> !row.getBeforeJson().isEmpty() && row.getAfterJson().isEmpty());
      assertThat(diff(service, now.getRevision(), newest).getDifferencesList())
          .as("it is draining now, and nothing else is left of it")
          .extracting(RowDifference::getKind)
          .containsExactly("DRAINING");
      assertThat(diff(service, newest, newest).getDifferencesList()).isEmpty();

      assertThatThrownBy(() -> diff(service, 1, newest + 1_000))
          .hasMessageContaining("there is no revision " + (newest + 1_000));
      assertThatThrownBy(
              () ->
                  service
                      .api()
                      .getRoutingTable(
                          GetRoutingTableRequest.newBuilder()
                              .setRevision(1)
                              .setAt(timestamp(before))
                              .build()))
          .hasMessageContaining("must not be given with revision");
    }
  }

  @Test
  void aWatchTellsTheWholeTableThenEachChange() {
    try (ServiceProcess service =
            ServiceProcess.start(FreePorts.next(), TestServers.freshDatabase());
        AdsClient proxy = new AdsClient()) {
      proxy.connect(service.port());
      Story.awaitKnownTo(proxy);
      service.awaitSettledProxy();
      GetRoutingTableResponse now = service.routingTable();
      var steps = service.api().watchRoutingTable(WatchRoutingTableRequest.getDefaultInstance());
      WatchRoutingTableResponse whole = steps.next();
      assertThat(whole.getComplete()).isTrue();
      assertThat(whole.getFromRevision()).isZero();
      assertThat(whole.getDifferencesList())
          .extracting(row -> row.getKind() + row.getKey() + row.getAfterJson())
          .isEqualTo(
              now.getRowsList().stream()
                  .map(row -> row.getKind() + row.getKey() + row.getContentJson())
                  .toList());

      story.goesOn(next -> next.attach(NEG, address(31)));
      WatchRoutingTableResponse step = steps.next();
      assertThat(step.getFromRevision()).isEqualTo(whole.getToRevision());
      assertThat(step.getDifferencesList())
          .extracting(RowDifference::getKey)
          .containsExactly(NEG + "|" + address(31));

      // A client that comes back with what it has is told what it lacks, be it nothing.
      story.goesOn(next -> next.detach(NEG, address(31)));
      assertThat(steps.next().getToRevision()).isEqualTo(step.getToRevision() + 1);
      var again =
          service
              .api()
              .watchRoutingTable(
                  WatchRoutingTableRequest.newBuilder()
                      .setSinceRevision(step.getToRevision())
                      .setEpoch(step.getEpoch())
                      .build());
      assertThat(again.next().getDifferencesList())
          .extracting(row -> row.getKind() + " " + row.getAfterJson().isEmpty())
          .containsExactlyInAnyOrder("ENDPOINT true", "DRAINING false");
      var current =
          service
              .api()
              .watchRoutingTable(
                  WatchRoutingTableRequest.newBuilder()
                      .setSinceRevision(step.getToRevision() + 1)
                      .build());
      assertThat(current.next().getDifferencesList()).isEmpty();

      assertThatThrownBy(
              () ->
                  service
                      .api()
                      .watchRoutingTable(
                          WatchRoutingTableRequest.newBuilder()
                              .setSinceRevision(step.getToRevision())
                              .setEpoch(new UUID(1, 2).toString())
                              .build())
                      .next())
          .hasMessageContaining("made anew");
      assertThatThrownBy(
              () ->
                  service
                      .api()
                      .watchRoutingTable(
                          WatchRoutingTableRequest.newBuilder().setSinceRevision(1_000_000).build())
                      .next())
          .hasMessageContaining("there is no revision 1000000");
    }
  }

  private static void awaitConverged(ServiceProcess service, String token) {
    assertThat(service.converge(token, 60_000).getConverged()).isTrue();
  }

  private static GetRoutingTableResponse at(ServiceProcess service, Instant time) {
    return service
        .api()
        .getRoutingTable(GetRoutingTableRequest.newBuilder().setAt(timestamp(time)).build());
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private static DiffRoutingTableResponse diff(ServiceProcess service, long from, long to) {
    return service
        .api()
        .diffRoutingTable(
            DiffRoutingTableRequest.newBuilder().setFromRevision(from).setToRevision(to).build());
  }

  /** The rows of a revision, three at a time. */
  private static List<RoutingRow> pages(ServiceProcess service, long revision) {
    List<RoutingRow> rows = new ArrayList<>();
    String token = "";
    do {
      GetRoutingTableResponse page =
          service
              .api()
              .getRoutingTable(
                  GetRoutingTableRequest.newBuilder()
                      .setRevision(revision)
                      .setPageSize(3)
                      .setPageToken(token)
                      .build());
      assertThat(page.getRowsCount()).isBetween(1, 3);
      rows.addAll(page.getRowsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return rows;
  }
}
