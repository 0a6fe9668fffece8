package io.openneg.proxyconfigservice;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfigservice.history.HistoryCompaction;
import io.openneg.proxyconfigservice.history.Pins;
import io.openneg.proxyconfigservice.history.Revisions;
import io.openneg.proxyconfigservice.history.RoutingHistory;
import io.openneg.proxyconfigservice.ingest.DrainingClock;
import io.openneg.proxyconfigservice.ingest.MissingKeys;
import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.ingest.RoutingProjection;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.xds.PrivateKeys;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.openneg.serviceruntime.secrets.SealedSecrets;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the service together. */
@Startup
@ApplicationScoped
class ProxyConfigWiring {
  private static final String PROJECTION = "routing";

  private final RoutingFeed feed;
  private final Revisions revisions;
  private final RoutingHistory history;
  private final Pins pins;
  private final ConnectedProxies proxies;
  private final RoutingPublisher publisher;
  private final DrainingClock draining;
  private final ManagedChannel backendService;
  private final MissingKeys missingKeys;
  private final HistoryCompaction compaction;

  @Inject
  ProxyConfigWiring(
      EventLogRuntime runtime,
      @ConfigProperty(name = "openneg.backend-service") String backendAddress,
      @ConfigProperty(name = "openneg.secrets.key-file") Optional<Path> secretsKey,
      @ConfigProperty(name = "openneg.ack-timeout-sec") long ackTimeout,
      @ConfigProperty(name = "openneg.arrivals-at-once") int arrivalsAtOnce,
      @ConfigProperty(name = "openneg.history.retention") Duration retention) {
    feed = new RoutingFeed(runtime.jdbi(), PROJECTION);
    revisions = new Revisions(runtime.jdbi());
    history = new RoutingHistory(runtime.jdbi());
    pins = new Pins(runtime.jdbi(), InstantSource.system());
    proxies = new ConnectedProxies(Duration.ofSeconds(ackTimeout), arrivalsAtOnce);
    AtomicReference<KafkaProjector> projector = new AtomicReference<>();
    PrivateKeys keys = new OpenedKeys(secretsKey.map(SealedSecrets::withKeyOf));
    publisher =
        new RoutingPublisher(feed, keys, () -> isComplete(projector.get()), proxies::publish);
    projector.set(
        runtime.startProjector(
            PROJECTION,
            RoutingProjection.TOPICS,
            new RoutingProjection(InstantSource.system()),
            publisher::wake));
    runtime.startListener("revision_added", publisher::wake);
    draining = new DrainingClock(runtime.jdbi(), InstantSource.system(), publisher::wake);
    backendService =
        Grpc.newChannelBuilder("dns:///" + backendAddress, InsecureChannelCredentials.create())
            .build();
    missingKeys =
        new MissingKeys(runtime.jdbi(), backendService, InstantSource.system(), publisher::wake);
    compaction = new HistoryCompaction(runtime.jdbi(), retention, InstantSource.system());
    publisher.start();
    draining.start();
    missingKeys.start();
    compaction.start();
  }

  private static boolean isComplete(KafkaProjector projector) {
    return projector != null
        && switch (projector.state()) {
          case LIVE, STANDBY -> true;
          case CONNECTING, CATCHING_UP -> false;
        };
  }

  @Produces
  @Singleton
  RoutingFeed feed() {
    return feed;
  }

  @Produces
  @Singleton
  Revisions revisions() {
    return revisions;
  }

  @Produces
  @Singleton
  RoutingHistory history() {
    return history;
  }

  @Produces
  @Singleton
  Pins pins() {
    return pins;
  }

  @Produces
  @Singleton
  ConnectedProxies proxies() {
    return proxies;
  }

  @Produces
  @Singleton
  RoutingPublisher publisher() {
    return publisher;
  }

  @PreDestroy
  void close() {
    compaction.close();
    missingKeys.close();
    backendService.shutdownNow();
    draining.close();
    publisher.close();
    proxies.close();
  }
}
