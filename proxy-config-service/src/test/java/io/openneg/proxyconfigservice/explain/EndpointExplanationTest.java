package io.openneg.proxyconfigservice.explain;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.draining;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.health;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.next;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.table;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.Fixtures;
import io.openneg.proxyconfigservice.explain.EndpointExplanation.Explanation;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.serve.ProxyStatus;
import io.openneg.proxyconfigservice.serve.ProxyStatus.Refusal;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.proxyconfigservice.xds.XdsType;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointExplanationTest {
  private static final RoutingTable WEB = table(web(80, address(1)));

  private static ProxyStatus connected(long settled, List<String> awaited, Refusal... refusals) {
    return new ProxyStatus(
        "edge-1",
        "",
        "",
        "envoy",
        Instant.EPOCH,
        List.of(),
        settled,
        null,
        awaited,
        List.of(refusals));
  }

  private static Explanation explain(RoutingTable table, ProxyStatus... proxies) {
    return EndpointExplanation.of(
        neg("n"), address(1), table, Translator.translate(table), List.of(proxies));
  }

  private static Explanation explain(RoutingTable table) {
    return explain(table, connected(table.revision(), List.of()));
  }

  private static void isExplained(Explanation explanation, String resource, String text) {
    assertThat(explanation.receivesTraffic()).isFalse();
    assertThat(explanation.findings())
        .filteredOn(finding -> !finding.holds())
        .first()
        .satisfies(
            first -> {
              assertThat(first.resource()).isEqualTo(resource);
              assertThat(first.text()).contains(text);
            });
    assertThat(explanation.summary()).contains(resource + ": ").contains(text);
  }

  @Test
  void anEndpointThatGetsTraffic() {
    Explanation explanation = explain(WEB);
    assertThat(explanation.receivesTraffic()).as(explanation.toString()).isTrue();
    assertThat(explanation.summary()).isEqualTo("10.0.0.1:8080 gets traffic");
    assertThat(explanation.findings()).allMatch(Finding::holds);
  }

  @Test
  void noGroupNoEndpointNoBackendService() {
    isExplained(explain(RoutingTable.empty()), neg("n"), "there is no such group");
    isExplained(explain(table(web(80, address(2)))), neg("n"), "10.0.0.1:8080 is not attached");
    isExplained(
        explain(next(WEB, gone(RowKind.BACKEND_SERVICE, service("web")))),
        neg("n"),
        "no backend service has the group as a backend");
  }

  @Test
  void aDetachedEndpointThatIsFinishing() {
    RoutingTable draining =
        next(
            table(web(80)),
            draining(service("web"), neg("n"), address(1), Instant.parse("2026-05-01T12:00:00Z")));
    isExplained(explain(draining), neg("n"), "finishes what it has until 2026-05-01T12:00:00Z");
  }

  @Test
  void aDrainedGroup() {
    var service = httpService(service("web"), neg("n"));
    service.getBackendsBuilder(0).setCapacityScaler(0);
    isExplained(
        explain(next(WEB, service(service))), service("web"), "capacity scaler for the group is 0");
  }

  @Test
  void aPortOfAnInstanceGroupThatTheServiceDoesNotUse() {
    String group = neg("n").replace("networkEndpointGroups", "instanceGroups");
    RoutingTable table =
        next(
            WEB,
            service(httpService(service("web"), group).setPortName("http")),
            Fixtures.instanceGroup(Fixtures.instances(group, "web", 8080)),
            attached(group, address(1)));
    Explanation explanation =
        EndpointExplanation.of(
            group,
            address(1),
            table,
            Translator.translate(table),
            List.of(connected(table.revision(), List.of())));
    isExplained(explanation, service("web"), "its port name is 'http', which is not a name of");
  }

  @Test
  void noVerdictABadOneAGoodOne() {
    RoutingTable checked =
        next(WEB, service(httpService(service("web"), neg("n")).addHealthChecks(check("c"))));
    isExplained(explain(checked), check("c"), "no verdict yet");
    isExplained(
        explain(next(checked, health(check("c"), address(1), HealthState.UNHEALTHY))),
        check("c"),
        "UNHEALTHY since ");
    assertThat(
            explain(next(checked, health(check("c"), address(1), HealthState.HEALTHY)))
                .receivesTraffic())
        .isTrue();
  }

  @Test
  void noWayToTheBackendService() {
    isExplained(
        explain(next(WEB, gone(RowKind.URL_MAP, urlMap("web")))),
        service("web"),
        "no URL map sends requests to it");
    isExplained(
        explain(next(WEB, gone(RowKind.FORWARDING_RULE, rule("web")))),
        urlMap("web"),
        "no forwarding rule leads to it");
    isExplained(
        explain(next(WEB, gone(RowKind.TARGET_HTTP_PROXY, proxy("web")))),
        rule("web"),
        "is not served");
  }

  @Test
  void noProxyALaggingOneARefusingOne() {
    isExplained(
        EndpointExplanation.of(neg("n"), address(1), WEB, Translator.translate(WEB), List.of()),
        "proxies",
        "none is connected");
    isExplained(
        explain(WEB, connected(WEB.revision() - 1, List.of("Cluster: sent, not acknowledged"))),
        "edge-1",
        "Cluster: sent, not acknowledged");
    isExplained(
        explain(
            WEB,
            connected(
                WEB.revision(),
                List.of(),
                new Refusal(XdsType.LISTENER, WEB.revision(), "port is taken"))),
        "edge-1",
        "Listener: refused: port is taken");
  }

  @Test
  void whatAProxyRefusedBeforeDoesNotKeepItFromTheRest() {
    RoutingTable later = next(WEB, attached(neg("n"), address(2)));
    assertThat(
            explain(
                    later,
                    connected(
                        later.revision(),
                        List.of(),
                        new Refusal(XdsType.LISTENER, WEB.revision(), "port is taken")))
                .receivesTraffic())
        .isTrue();
  }
}
