package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Story.NEG;
import static io.openneg.proxyconfigservice.Story.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.embedded.Database;
import io.openneg.embedded.FreePorts;
import io.openneg.embedded.TestServers;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfig.v1.GetRoutingTableResponse;
import io.openneg.proxyconfigservice.ingest.RoutingProjection;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;

/** The shipped service between real topics, a real database and a proxy on a real connection. */
class ProxyConfigServiceIT {
  private final Database database = TestServers.freshDatabase();
  private final Story story = Story.told();
  private final int port = FreePorts.next();

  @Test
  void aKilledServiceComesBackAndProxiesAreToldNothingTwice() {
    try (AdsClient proxy = new AdsClient()) {
      GetRoutingTableResponse before;
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        Story.awaitKnownTo(proxy);
        service.awaitSettledProxy();
        before = service.routingTable();
        service.kill();
        proxy.disconnect();
      }
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        service.awaitSettledProxy();
        assertThat(proxy.received()).isEmpty();
        assertThat(service.routingTable()).isEqualTo(before);
      }
    }
  }

  @Test
  void redeliveredEventsMakeNoRevision() {
    try (ServiceProcess service = ServiceProcess.start(port, database);
        AdsClient proxy = new AdsClient()) {
      proxy.connect(port);
      Story.awaitKnownTo(proxy);
      service.awaitSettledProxy();
      GetRoutingTableResponse before = service.routingTable();
      int received = proxy.received().size();

      story.isToldAgain();
      // Comes after all that is delivered again, in the same partition.
      story.goesOn(next -> next.attach(NEG, address(9)));
      await().atMost(SOON).until(() -> proxy.endpoints().contains("UNHEALTHY 10.0.0.9:8080"));
      assertThat(service.routingTable().getRevision()).isEqualTo(before.getRevision() + 1);
      assertThat(proxy.received()).hasSize(received + 1);

      story.goesOn(next -> next.detach(NEG, address(9)));
      await().atMost(SOON).until(() -> proxy.endpoints().contains("DRAINING 10.0.0.9:8080"));
    }
  }

  @Test
  void theTableRebuiltFromTheTopicsEqualsTheLiveOneAndProxiesAreToldNothing() {
    try (AdsClient proxy = new AdsClient()) {
      GetRoutingTableResponse live;
      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        Story.awaitKnownTo(proxy);
        service.awaitSettledProxy();
        live = service.routingTable();
        proxy.disconnect();
      }
      Jdbi jdbi = Jdbi.create(database.jdbcUrl(), database.user(), database.password());
      KafkaProjector projector =
          new KafkaProjector(
              jdbi,
              "routing",
              RoutingProjection.TOPICS,
              Map.of("bootstrap.servers", TestServers.kafkaBootstrap()),
              new RoutingProjection(InstantSource.system()),
              () -> {});
      jdbi.useTransaction(projector::reset);

      try (ServiceProcess service = ServiceProcess.start(port, database)) {
        proxy.connect(port);
        service.awaitSettledProxy();
        assertThat(proxy.received()).isEmpty();
        assertThat(contents(service.routingTable())).isEqualTo(contents(live));
      }
    }
  }

  /** The order in which topics are read may number revisions otherwise. */
  private static List<String> contents(GetRoutingTableResponse table) {
    return table.getRowsList().stream()
        .map(row -> row.getKind() + " " + row.getKey() + " " + row.getContentJson())
        .toList();
  }
}
