package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Story.NEG;
import static io.openneg.proxyconfigservice.Story.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfig.v1.GetRoutingTableRequest;
import io.openneg.proxyconfig.v1.ListPinChangesRequest;
import io.openneg.proxyconfig.v1.ListProxiesRequest;
import io.openneg.proxyconfig.v1.Pin;
import io.openneg.proxyconfig.v1.PinChange;
import io.openneg.proxyconfig.v1.PinRevisionRequest;
import io.openneg.proxyconfig.v1.UnpinRevisionRequest;
import io.openneg.proxyconfig.v1.WaitForConvergenceResponse;
import io.openneg.proxyconfigservice.ingest.RoutingProjection;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** Proxies held at a revision, from the shipped service. */
class PinIT {
  private final Database database = TestServers.freshDatabase();
  private final Story story = Story.told();

  @Test
  void proxiesMoveBackStayThroughRestartsAndMoveForwardAgain() {
    int port = FreePorts.next();
    try (AdsClient proxy = new AdsClient()) {
      List<String> good;
      String token;
      Pin pin;
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        Story.awaitKnownTo(proxy);
        service.awaitSettledProxy();
        good = proxy.endpoints();
        long revision = service.routingTable().getRevision();
        story.goesOn(next -> next.attach(NEG, address(40)));
        await().atMost(SOON).until(() -> proxy.endpoints().toString().contains("10.0.0.40:"));

        pin = pin(service, revision, "the new one is slow");
        assertThat(pin.getActor()).isEqualTo("anonymous");
        await().atMost(SOON).until(() -> proxy.endpoints().equals(good));

        // Writes go on being recorded, and no proxy is told.
        token = story.goesOn(next -> next.attach(NEG, address(41)));
        await().atMost(SOON).until(() -> recorded(service, 41));
        WaitForConvergenceResponse waiting = service.converge(token, 0);
        assertThat(waiting.getConverged()).isFalse();
        assertThat(waiting.getHeldBack())
            .contains("pinned to revision " + revision)
            .contains("anonymous")
            .contains("the new one is slow");
        assertThat(waiting.getLaggingProxiesList())
            .singleElement()
            .satisfies(lag -> assertThat(lag.getReasonsList()).contains(waiting.getHeldBack()));
        assertThat(proxy.endpoints()).isEqualTo(good);
        assertThat(service.routingTable().getPin()).isEqualTo(pin);
        assertThat(service.api().listProxies(ListProxiesRequest.getDefaultInstance()).getPin())
            .isEqualTo(pin);
        service.kill();
        proxy.disconnect();
      }
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        service.awaitSettledProxy();
        assertThat(proxy.received()).isEmpty();
        assertThat(service.routingTable().getPin()).isEqualTo(pin);

        unpin(service, "fixed");
        assertThat(service.converge(token, 60_000).getConverged()).isTrue();
        assertThat(proxy.endpoints().toString()).contains("10.0.0.40:").contains("10.0.0.41:");
        assertThat(service.routingTable().hasPin()).isFalse();
        assertThat(
                service
                    .api()
                    .listPinChanges(ListPinChangesRequest.getDefaultInstance())
                    .getChangesList())
            .extracting(PinChange::getRevision, PinChange::getReason)
            .containsExactly(tuple(0L, "fixed"), tuple(pin.getRevision(), "the new one is slow"));
        assertThatThrownBy(() -> unpin(service, "")).hasMessageContaining("not pinned");
      }
    }
    story.goesOn(next -> next.detach(NEG, address(40), address(41)));
  }

  @Test
  void anotherReplicaHoldsItsProxiesToo() {
    try (ServiceProcess first = ServiceProcess.start(FreePorts.next(), database);
        ServiceProcess second = ServiceProcess.start(FreePorts.next(), database);
        AdsClient proxy = new AdsClient()) {
      proxy.connect(second.port());
      Story.awaitKnownTo(proxy);
      second.awaitSettledProxy();
      List<String> good = proxy.endpoints();
      pin(first, first.routingTable().getRevision(), "");
      await().atMost(SOON).until(() -> second.routingTable().hasPin());
      String token = story.goesOn(next -> next.attach(NEG, address(42)));
      await().atMost(SOON).until(() -> recorded(second, 42));
      assertThat(second.converge(token, 0).getHeldBack()).isNotEmpty();
      assertThat(proxy.endpoints()).isEqualTo(good);
      unpin(first, "");
      assertThat(second.converge(token, 60_000).getConverged()).isTrue();
      assertThat(proxy.endpoints().toString()).contains("10.0.0.42:");
    }
    story.goesOn(next -> next.detach(NEG, address(42)));
  }

  @Test
  void aTableMadeAnewLeavesThePinAsItWas() {
    int port = FreePorts.next();
    try (AdsClient proxy = new AdsClient()) {
      Pin pin;
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        Story.awaitKnownTo(proxy);
        service.awaitSettledProxy();
        pin = pin(service, service.routingTable().getRevision(), "");
        await().atMost(SOON).until(() -> service.routingTable().hasPin());
        story.goesOn(next -> next.attach(NEG, address(43)));
        await().atMost(SOON).until(() -> recorded(service, 43));
        service.awaitSettledProxy();
      }
      proxy.disconnect();
      KafkaProjector projector =
          new KafkaProjector(
              jdbi(),
              "routing",
              RoutingProjection.TOPICS,
              Map.of("bootstrap.servers", TestServers.kafkaBootstrap()),
              new RoutingProjection(InstantSource.system()),
              () -> {});
      jdbi().useTransaction(projector::reset);
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        service.awaitSettledProxy();
        assertThat(proxy.received()).isEmpty();
        assertThat(service.routingTable().getPin()).isEqualTo(pin);
        assertThat(recorded(service, 43)).isTrue();
      }
    }
    story.goesOn(next -> next.detach(NEG, address(43)));
  }

  @Test
  void onlyARevisionThatIsThereCanBePinned() {
    try (ServiceProcess service = ServiceProcess.start(FreePorts.next(), database)) {
      assertThatThrownBy(() -> pin(service, 0, "")).hasMessageContaining("'revision'");
      assertThatThrownBy(() -> pin(service, 1_000_000, ""))
          .hasMessageContaining("there is no revision 1000000");
      assertThatThrownBy(() -> pin(service, 1, "x".repeat(501)))
          .hasMessageContaining("at most 500 characters, has 501");
      assertThat(service.routingTable().hasPin()).isFalse();
    }
  }

  private Jdbi jdbi() {
    return Jdbi.create(database.jdbcUrl(), database.user(), database.password());
  }

  private static Pin pin(ServiceProcess service, long revision, String reason) {
    return service
        .api()
        .pinRevision(
            PinRevisionRequest.newBuilder().setRevision(revision).setReason(reason).build());
  }

  private static void unpin(ServiceProcess service, String reason) {
    var _ =
        service.api().unpinRevision(UnpinRevisionRequest.newBuilder().setReason(reason).build());
  }

  private static boolean recorded(ServiceProcess service, int host) {
    return service
        .api()
        .getRoutingTable(GetRoutingTableRequest.getDefaultInstance())
        .getRowsList()
        .stream()
        .anyMatch(row -> row.getKey().equals(NEG + "|" + address(host)));
  }
}
