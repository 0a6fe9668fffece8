package io.openneg.proxyconfigservice.explain;

import static io.openneg.proxyconfigservice.Fixtures.address;
import static io.openneg.proxyconfigservice.Fixtures.attached;
import static io.openneg.proxyconfigservice.Fixtures.check;
import static io.openneg.proxyconfigservice.Fixtures.forwardingRule;
import static io.openneg.proxyconfigservice.Fixtures.gone;
import static io.openneg.proxyconfigservice.Fixtures.group;
import static io.openneg.proxyconfigservice.Fixtures.health;
import static io.openneg.proxyconfigservice.Fixtures.httpService;
import static io.openneg.proxyconfigservice.Fixtures.neg;
import static io.openneg.proxyconfigservice.Fixtures.next;
import static io.openneg.proxyconfigservice.Fixtures.pathMap;
import static io.openneg.proxyconfigservice.Fixtures.proxy;
import static io.openneg.proxyconfigservice.Fixtures.rule;
import static io.openneg.proxyconfigservice.Fixtures.service;
import static io.openneg.proxyconfigservice.Fixtures.table;
import static io.openneg.proxyconfigservice.Fixtures.tcpProxy;
import static io.openneg.proxyconfigservice.Fixtures.urlMap;
import static io.openneg.proxyconfigservice.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.backend.v1.HttpRedirectAction;
import io.openneg.backend.v1.HttpRouteAction;
import io.openneg.backend.v1.TargetTcpProxy;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlRewrite;
import io.openneg.backend.v1.WeightedBackendService;
import io.openneg.health.v1.HealthState;
import io.openneg.proxyconfigservice.explain.RequestExplanation.Destination;
import io.openneg.proxyconfigservice.explain.RequestExplanation.Explanation;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RowKind;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.urlmap.RequestHead;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestExplanationTest {
  private static final RoutingTable WEB = table(web(80, address(1), address(2)));

  /** Of the last explanation. */
  private Findings findings = new Findings();

  private Explanation explain(RoutingTable table, String url, Entrance entrance) {
    findings = new Findings();
    int slash = url.indexOf('/');
    return RequestExplanation.of(
        RequestHead.of(url.substring(0, slash), url.substring(slash)),
        entrance,
        table,
        Translator.translate(table),
        "",
        findings);
  }

  private Explanation explain(RoutingTable table, String url) {
    return explain(table, url, new Entrance("", 80));
  }

  private void fails(RoutingTable table, String resource, String text) {
    Explanation explanation = explain(table, "a.example/x");
    assertThat(explanation.answered()).as(findings.list().toString()).isFalse();
    assertThat(explanation.outcome()).startsWith(resource + ": ").contains(text);
  }

  @Test
  void aRequestThatReachesItsEndpoints() {
    Explanation explanation = explain(WEB, "a.example/x");
    assertThat(findings.list()).allMatch(Finding::holds);
    assertThat(explanation.answered()).isTrue();
    assertThat(explanation.outcome())
        .isEqualTo("goes to %s with 2 endpoints".formatted(service("web")));
    assertThat(explanation.rule()).isEqualTo(rule("web"));
    assertThat(explanation.proxy()).isEqualTo(proxy("web"));
    assertThat(explanation.map()).isEqualTo(urlMap("web"));
    assertThat(explanation.destinations())
        .containsExactly(new Destination(service("web"), 1, List.of(address(1), address(2))));
    assertThat(explanation.told().toString())
        .contains("Listener web", "RouteConfiguration " + urlMap("web"), service("web"));
  }

  @Test
  void noForwardingRuleListensThereSeveralDoOrItIsNamed() {
    fails(RoutingTable.empty(), "forwarding rules", "none listens at port 80");
    Explanation elsewhere = explain(WEB, "a.example/x", new Entrance("", 81));
    assertThat(elsewhere.outcome())
        .contains("none listens at port 81; there are " + rule("web") + " at 80-80");
    RoutingTable two = next(WEB, rule(forwardingRule(rule("too"), proxy("web"), 80)));
    assertThat(explain(two, "a.example/x").outcome()).contains("several listen at port 80");
    assertThat(explain(two, "a.example/x", new Entrance(rule("too"), 0)).answered()).isTrue();
    assertThat(explain(two, "a.example/x", new Entrance(rule("no"), 0)).outcome())
        .isEqualTo(rule("no") + ": there is no such forwarding rule");
  }

  @Test
  void aTcpProxyPassesTheConnectionOnAsAWhole() {
    RoutingTable tcp =
        next(
            WEB,
            tcpProxy(
                TargetTcpProxy.newBuilder()
                    .setName(tcpProxy("db"))
                    .setService(service("web"))
                    .build()),
            rule(forwardingRule(rule("db"), tcpProxy("db"), 5432)));
    Explanation passed = explain(tcp, "a.example/", new Entrance("", 5432));
    assertThat(passed.answered()).as(findings.list().toString()).isTrue();
    assertThat(passed.outcome())
        .isEqualTo("its connection goes to %s with 2 endpoints".formatted(service("web")));
    assertThat(passed.proxy()).isEqualTo(tcpProxy("db"));
    assertThat(passed.map()).isEmpty();

    RoutingTable none = next(tcp, service(httpService(service("web"))));
    assertThat(explain(none, "a.example/", new Entrance("", 5432)).outcome())
        .isEqualTo(service("web") + ": has no backend, so its connection is reset");
  }

  @Test
  void noTargetProxyOrNoUrlMap() {
    fails(next(WEB, gone(RowKind.TARGET_HTTP_PROXY, proxy("web"))), rule("web"), "is not there");
    fails(next(WEB, gone(RowKind.URL_MAP, urlMap("web"))), proxy("web"), "is not there");
  }

  @Test
  void noBackendServiceNoBackendNoGroupNoEndpoint() {
    fails(
        next(WEB, gone(RowKind.BACKEND_SERVICE, service("web"))),
        service("web"),
        "answered with 503");
    fails(next(WEB, service(httpService(service("web")))), service("web"), "has no backend");
    fails(
        next(WEB, gone(RowKind.NEG, neg("n")), service(httpService(service("web"), neg("m")))),
        neg("m"),
        "there is no such group");
    fails(table(web(80)), neg("n"), "has no endpoint");
  }

  @Test
  void drainedOrUnhealthyEndpoints() {
    var drained = httpService(service("web"), neg("n"));
    drained.getBackendsBuilder(0).setCapacityScaler(0);
    fails(next(WEB, service(drained)), neg("n"), "capacity scaler for the group is 0");
    RoutingTable checked =
        next(
            WEB,
            service(httpService(service("web"), neg("n")).addHealthChecks(check("c"))),
            health(check("c"), address(1), HealthState.UNHEALTHY));
    fails(
        checked,
        neg("n"),
        "0 of 2 endpoints can take requests; 10.0.0.1:8080: %s: UNHEALTHY since"
            .formatted(check("c")));
    RoutingTable one = next(checked, health(check("c"), address(2), HealthState.HEALTHY));
    assertThat(explain(one, "a.example/x").destinations())
        .containsExactly(new Destination(service("web"), 1, List.of(address(2))));
  }

  @Test
  void theRuleThatDecidesIsNamed() {
    RoutingTable table =
        next(
            WEB,
            urlMap(pathMap(urlMap("web"), service("web"), "img", service("images"))),
            group(group(neg("i"))),
            attached(neg("i"), address(9)),
            service(httpService(service("images"), neg("i"))));
    Explanation explanation = explain(table, "a.example/img/x");
    assertThat(explanation.destinations())
        .containsExactly(new Destination(service("images"), 1, List.of(address(9))));
    assertThat(findings.list())
        .anySatisfy(
            finding ->
                assertThat(finding.text())
                    .isEqualTo(
                        "host 'a.example' fits '*' (url_map.host_rules[0].hosts[0]), which leads to"
                            + " path matcher 'm'; there '/img/*' is the longest path that fits"
                            + " '/img/x' (url_map.path_matchers[0].path_rules[0].paths[0])"));
    assertThat(explain(table, "a.example/other").destinations())
        .extracting(Destination::service)
        .containsExactly(service("web"));
  }

  @Test
  void redirectsRewritesAndWeights() {
    UrlMap.Builder map = UrlMap.newBuilder().setName(urlMap("web"));
    RoutingTable redirecting =
        next(
            WEB,
            urlMap(
                map.setDefaultUrlRedirect(HttpRedirectAction.newBuilder().setHttpsRedirect(true))
                    .build()));
    assertThat(explain(redirecting, "a.example/x?y").outcome())
        .isEqualTo("is redirected with 301 to https://a.example/x?y");

    RoutingTable weighted =
        next(
            WEB,
            service(httpService(service("new"))),
            urlMap(
                UrlMap.newBuilder()
                    .setName(urlMap("web"))
                    .setDefaultRouteAction(
                        HttpRouteAction.newBuilder()
                            .setUrlRewrite(UrlRewrite.newBuilder().setHostRewrite("b.example"))
                            .addWeightedBackendServices(weight("web", 3))
                            .addWeightedBackendServices(weight("new", 1)))
                    .build()));
    Explanation explanation = explain(weighted, "a.example/x");
    assertThat(explanation.answered()).isFalse();
    assertThat(explanation.outcome()).startsWith(service("new") + ": has no backend");
    assertThat(explanation.destinations())
        .containsExactly(
            new Destination(service("web"), 0.75, List.of(address(1), address(2))),
            new Destination(service("new"), 0.25, List.of()));
    assertThat(findings.list())
        .anyMatch(finding -> finding.text().equals("rewrites it to http://b.example/x"));
  }

  private static WeightedBackendService weight(String id, int weight) {
    return WeightedBackendService.newBuilder()
        .setBackendService(service(id))
        .setWeight(weight)
        .build();
  }
}
