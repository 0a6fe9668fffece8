package io.openneg.proxyconfigservice.ingest;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.httpProxy;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.pathMap;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.openneg.eventlog.RecordedEvent;
import io.openneg.health.v1.HealthState;
import io.openneg.neg.v1.NamedPort;
import io.openneg.proxyconfig.v1.ChangedRow;
import io.openneg.proxyconfig.v1.Revision;
import io.openneg.proxyconfigservice.EventScript;
import io.openneg.proxyconfigservice.Fixtures;
import io.openneg.proxyconfigservice.TestDatabase;
import io.openneg.proxyconfigservice.history.HistoryCompaction;
import io.openneg.proxyconfigservice.history.Revisions;
import io.openneg.proxyconfigservice.history.RoutingHistory;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.News;
import io.openneg.proxyconfigservice.ingest.RoutingFeed.Position;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.xds.ResourceSet;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.serviceruntime.api.Page;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutingProjectionIT {
  private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
  private static final String NEG = neg("n");
  private static final String WEB = service("web");
  private static final Jdbi JDBI = TestDatabase.create();

  private final EventScript script = new EventScript(NOW);
  private Instant clock = NOW;
  private final RoutingProjection projection = new RoutingProjection(() -> clock);
  private final RoutingFeed feed = new RoutingFeed(JDBI, "routing");
  private final RoutingHistory history = new RoutingHistory(JDBI);
  private final DrainingClock draining = new DrainingClock(JDBI, () -> clock, () -> {});

  @BeforeEach
  void clear() {
    JDBI.useTransaction(projection::clear);
  }

  @Test
  void whatEveryEventSaysIsInTheTable() {
    apply(
        script
            .createNeg(NEG)
            .attach(NEG, address(1), address(2))
            .detach(NEG, address(2))
            .createCheck(check("c"))
            .createService(WEB, 0, List.of(check("c")), NEG, neg("other"))
            .removeBackend(WEB, neg("other"))
            .createMap(simpleMap(urlMap("m"), WEB))
            .updateMap(pathMap(urlMap("m"), WEB, "a", WEB))
            .createProxy(httpProxy(proxy("p"), urlMap("x")))
            .setUrlMap(proxy("p"), urlMap("m"))
            .createRule(forwardingRule(rule("r"), proxy("x"), 80))
            .setTarget(rule("r"), proxy("p"))
            .createRule(forwardingRule(rule("gone"), proxy("p"), 81))
            .deleteRule(rule("gone"))
            .health(check("c"), address(1), HealthState.HEALTHY)
            .health(check("c"), address(2), HealthState.HEALTHY)
            .stopProbing(check("c"), address(2)));

    RoutingTable table = load();
    assertThat(table.negs()).containsOnlyKeys(NEG);
    assertThat(table.endpoints(NEG)).containsOnlyKeys(address(1));
    assertThat(table.healthChecks()).containsOnlyKeys(check("c"));
    assertThat(table.servicesOfNeg(NEG)).containsExactly(WEB);
    assertThat(table.servicesOfNeg(neg("other"))).isEmpty();
    assertThat(table.urlMaps().values())
        .singleElement()
        .matches(map -> map.getHostRulesCount() == 1);
    assertThat(table.targetHttpProxies().values())
        .singleElement()
        .matches(found -> found.getUrlMap().equals(urlMap("m")));
    assertThat(table.forwardingRules()).containsOnlyKeys(rule("r"));
    assertThat(table.forwardingRules().values())
        .singleElement()
        .matches(found -> found.getTarget().equals(proxy("p")));
    assertThat(table.health(check("c"))).containsOnlyKeys(address(1));
  }

  @Test
  void anEndpointUpdatedIsTheSameEndpointWithOtherDetails() {
    var moved = Fixtures.endpoint(address(1)).toBuilder().setInstance("vm-2").build();
    apply(script.createNeg(NEG).attach(NEG, address(1)));
    apply(script.update(NEG, moved));
    assertThat(load().endpoints(NEG).values()).containsExactly(moved);
  }

  @Test
  void aReaderThatWasAwayLongerThanHistoryIsKeptReadsAllAnew() {
    apply(script.createNeg(NEG).attach(NEG, address(1), address(2)));
    Position before = feed.since(Position.START).orElseThrow().to();
    apply(script.detach(NEG, address(1)));
    apply(script.attach(NEG, address(3)));
    apply(script.attach(NEG, address(4)));
    try (HistoryCompaction compaction =
        new HistoryCompaction(JDBI, Duration.ofSeconds(1), InstantSource.system())) {
      compaction.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  history.rows(history.newest(), Optional.empty(), 10).size() == 4 && ended() == 0);
    }
    News news = feed.since(before).orElseThrow();
    assertThat(news.anew()).isTrue();
    assertThat(RoutingTable.empty().apply(news.delta()).endpoints(NEG))
        .containsOnlyKeys(address(2), address(3), address(4));
  }

  private static long ended() {
    return JDBI.withHandle(
        handle ->
            handle
                .createQuery("SELECT count(*) FROM routing_row WHERE to_revision IS NOT NULL")
                .mapTo(Long.class)
                .one());
  }

  @Test
  void aDeletedGroupTakesItsEndpointsWithIt() {
    apply(script.createNeg(NEG).attach(NEG, address(1)).createNeg(neg("n2")));
    apply(script.attach(neg("n2"), address(1)).attach(NEG, address(2)).startDeletion(NEG));
    assertThat(load().endpoints(NEG)).hasSize(2);

    apply(script.attach(NEG, address(3)).deleteNeg(NEG));
    RoutingTable table = load();
    assertThat(table.endpoints(NEG)).isEmpty();
    assertThat(table.negs()).containsOnlyKeys(neg("n2"));
    assertThat(table.endpoints(neg("n2"))).hasSize(1);
  }

  @Test
  void anInstanceGroupHasItsPortsAndTakesItsEndpointsWithIt() {
    String group = Fixtures.instanceGroup("ig");
    apply(script.createInstanceGroup(group, "http", 80).attach(group, address(1), address(2)));
    apply(script.namePorts(group, "web", 8080));
    assertThat(requireNonNull(load().instanceGroups().get(group)).getNamedPortsList())
        .extracting(NamedPort::getName)
        .containsExactly("web");
    assertThat(load().endpoints(group)).hasSize(2);
    apply(script.deleteInstanceGroup(group));
    assertThat(load().instanceGroups()).isEmpty();
    assertThat(load().endpoints(group)).isEmpty();

    apply(script.namePorts(Fixtures.instanceGroup("old"), "http", 80));
    assertThat(load().hasGroup(Fixtures.instanceGroup("old")))
        .as("one from before instance groups had rows gets one")
        .isTrue();
  }

  @Test
  void oneCommandIsOneRevisionThatNamesItsCause() {
    apply(script.createNeg(NEG).startDeletion(NEG).attach(NEG, address(1), address(2)));
    var revisions = new Revisions(JDBI).list(Page.of(0, "", 100, 500)).items();

    // What changes no row makes no revision.
    assertThat(revisions).hasSize(2);
    assertThat(revisions.getFirst().getCause()).isEqualTo("neg.events.v1: " + NEG + "@3-4");
    assertThat(revisions.getFirst().getActor()).isEqualTo(EventScript.ACTOR);
    assertThat(revisions.getFirst().getTime().getSeconds()).isEqualTo(NOW.getEpochSecond());
    assertThat(revisions.getLast().getCause()).isEqualTo("neg.events.v1: " + NEG + "@1-1");
  }

  @Test
  void aRevisionSaysWhatItChanged() {
    EndpointAddress[] many =
        IntStream.range(0, 30).mapToObj(i -> address(i)).toArray(EndpointAddress[]::new);
    apply(script.createNeg(NEG).attach(NEG, many).detach(NEG, address(1)));
    apply(script.update(NEG, Fixtures.endpoint(address(2)).toBuilder().setInstance("vm").build()));
    var revisions = new Revisions(JDBI).list(Page.of(0, "", 100, 500)).items();
    assertThat(revisions).hasSize(4);
    assertThat(revisions).extracting(Revision::getChangedRows).containsExactly(1, 1, 30, 1);
    assertThat(revisions.getFirst().getChangesList())
        .containsExactly(changed("ENDPOINT", NEG + "|" + address(2), ChangedRow.Change.UPDATED));
    assertThat(revisions.get(1).getChangesList())
        .containsExactly(changed("ENDPOINT", NEG + "|" + address(1), ChangedRow.Change.REMOVED));
    assertThat(revisions.get(2).getChangesList())
        .hasSize(10)
        .first()
        .isEqualTo(changed("ENDPOINT", NEG + "|" + address(0), ChangedRow.Change.ADDED));
    // A page has the changes of its own revisions only.
    assertThat(new Revisions(JDBI).list(Page.of(1, "", 100, 500)).items())
        .containsExactly(revisions.getFirst());
  }

  private static ChangedRow changed(String kind, String key, ChangedRow.Change change) {
    return ChangedRow.newBuilder().setKind(kind).setKey(key).setChange(change).build();
  }

  @Test
  void thePastCanBeRead() {
    apply(script.createNeg(NEG).attach(NEG, address(1)).detach(NEG, address(1)));
    apply(script.attach(NEG, address(2)));

    assertThat(rows(1)).hasSize(1);
    assertThat(rows(2)).extracting(row -> row.key().text()).contains(NEG + "|" + address(1));
    assertThat(rows(3)).hasSize(1);
    assertThat(rows(4)).extracting(row -> row.key().text()).contains(NEG + "|" + address(2));
    assertThat(rows(4)).extracting(RoutingHistory.StoredRow::fromRevision).containsExactly(4L, 1L);
  }

  @Test
  void tenThousandEndpointsOfOneCommandAreOneRevision() {
    apply(script.createNeg(NEG).createService(WEB, 60, List.of(), NEG));
    EndpointAddress[] many =
        IntStream.range(0, 10_000).mapToObj(i -> address(i)).toArray(EndpointAddress[]::new);
    apply(script.attach(NEG, many));
    assertThat(load().endpoints(NEG)).hasSize(10_000);
    assertThat(history.newest()).isEqualTo(3);
    apply(script.detach(NEG, many));
    assertThat(load().draining(WEB, NEG)).hasSize(10_000);
  }

  @Test
  void detachedEndpointsDrainAsLongAsEachServiceSaysAndThenAreGone() {
    apply(
        script
            .createNeg(NEG)
            .attach(NEG, address(1))
            .createService(WEB, 10, List.of(), NEG)
            .createService(service("slow"), 60, List.of(), NEG)
            .createService(service("hard"), 0, List.of(), NEG)
            .detach(NEG, address(1)));

    RoutingTable table = load();
    assertThat(table.endpoints(NEG)).isEmpty();
    assertThat(table.draining(WEB, NEG)).containsEntry(address(1), NOW.plusSeconds(10));
    assertThat(table.draining(service("slow"), NEG)).hasSize(1);
    assertThat(table.draining(service("hard"), NEG)).isEmpty();

    clock = NOW.plusSeconds(9);
    assertThat(draining.endDue()).isFalse();
    clock = NOW.plusSeconds(10);
    assertThat(draining.endDue()).isTrue();
    assertThat(load().draining(WEB, NEG)).isEmpty();
    assertThat(load().draining(service("slow"), NEG)).hasSize(1);
    assertThat(new Revisions(JDBI).get(history.newest()))
        .hasValueSatisfying(
            revision -> {
              assertThat(revision.getCause()).startsWith("draining");
              assertThat(revision.getActor()).isEmpty();
            });
    assertThat(draining.endDue()).isFalse();
  }

  @Test
  void anEndpointThatComesBackDrainsNoMore() {
    apply(
        script
            .createNeg(NEG)
            .attach(NEG, address(1))
            .createService(WEB, 10, List.of(), NEG)
            .detach(NEG, address(1)));
    apply(script.attach(NEG, address(1)));
    assertThat(load().draining(WEB, NEG)).isEmpty();

    clock = NOW.plusSeconds(20);
    assertThat(draining.endDue()).isFalse();
    assertThat(load().endpoints(NEG)).hasSize(1);
  }

  @Test
  void otherSettingsOfAServiceKeepItsBackendsAndCountForWhatDrains() {
    apply(
        script
            .createNeg(NEG)
            .attach(NEG, address(1), address(2))
            .createService(WEB, 10, List.of(), NEG)
            .detach(NEG, address(1)));
    apply(script.updateService(WEB, 30, 7));

    assertThat(load().backendServices().get(WEB))
        .isNotNull()
        .satisfies(
            web -> {
              assertThat(web.getTimeoutSec()).isEqualTo(7);
              assertThat(web.getBackendsList()).containsExactly(Fixtures.backend(NEG));
            });
    assertThat(load().draining(WEB, NEG)).containsEntry(address(1), NOW.plusSeconds(30));

    apply(script.detach(NEG, address(2)));
    assertThat(load().draining(WEB, NEG)).containsEntry(address(2), NOW.plusSeconds(30));
    apply(script.updateService(WEB, 0, 7));
    assertThat(load().draining(WEB, NEG)).isEmpty();
  }

  @Test
  void aServiceThatIsHeardOfLateLetsEndpointsDrainAllTheSame() {
    apply(script.createNeg(NEG).attach(NEG, address(1)).detach(NEG, address(1)));
    assertThat(load().draining(WEB, NEG)).isEmpty();

    clock = NOW.plusSeconds(5);
    apply(script.createService(WEB, 10, List.of(), NEG));
    assertThat(load().draining(WEB, NEG)).containsEntry(address(1), NOW.plusSeconds(10));

    apply(script.removeBackend(WEB, NEG));
    assertThat(load().draining(WEB, NEG)).isEmpty();
    apply(script.addBackend(WEB, NEG).deleteService(WEB));
    assertThat(load().draining(WEB, NEG)).isEmpty();
  }

  @Test
  void whatDrainedLongAgoDoesNotComeBackWithAReplay() {
    apply(
        script
            .createNeg(NEG)
            .createService(WEB, 10, List.of(), NEG)
            .attach(NEG, address(1))
            .detach(NEG, address(1)));
    List<RecordedEvent> all = script.events();
    clock = NOW.plusSeconds(3_700);
    draining.endDue();
    RoutingTable live = load();

    JDBI.useTransaction(projection::clear);
    JDBI.useTransaction(tx -> projection.apply(tx, all));
    assertThat(load().hasRowsOf(live)).isTrue();
    assertThat(draining.endDue()).isFalse();
  }

  @Test
  void anEventThatCannotFollowItsStreamIsRefused() {
    assertThatThrownBy(() -> apply(script.addBackend(WEB, NEG)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(WEB);
    assertThat(history.newest()).isZero();
  }

  @Test
  void noOrderOfTheTopicsNoBatchingAndNoRestartMakesADifferenceToTableOrBytes() {
    history();
    List<RecordedEvent> events = script.events();
    clock = NOW.plusSeconds(20);
    JDBI.useTransaction(tx -> projection.apply(tx, events));
    draining.endDue();
    RoutingTable expected = load();
    assertThat(expected.draining(WEB, NEG)).isNotEmpty();
    XdsSnapshot told = Translator.translate(expected);

    for (int seed = 0; seed < 25; seed++) {
      Random random = new Random(seed);
      JDBI.useTransaction(projection::clear);
      Position position = Position.START;
      RoutingTable followed = RoutingTable.empty();
      XdsSnapshot snapshot = Translator.translate(followed);
      List<RecordedEvent> shuffled = interleaved(events, random);
      int from = 0;
      while (from < shuffled.size()) {
        int to = Math.min(shuffled.size(), from + 1 + random.nextInt(12));
        List<RecordedEvent> batch = shuffled.subList(from, to);
        // Time passes in between, and draining may end at any moment.
        clock = NOW.plusSeconds(random.nextInt(21));
        JDBI.useTransaction(tx -> projection.apply(tx, batch));
        draining.endDue();
        if (random.nextBoolean()) {
          News news = feed.since(position).orElseThrow();
          followed = (news.anew() ? RoutingTable.empty() : followed).apply(news.delta());
          snapshot =
              news.anew()
                  ? Translator.translate(snapshot, followed, Fixtures.KEYS)
                  : Translator.translate(snapshot, followed, news.delta(), Fixtures.KEYS);
          position = news.to();
        }
        if (random.nextInt(5) == 0) {
          // The process starts again: nothing is known but the rows.
          position = Position.START;
          followed = RoutingTable.empty();
          snapshot = Translator.translate(followed);
        }
        from = to;
      }
      clock = NOW.plusSeconds(20);
      draining.endDue();

      RoutingTable loaded = load();
      assertThat(loaded.hasRowsOf(expected)).as("seed %d", seed).isTrue();
      News rest = feed.since(position).orElse(null);
      if (rest != null) {
        followed = (rest.anew() ? RoutingTable.empty() : followed).apply(rest.delta());
        snapshot = Translator.translate(snapshot, followed, Fixtures.KEYS);
      }
      assertThat(followed).as("followed, seed %d", seed).isEqualTo(loaded);
      assertThat(bytes(snapshot)).as("bytes, seed %d", seed).isEqualTo(bytes(told));
    }
  }

  /** All that any proxy is told, by type and name. */
  private static Map<String, ByteString> bytes(XdsSnapshot snapshot) {
    Map<String, ByteString> bytes = new TreeMap<>();
    for (ResourceSet set :
        List.of(
            snapshot.clusters(),
            snapshot.socketListeners(),
            snapshot.apiListeners(),
            snapshot.routes())) {
      set.byName()
          .forEach(
              (name, resource) ->
                  bytes.merge(
                      resource.type() + " " + name,
                      resource.body().toByteString(),
                      ByteString::concat));
    }
    snapshot
        .endpoints()
        .forEach(
            (name, byRegion) ->
                byRegion.forEach(
                    (region, resource) ->
                        bytes.put(name + " in " + region, resource.body().toByteString())));
    return bytes;
  }

  /** Everything within a minute, with draining of which some is over and some is not. */
  private void history() {
    script
        .createNeg(NEG)
        .createCheck(check("c"))
        .createService(WEB, 30, List.of(check("c")), NEG)
        .createService(service("short"), 5, List.of(), NEG, neg("n2"))
        .createNeg(neg("n2"))
        .attach(NEG, address(1), address(2), address(3), address(4))
        .attach(neg("n2"), address(1), address(5))
        .health(check("c"), address(1), HealthState.HEALTHY)
        .health(check("c"), address(1), HealthState.UNHEALTHY)
        .health(check("c"), address(2), HealthState.HEALTHY)
        .stopProbing(check("c"), address(2))
        .createMap(simpleMap(urlMap("m"), WEB))
        .createProxy(httpProxy(proxy("p"), urlMap("m")))
        .createRule(forwardingRule(rule("r"), proxy("p"), 80))
        .updateMap(pathMap(urlMap("m"), WEB, "a", service("short")))
        .detach(NEG, address(1), address(2))
        .attach(NEG, address(2))
        .detach(neg("n2"), address(5))
        .removeBackend(service("short"), neg("n2"))
        .addBackend(WEB, neg("n2"))
        .updateService(WEB, 45, 20)
        .createService(service("gone"), 300, List.of(), NEG)
        .deleteService(service("gone"))
        .createNeg(neg("n3"))
        .attach(neg("n3"), address(7))
        .startDeletion(neg("n3"))
        .deleteNeg(neg("n3"))
        .deleteRule(rule("r"));
  }

  /** Another order that keeps each stream's. */
  private static List<RecordedEvent> interleaved(List<RecordedEvent> events, Random random) {
    Map<String, List<RecordedEvent>> streams = new LinkedHashMap<>();
    for (RecordedEvent event : events) {
      streams.computeIfAbsent(event.stream(), _ -> new ArrayList<>()).add(event);
    }
    List<List<RecordedEvent>> rest = new ArrayList<>(streams.values());
    List<RecordedEvent> result = new ArrayList<>();
    while (!rest.isEmpty()) {
      List<RecordedEvent> stream = rest.get(random.nextInt(rest.size()));
      result.add(stream.removeFirst());
      rest.removeIf(List::isEmpty);
    }
    return result;
  }

  private List<RoutingHistory.StoredRow> rows(long revision) {
    return history.rows(revision, Optional.empty(), 100);
  }

  private int applied;

  /** The script's events that were not applied yet, as one batch. */
  private void apply(EventScript events) {
    List<RecordedEvent> due = events.events().subList(applied, events.events().size());
    JDBI.useTransaction(tx -> projection.apply(tx, due));
    applied = events.events().size();
  }

  private RoutingTable load() {
    return RoutingTable.empty().apply(feed.since(Position.START).orElseThrow().delta());
  }
}
