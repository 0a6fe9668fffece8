package io.openneg.proxyconfigservice.explain;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.ForwardingRule;
import io.openneg.backend.v1.HttpFaultInjection;
import io.openneg.backend.v1.UrlMap;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.routing.RuleTarget;
import io.openneg.proxyconfigservice.serve.ResourceKey;
import io.openneg.proxyconfigservice.xds.XdsSnapshot;
import io.openneg.proxyconfigservice.xds.XdsType;
import io.openneg.urlmap.Match;
import io.openneg.urlmap.Outcome.Forward;
import io.openneg.urlmap.Outcome.Redirect;
import io.openneg.urlmap.Outcome.Target;
import io.openneg.urlmap.RequestHead;
import io.openneg.urlmap.UrlMapMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the routing table makes of a request, and why: from the forwarding rule by the URL map's
 * rule to the endpoints, link by link. Whether proxies have it so is {@link ProxyLinks}' to say.
 * Pure; not thread-safe.
 *
 * <p>Which endpoints get it is read from what proxies are told, so it cannot differ from it.
 */
final class RequestExplanation {
  /** Of endpoints that get nothing, as many are named with the reason. */
  private static final int NAMED_ENDPOINTS = 5;

  private final RoutingTable table;
  private final XdsSnapshot snapshot;
  private final String region;
  private final Findings findings;
  private final List<ResourceKey> told = new ArrayList<>();
  private final List<Destination> destinations = new ArrayList<>();
  private String rule = "";
  private String proxy = "";
  private String map = "";
  private @Nullable Match match;
  private String broken = "";

  /**
   * A backend service that it may go to.
   *
   * @param share of the requests, 0..1
   * @param endpoints that may get it, in order
   */
  record Destination(String service, double share, List<EndpointAddress> endpoints) {}

  /**
   * @param answered whether it is redirected or reaches an endpoint, whatever of the destinations
   *     it goes to
   * @param outcome what becomes of it, for people; if it is not answered, the first link that does
   *     not hold
   * @param rule name of the forwarding rule; empty when there is none for it, and so on
   * @param match which rule of the URL map decides, or null when there is no map
   * @param told the resources that proxies must have for it to be so
   */
  record Explanation(
      boolean answered,
      String outcome,
      String rule,
      String proxy,
      String map,
      @Nullable Match match,
      List<Destination> destinations,
      List<ResourceKey> told) {}

  private RequestExplanation(
      RoutingTable table, XdsSnapshot snapshot, String region, Findings findings) {
    this.table = table;
    this.snapshot = snapshot;
    this.region = region;
    this.findings = findings;
  }

  /**
   * @param entrance where it comes in
   * @param snapshot of the table
   * @param region of the proxy that it comes to; empty: unknown
   * @param findings gets the links
   */
  static Explanation of(
      RequestHead request,
      Entrance entrance,
      RoutingTable table,
      XdsSnapshot snapshot,
      String region,
      Findings findings) {
    RequestExplanation explanation = new RequestExplanation(table, snapshot, region, findings);
    String outcome = explanation.follow(request, entrance);
    return new Explanation(
        !outcome.isEmpty(),
        outcome.isEmpty() ? explanation.broken : outcome,
        explanation.rule,
        explanation.proxy,
        explanation.map,
        explanation.match,
        List.copyOf(explanation.destinations),
        List.copyOf(explanation.told));
  }

  private String follow(RequestHead request, Entrance entrance) {
    Optional<ForwardingRule> entered = entrance.find(table, findings);
    if (entered.isEmpty()) {
      return broken(0);
    }
    rule = entered.get().getName();
    if (RuleTarget.find(table, entered.get().getTarget()).orElse(null)
        instanceof RuleTarget.Bytes bytes) {
      return passed(bytes);
    }
    @Nullable UrlMap urlMap = urlMap(entered.get());
    if (urlMap == null) {
      return broken(0);
    }
    told.add(new ResourceKey(XdsType.LISTENER, XdsSnapshot.listenerOf(rule)));
    told.add(new ResourceKey(XdsType.ROUTES, map));
    Match met = new UrlMapMatcher(urlMap).match(request);
    match = met;
    findings.holds(map, MatchWords.of(met, request, urlMap));
    return switch (met.outcome()) {
      case Redirect redirect -> redirected(redirect);
      case Forward forward -> forwarded(forward, request);
    };
  }

