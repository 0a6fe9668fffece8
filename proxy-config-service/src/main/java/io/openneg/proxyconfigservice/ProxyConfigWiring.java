package io.openneg.proxyconfigservice;

import io.openneg.eventlog.KafkaProjector;
import io.openneg.proxyconfigservice.history.Revisions;
import io.openneg.proxyconfigservice.ingest.DrainingClock;
import io.openneg.proxyconfigservice.ingest.RoutingFeed;
import io.openneg.proxyconfigservice.ingest.RoutingProjection;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.serviceruntime.eventlog.EventLogRuntime;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Puts the service together. */
@Startup
@ApplicationScoped
class ProxyConfigWiring {
  private static final Set<String> TOPICS =
      Set.of("neg.events.v1", "backend.events.v1", "health.events.v1");

  private final RoutingFeed feed;
  private final Revisions revisions;
  private final ConnectedProxies proxies;
  private final RoutingPublisher publisher;
  private final DrainingClock draining;

  @Inject
  ProxyConfigWiring(
      EventLogRuntime runtime, @ConfigProperty(name = "openneg.ack-timeout-sec") long ackTimeout) {
    feed = new RoutingFeed(runtime.jdbi());
    revisions = new Revisions(runtime.jdbi());
    proxies = new ConnectedProxies(Duration.ofSeconds(ackTimeout));
    AtomicReference<KafkaProjector> projector = new AtomicReference<>();
    publisher = new RoutingPublisher(feed, () -> isComplete(projector.get()), proxies::publish);
    projector.set(
        runtime.startProjector("routing", TOPICS, new RoutingProjection(), publisher::wake));
    runtime.startListener("revision_added", publisher::wake);
    draining = new DrainingClock(runtime.jdbi(), publisher::wake);
    publisher.start();
    draining.start();
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
    draining.close();
    publisher.close();
    proxies.close();
  }
}
