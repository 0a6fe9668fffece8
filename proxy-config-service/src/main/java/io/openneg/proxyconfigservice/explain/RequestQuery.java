package io.openneg.proxyconfigservice.explain;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.proxyconfig.v1.ExplainRequestResponse;
import io.openneg.proxyconfig.v1.PossibleService;
import io.openneg.proxyconfigservice.history.Moments;
import io.openneg.proxyconfigservice.history.RoutingHistory;
import io.openneg.proxyconfigservice.ingest.RoutingPublisher.Served;
import io.openneg.proxyconfigservice.routing.EndpointAddress;
import io.openneg.proxyconfigservice.routing.Pin;
import io.openneg.proxyconfigservice.routing.RoutingTable;
import io.openneg.proxyconfigservice.serve.ConnectedProxies;
import io.openneg.proxyconfigservice.serve.ProxyProgress;
import io.openneg.proxyconfigservice.serve.ResourceKey;
import io.openneg.proxyconfigservice.xds.Translator;
import io.openneg.urlmap.Match;
import io.openneg.urlmap.Outcome.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What becomes of a request: by what proxies are told and have, or by a table of the past. */
final class RequestQuery {
  private static final int MAX_ENDPOINTS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ConnectedProxies proxies;
  private final RoutingHistory history;
  private final Moments moments;

  RequestQuery(ConnectedProxies proxies, RoutingHistory history, Moments moments) {
    this.proxies = proxies;
    this.history = history;
    this.moments = moments;
  }

  /**
   * @param served what proxies are told
   */
  ExplainRequestResponse explain(RequestQuestion question, Served served)
      throws InterruptedException {
    return question.past() ? past(question) : present(question, served);
  }

  private ExplainRequestResponse past(RequestQuestion question) {
    RoutingTable table = history.table(moments.revision(question.moment(), true));
    Findings findings = new Findings();
    var explanation =
        RequestExplanation.of(
            question.head(), question.entrance(), table, Translator.translate(table), "", findings);
    return answer(explanation, findings, new Findings()).setRevision(table.revision()).build();
  }

  private ExplainRequestResponse present(RequestQuestion question, Served served)
      throws InterruptedException {
    Findings findings = new Findings();
    var explanation =
        RequestExplanation.of(
            question.head(),
            question.entrance(),
            served.table(),
            served.snapshot(),
            region(question.node()),
            findings);
    Findings told = new Findings();
    if (!explanation.map().isEmpty()) {
      ProxyLinks.add(progress(question.node(), explanation.told()), question.node(), told);
    }
    return answer(explanation, findings, told)
        .setRevision(served.table().revision())
        .setHeldBack(served.pin().map(Pin::toString).orElse(""))
        .build();
  }

  private String region(String node) {
    return proxies.status().stream()
        .filter(proxy -> proxy.nodeId().equals(node))
        .map(proxy -> proxy.region())
        .findFirst()
        .orElse("");
  }

  private List<ProxyProgress> progress(String node, List<ResourceKey> resources)
      throws InterruptedException {
    try {
      return proxies
          .progress(id -> node.isEmpty() || id.equals(node), resources)
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new RejectedException(
          new Rejection(
              Kind.UNAVAILABLE,
              "PROXIES_BUSY",
              "the streams are too busy to say what they have; try again: " + e));
    }
  }

  private static ExplainRequestResponse.Builder answer(
      RequestExplanation.Explanation explanation, Findings findings, Findings told) {
    // One proxy that has it all is enough.
    boolean has = told.size() == 0 || told.list().stream().anyMatch(Finding::holds);
    String summary =
        !explanation.answered()
            ? "the request does not get through: " + explanation.outcome()
            : has
                ? "the request " + explanation.outcome()
                : "no proxy does so yet: " + told.firstFailure().orElse("");
    var answer =
        ExplainRequestResponse.newBuilder()
            .setAnswered(explanation.answered() && has)
            .setSummary(summary)
            .addAllFindings(FindingMessages.of(findings.list()))
            .addAllFindings(FindingMessages.of(told.list()))
            .setForwardingRule(explanation.rule())
            .setTargetProxy(explanation.proxy())
            .setUrlMap(explanation.map());
    @Nullable Match match = explanation.match();
    if (match != null) {
      answer
          .setMatchedHost(match.host())
          .setMatchedRule(match.rule())
          .setUrl(match.outcome().url().toString());
      if (match.outcome() instanceof Redirect redirect) {
        answer.setRedirectResponseCode(redirect.status());
      }
    }
    for (RequestExplanation.Destination destination : explanation.destinations()) {
      answer.addServices(
          PossibleService.newBuilder()
              .setBackendService(destination.service())
              .setShare(destination.share())
              .addAllEndpoints(
                  destination.endpoints().stream()
                      .limit(MAX_ENDPOINTS)
                      .map(EndpointAddress::toString)
                      .toList()));
    }
    return answer;
  }
}
