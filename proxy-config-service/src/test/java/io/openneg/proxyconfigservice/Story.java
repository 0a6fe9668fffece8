package io.openneg.proxyconfigservice;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.httpProxy;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.openneg.eventlog.RecordedEvent;
import io.openneg.eventlog.testing.EventPublisher;
import io.openneg.health.v1.HealthState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the other services did and told: a chain to a group with a healthy endpoint, an unhealthy
 * and a draining one. The topics of this JVM tell it once; each test hears it with a database of
 * its own and may go on with it.
 */
final class Story {
  static final Duration SOON = Duration.ofSeconds(60);
  static final String NEG = neg("n");

  private static final Story TOLD = new Story();

  private final EventScript script = new EventScript(Instant.now());
  private final EventPublisher negs = new EventPublisher("neg.events.v1");
  private final EventPublisher backends = new EventPublisher("backend.events.v1");
  private final EventPublisher health = new EventPublisher("health.events.v1");
  private int published;

  private Story() {
    goesOn(
        next ->
            next.createNeg(NEG)
                .attach(NEG, address(1), address(2), address(3))
                .createCheck(check("c"))
                .createService(service("web"), 300, List.of(check("c")), NEG)
                .createMap(simpleMap(urlMap("m"), service("web")))
                .createProxy(httpProxy(proxy("p"), urlMap("m")))
                .createRule(forwardingRule(rule("r"), proxy("p"), 8080))
                .health(check("c"), address(1), HealthState.HEALTHY)
                .health(check("c"), address(2), HealthState.UNHEALTHY)
                .health(check("c"), address(3), HealthState.HEALTHY)
                .detach(NEG, address(3)));
  }

  static Story told() {
    return TOLD;
  }

  /** Returns the token of what happened to the group last. */
  String goesOn(Consumer<EventScript> more) {
    more.accept(script);
    List<RecordedEvent> next = script.events().subList(published, script.events().size());
    negs.publish(of(next, "neg.events.v1"));
    backends.publish(of(next, "backend.events.v1"));
    health.publish(of(next, "health.events.v1"));
    published = script.events().size();
    return NEG + "@" + version();
  }

  private static List<RecordedEvent> of(List<RecordedEvent> events, String topic) {
    return events.stream().filter(event -> event.topic().equals(topic)).toList();
  }

  /** Of the group. */
  long version() {
    return script.version(NEG);
  }

  void isToldAgain() {
    negs.publishAgain();
    backends.publishAgain();
    health.publishAgain();
  }

  static void awaitKnownTo(AdsClient proxy) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(proxy.listeners()).hasSize(1);
              assertThat(proxy.endpoints())
                  .contains(
                      "DRAINING 10.0.0.3:8080", "HEALTHY 10.0.0.1:8080", "UNHEALTHY 10.0.0.2:8080");
            });
  }
}