  private String broken(int begin) {
    if (broken.isEmpty()) {
      broken = findings.firstFailureSince(begin).orElse("");
    }
    return "";
  }

  private @Nullable UrlMap urlMap(ForwardingRule entered) {
    @Nullable RuleTarget any = RuleTarget.find(table, entered.getTarget()).orElse(null);
    if (!(any instanceof RuleTarget.Http target)) {
      findings.fails(
          rule,
          "its target '%s' is not there".formatted(entered.getTarget()),
          "create it, or give the rule another one with SetTarget");
      return null;
    }
    proxy = target.proxy();
    @Nullable UrlMap found = table.urlMaps().get(target.urlMap());
    if (found == null) {
      findings.fails(
          proxy,
          "its URL map '%s' is not there".formatted(target.urlMap()),
          "create it, or give the proxy another one with SetUrlMap");
      return null;
    }
    if (snapshot.droppedRules().containsKey(rule)) {
      findings.fails(rule, "is not served" + BackendLinks.leftOut(snapshot, rule), "");
      return null;
    }
    map = found.getName();
    findings.holds(proxy, "asks URL map " + map);
    return found;
  }

  /** By a target TCP or SSL proxy: the connection goes to an endpoint as a whole. */
  private String passed(RuleTarget.Bytes target) {
    proxy = target.proxy();
    if (snapshot.droppedRules().containsKey(rule)) {
      findings.fails(rule, "is not served" + BackendLinks.leftOut(snapshot, rule), "");
      return broken(0);
    }
    told.add(new ResourceKey(XdsType.LISTENER, XdsSnapshot.listenerOf(rule)));
    findings.holds(
        proxy, "passes bytes on to '%s' and looks at no request".formatted(target.service()));
    List<EndpointAddress> endpoints = reach(target.service(), "its connection is reset");
    destinations.add(new Destination(target.service(), 1, endpoints));
    return endpoints.isEmpty()
        ? broken(0)
        : "its connection goes to %s with %d endpoints"
            .formatted(target.service(), endpoints.size());
  }

  private String redirected(Redirect redirect) {
    String where = "is redirected with %d to %s".formatted(redirect.status(), redirect.url());
    findings.holds(map, where);
    return where;
  }

  private String forwarded(Forward forward, RequestHead request) {
    sayWhatElse(forward, request);
    long total = forward.targets().stream().mapToLong(Target::weight).sum();
    boolean all = true;
    List<String> words = new ArrayList<>();
    for (Target target : forward.targets()) {
      double share = (double) target.weight() / total;
      int begin = findings.size();
      List<EndpointAddress> endpoints = reach(target.service(), "it is answered with 502");
      destinations.add(new Destination(target.service(), share, endpoints));
      if (endpoints.isEmpty()) {
        all = false;
        broken(begin);
      }
      words.add(
          "%s%s with %d endpoints"
              .formatted(
                  target.service(),
                  share < 1 ? " (%s %%)".formatted(percent(share)) : "",
                  endpoints.size()));
    }
    return all ? "goes to " + String.join(", ", words) : "";
  }

  private void sayWhatElse(Forward forward, RequestHead request) {
    if (!forward.url().equals(request.url())) {
      findings.holds(map, "rewrites it to " + forward.url());
    }
    if (forward.action().hasFaultInjectionPolicy()) {
      HttpFaultInjection faults = forward.action().getFaultInjectionPolicy();
      if (faults.getAbort().getPercentage() > 0) {
        findings.fails(
            map,
            "the rule answers %s %% of the requests with %d itself (fault injection)"
                .formatted(
                    percent(faults.getAbort().getPercentage() / 100),
                    faults.getAbort().getHttpStatus()),
            "take fault_injection_policy out of the rule");
      }
    }
  }

