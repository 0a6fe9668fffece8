package io.openneg.proxyconfigservice.serve;

import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Which nodes a request for statuses is about: those whose id matches one of the matchers. */
final class NodeFilter {
  private NodeFilter() {}

  /**
   * No matchers: all nodes.
   *
   * @throws io.openneg.eventlog.RejectedException INVALID_ARGUMENT when a matcher is of a kind that
   *     is not understood
   */
  static Predicate<String> of(ClientStatusRequest request) {
    Violations violations = new Violations();
    for (int i = 0; i < request.getNodeMatchersCount(); i++) {
      String field = "node_matchers[%d].".formatted(i);
      var matcher = request.getNodeMatchers(i);
      violations.check(
          matcher.getNodeMetadatasCount() == 0,
          field + "node_metadatas",
          "must be empty: nodes are matched by node_id only");
      switch (matcher.getNodeId().getMatchPatternCase()) {
        case EXACT, PREFIX, SUFFIX, CONTAINS -> {}
        case SAFE_REGEX, CUSTOM, MATCHPATTERN_NOT_SET ->
            violations.check(
                false, field + "node_id", "must have one of exact, prefix, suffix, contains");
      }
    }
    violations.orThrow();
    List<Predicate<String>> any =
        request.getNodeMatchersList().stream()
            .map(matcher -> matches(matcher.getNodeId()))
            .toList();
    return id -> any.isEmpty() || any.stream().anyMatch(one -> one.test(id));
  }

  private static Predicate<String> matches(StringMatcher matcher) {
    boolean fold = matcher.getIgnoreCase();
    return id -> {
      String text = folded(id, fold);
      return switch (matcher.getMatchPatternCase()) {
        case EXACT -> text.equals(folded(matcher.getExact(), fold));
        case PREFIX -> text.startsWith(folded(matcher.getPrefix(), fold));
        case SUFFIX -> text.endsWith(folded(matcher.getSuffix(), fold));
        case CONTAINS -> text.contains(folded(matcher.getContains(), fold));
        case SAFE_REGEX, CUSTOM, MATCHPATTERN_NOT_SET -> false;
      };
    };
  }

  private static String folded(String text, boolean fold) {
    return fold ? text.toLowerCase(Locale.ROOT) : text;
  }
}
