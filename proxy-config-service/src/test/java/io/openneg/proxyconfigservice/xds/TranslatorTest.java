package io.openneg.proxyconfigservice.xds;

import static io.openneg.proxyconfigservice.Fixtures.KEYS;
import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.delta;
import static io.openneg.proxyconfigservice.Fixtures.draining;
import static io.openneg.proxyconfigservice.Fixtures.health;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.instanceGroup;
import static io.openneg.proxyconfigservice.Fixtures.instances;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.next;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.simpleMap;
import static io.openneg.proxyconfigservice.Fixtures.table;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BalancingMode;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.RandomRows;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RoutingTableDelta;
import io.openneg.proxyconfigservice.routing.RowChange;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TranslatorTest {

  @Test
  void translatingOnlyWhatChangedGivesWhatTranslatingEverythingGives() {
    for (int seed = 0; seed < 60; seed++) {
      RandomRows rows = new RandomRows(seed);
      RoutingTable table = RoutingTable.empty();
      XdsSnapshot snapshot = Translator.translate(table, KEYS);
      for (int step = 0; step < 40; step++) {
        RoutingTableDelta delta = delta(table, rows.distinct(1 + step % 5));
        RoutingTable after = table.apply(delta);
        XdsSnapshot next = Translator.translate(snapshot, after, delta, KEYS);

        assertSameContent(
            next, Translator.translate(after, KEYS), "seed " + seed + " step " + step);
        assertChangesAreNamed(snapshot, next);
        table = after;
        snapshot = next;
      }
    }
  }

  /** compute v1: the port name of the backend service says which ports of a group serve. */
  @Test
  void ofAnInstanceGroupThePortsWithTheServicesPortNameServe() throws Exception {
    String group = instanceGroup("ig");
    EndpointAddress one = new EndpointAddress("10.0.0.1", 80);
    EndpointAddress alsoOne = new EndpointAddress("10.0.0.1", 8080);
    EndpointAddress two = new EndpointAddress("10.0.0.2", 80);
    EndpointAddress admin = new EndpointAddress("10.0.0.1", 9000);
    BackendService.Builder service =
        httpService(service("s"))
            .setPortName("http")
            .addBackends(
                Backend.newBuilder()
                    .setGroup(group)
                    .setBalancingMode(BalancingMode.UTILIZATION)
                    .setMaxUtilization(0.5f)
                    .setCapacityScaler(1));
    RoutingTable table =
        table(
            service(service),
            instanceGroup(instances(group, "http", 80, "http", 8080, "admin", 9000)),
            attached(group, one),
            attached(group, alsoOne),
            attached(group, two),
            attached(group, admin),
            draining(
                service("s"),
                group,
                new EndpointAddress("10.0.0.3", 9000),
                Instant.ofEpochSecond(4_000_000_000L)));
    ClusterLoadAssignment assignment = assignment(Translator.translate(table));
    assertThat(assignment.getEndpointsList()).hasSize(1);
    assertThat(assignment.getEndpoints(0).getLbEndpointsList())
        .extracting(e -> e.getEndpoint().getAddress().getSocketAddress().getPortValue())
        .containsExactlyInAnyOrder(80, 8080, 80);
    assertThat(assignment.getEndpoints(0).getLoadBalancingWeight().getValue())
        .as("two instances, half of each, in thousandths")
        .isEqualTo(1_000);

    RoutingTable renamed =
        next(table, instanceGroup(instances(group, "web", 80, "web", 8080, "http", 9000)));
    assertThat(assignment(Translator.translate(renamed)).getEndpoints(0).getLbEndpointsList())
        .extracting(e -> e.getEndpoint().getAddress().getSocketAddress().getPortValue())
        .containsOnly(9000);
  }

  /** compute v1: preferred backends first, also in another region; then the proxy's own region. */
  @Test
  void preferredBackendsComeBeforeTheOwnRegion() throws Exception {
    String near = "projects/p/zones/us-east1-b/networkEndpointGroups/near";
    String far = "projects/p/zones/europe-west1-c/networkEndpointGroups/far";
    BackendService.Builder service = httpService(service("s"), near, far);
    service.getBackendsBuilder(1).setPreference(Backend.Preference.PREFERRED);
    service.addHealthChecks(check("c"));
    RoutingTable table =
        table(
            service(service),
            attached(near, address(1)),
            attached(far, address(2)),
            health(check("c"), address(1), HealthState.HEALTHY),
            health(check("c"), address(2), HealthState.HEALTHY));
    for (String region : List.of("us-east1", "europe-west1", "")) {
      assertThat(priorities(table, region)).isEqualTo(Map.of("far", 0, "near", 1));
    }

    RoutingTable down = next(table, health(check("c"), address(2), HealthState.UNHEALTHY));
    assertThat(priorities(down, "us-east1"))
        .as("a priority without capacity would be a gap")
        .isEqualTo(Map.of("far", 0, "near", 0));
  }

  private static Map<String, Integer> priorities(RoutingTable table, String region)
      throws Exception {
    return assignment(Translator.translate(table), region).getEndpointsList().stream()
        .collect(
            Collectors.toMap(
                group -> group.getLocality().getSubZone(), LocalityLbEndpoints::getPriority));
  }

  private static ClusterLoadAssignment assignment(XdsSnapshot snapshot) throws Exception {
    return assignment(snapshot, "");
  }

  private static ClusterLoadAssignment assignment(XdsSnapshot snapshot, String region)
      throws Exception {
    return requireNonNull(
            snapshot.get(new Audience(false, region), XdsType.ENDPOINTS, service("s")))
        .body()
        .unpack(ClusterLoadAssignment.class);
  }

  @Test
  void theOrderOfRowsDoesNotShowInTheBytes() {
    RowChange[] rows = new RandomRows(7).distinct(400);
    XdsSnapshot expected = Translator.translate(table(rows));
    for (int seed = 0; seed < 20; seed++) {
      List<RowChange> shuffled = Arrays.asList(rows.clone());
      Collections.shuffle(shuffled, new Random(seed));
      assertSameContent(
          Translator.translate(table(shuffled.toArray(RowChange[]::new))), expected, "shuffled");
    }
  }

  @Test
  void goingBackToAnEarlierStateGivesTheEarlierVersion() {
    RoutingTable table =
        table(
            service(httpService(service("s"), neg("n")).addHealthChecks(check("c"))),
            attached(neg("n"), address(1)),
            health(check("c"), address(1), HealthState.HEALTHY));
    RoutingTable down = next(table, health(check("c"), address(1), HealthState.UNHEALTHY));
    RoutingTable up = next(down, health(check("c"), address(1), HealthState.HEALTHY));

    assertThat(endpoints(Translator.translate(down)))
        .isNotEqualTo(endpoints(Translator.translate(table)));
    assertThat(endpoints(Translator.translate(up)))
        .isEqualTo(endpoints(Translator.translate(table)));
  }

  @Test
  void aFlipTouchesNothingButTheEndpointsOfTheServiceConcerned() {
    RoutingTable table =
        table(
            service(httpService(service("s"), neg("n")).addHealthChecks(check("c"))),
            service(httpService(service("other"), neg("m")).addHealthChecks(check("c"))),
            urlMap(simpleMap(urlMap("m"), service("s"))),
            attached(neg("n"), address(1)),
            attached(neg("m"), address(2)));
    XdsSnapshot before = Translator.translate(table);
    RoutingTableDelta flip = delta(table, health(check("c"), address(1), HealthState.HEALTHY));
    XdsSnapshot after = Translator.translate(before, table.apply(flip), flip, KEYS);

    assertThat(after.changed()).isEqualTo(Map.of(XdsType.ENDPOINTS, Set.of(service("s"))));
    assertThat(after.clusters()).isSameAs(before.clusters());
    assertThat(after.routes()).isSameAs(before.routes());
  }

  private static XdsResource endpoints(XdsSnapshot snapshot) {
    XdsResource resource = snapshot.get(new Audience(false, ""), XdsType.ENDPOINTS, service("s"));
    if (resource == null) {
      throw new AssertionError("no endpoints");
    }
    return resource;
  }

  private static void assertSameContent(XdsSnapshot actual, XdsSnapshot expected, String as) {
    assertThat(actual.clusters().byName()).as(as).isEqualTo(expected.clusters().byName());
    assertThat(actual.endpoints()).as(as).isEqualTo(expected.endpoints());
    assertThat(actual.routes().byName()).as(as).isEqualTo(expected.routes().byName());
    assertThat(actual.socketListeners().byName())
        .as(as)
        .isEqualTo(expected.socketListeners().byName());
    assertThat(actual.secrets().byName()).as(as).isEqualTo(expected.secrets().byName());
    assertThat(actual.apiListeners().byName()).as(as).isEqualTo(expected.apiListeners().byName());
    assertThat(actual.clusters().fingerprint()).as(as).isEqualTo(expected.clusters().fingerprint());
    assertThat(actual.socketListeners().fingerprint())
        .as(as)
        .isEqualTo(expected.socketListeners().fingerprint());
    assertThat(actual.dropped()).as(as).isEqualTo(expected.dropped());
    assertThat(actual.droppedRules()).as(as).isEqualTo(expected.droppedRules());
  }

  private static void assertChangesAreNamed(XdsSnapshot before, XdsSnapshot after) {
    assertThat(after.changed().getOrDefault(XdsType.CLUSTER, Set.of()))
        .isEqualTo(after.clusters().differencesTo(before.clusters()));
    assertThat(after.changed().getOrDefault(XdsType.ROUTES, Set.of()))
        .isEqualTo(after.routes().differencesTo(before.routes()));
    assertThat(after.changed().getOrDefault(XdsType.SECRETS, Set.of()))
        .isEqualTo(after.secrets().differencesTo(before.secrets()));
    assertThat(after.changed().getOrDefault(XdsType.LISTENER, Set.of()))
        .containsAll(after.socketListeners().differencesTo(before.socketListeners()));
    after
        .endpoints()
        .forEach(
            (name, resource) -> {
              if (!resource.equals(before.endpoints().get(name))) {
                assertThat(after.changed().getOrDefault(XdsType.ENDPOINTS, Set.of()))
                    .contains(name);
              }
            });
  }
}