  /** A share in per cent, with decimals only where they say something. */
  private static String percent(double share) {
    double rounded = Math.round(share * 10_000) / 100.0;
    return rounded == Math.rint(rounded)
        ? Long.toString(Math.round(rounded))
        : Double.toString(rounded);
  }

  /**
   * @param otherwise what happens without an endpoint
   */
  private List<EndpointAddress> reach(String name, String otherwise) {
    told.add(new ResourceKey(XdsType.CLUSTER, name));
    told.add(new ResourceKey(XdsType.ENDPOINTS, name));
    @Nullable BackendService service = table.backendServices().get(name);
    if (service == null) {
      findings.fails(
          name, "there is no such backend service, so it is answered with 503", "create it");
      return List.of();
    }
    if (snapshot.clusters().get(name) == null) {
      findings.fails(name, "proxies are not told of it" + BackendLinks.leftOut(snapshot, name), "");
      return List.of();
    }
    for (Backend backend : service.getBackendsList()) {
      group(service, backend.getGroup());
    }
    List<EndpointAddress> serving = ServingEndpoints.of(snapshot, name, region);
    if (serving.isEmpty()) {
      findings.fails(
          name,
          service.getBackendsCount() == 0
              ? "has no backend, so " + otherwise
              : "no endpoint can take it, so " + otherwise,
          service.getBackendsCount() == 0 ? "add one with AddBackend" : "see the groups above");
    } else {
      findings.holds(name, "%d endpoints may get it".formatted(serving.size()));
    }
    return serving;
  }

  /** A group: how many of its endpoints can take requests, and why the others cannot. */
  private void group(BackendService service, String neg) {
    if (!table.hasGroup(neg)) {
      findings.fails(neg, "there is no such group (yet)", "create it, or remove the backend");
      return;
    }
    IntPredicate ports = table.portsFor(service, neg);
    List<EndpointAddress> attached =
        table.endpoints(neg).keySet().stream()
            .filter(address -> ports.test(address.port()))
            .toList();
    if (attached.isEmpty()) {
      if (table.instanceGroups().containsKey(neg)) {
        findings.fails(
            neg,
            "has no instance with a port named '%s'".formatted(service.getPortName()),
            "add instances with AddInstances, and name their port with SetNamedPorts");
      } else {
        findings.fails(neg, "has no endpoint", "attach some with AttachNetworkEndpoints");
      }
      return;
    }
    Finding capacity = BackendLinks.capacity(service, neg);
    if (!capacity.holds()) {
      findings.fails(neg, service.getName() + ": " + capacity.text(), capacity.advice());
      return;
    }
    int able = 0;
    List<String> reasons = new ArrayList<>();
    String advice = "";
    for (EndpointAddress address : attached) {
      Optional<Finding> against =
          service.getHealthChecksList().stream()
              .map(check -> BackendLinks.health(table, check, address))
              .filter(finding -> !finding.holds())
              .findFirst();
      if (against.isEmpty()) {
        able++;
      } else if (reasons.size() < NAMED_ENDPOINTS) {
        advice = against.get().advice();
        reasons.add(
            "%s: %s: %s".formatted(address, against.get().resource(), against.get().text()));
      }
    }
    int unable = attached.size() - able;
    if (unable == 0) {
      findings.holds(
          neg,
          "all %d endpoints can take requests%s"
              .formatted(
                  able, service.getHealthChecksCount() == 0 ? " (there is no health check)" : ""));
    } else {
      String more =
          unable > reasons.size() ? "; and %d more".formatted(unable - reasons.size()) : "";
      findings.add(
          new Finding(
              neg,
              able > 0,
              "%d of %d endpoints can take requests; %s%s"
                  .formatted(able, attached.size(), String.join("; ", reasons), more),
              able > 0 ? "" : advice));
    }
  }
}
