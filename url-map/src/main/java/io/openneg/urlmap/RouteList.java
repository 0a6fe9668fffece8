package io.openneg.urlmap;

import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The route rules of a path matcher: the lowest priority that matches wins (compute v1). Immutable
 * and thread-safe.
 */
final class RouteList {

  /** A match rule: where it stands, what it asks for, and its route rule. */
  record Entry(
      String field, Predicate<RequestHead> condition, MatchedPath matched, HttpRouteRule rule) {}

  private final List<Entry> entries = new ArrayList<>();

  /**
   * @param rules in order of priority
   * @param at the field that holds the rules
   */
  RouteList(List<HttpRouteRule> rules, String at) {
    for (int i = 0; i < rules.size(); i++) {
      HttpRouteRule rule = rules.get(i);
      for (int j = 0; j < rule.getMatchRulesCount(); j++) {
        entries.add(
            new Entry(
                "%s[%d].match_rules[%d]".formatted(at, i, j),
                Conditions.of(rule.getMatchRules(j)),
                matched(rule.getMatchRules(j)),
                rule));
      }
    }
  }

  private static MatchedPath matched(HttpRouteRuleMatch match) {
    return switch (match.getPathCase()) {
      case PREFIX_MATCH -> MatchedPath.prefix(match.getPrefixMatch());
      case PATH_TEMPLATE_MATCH ->
          new MatchedPath(-1, PathTemplate.parse(match.getPathTemplateMatch()));
      case FULL_PATH_MATCH, REGEX_MATCH, PATH_NOT_SET -> MatchedPath.WHOLE;
    };
  }

  /** The first entry that fits, or null when none does. */
  @Nullable Entry find(RequestHead request) {
    for (Entry entry : entries) {
      if (entry.condition().test(request)) {
        return entry;
      }
    }
    return null;
  }
}
