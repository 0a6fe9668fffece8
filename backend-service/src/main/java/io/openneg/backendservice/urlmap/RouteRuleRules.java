package io.openneg.backendservice.urlmap;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.openneg.backend.v1.HttpHeaderMatch;
import io.openneg.backend.v1.HttpQueryParameterMatch;
import io.openneg.backend.v1.HttpRouteRule;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.backend.v1.Int64RangeMatch;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.urlmap.PathTemplate;

/** What route rules may ask of a request (compute v1). Pure. */
final class RouteRuleRules {
  private static final int MAX_TEXT = 1024;
  private static final java.util.regex.Pattern HEADER_NAME =
      java.util.regex.Pattern.compile(":(method|authority|path)|[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,255}");

  private RouteRuleRules() {}

  /** Everything but what a rule does with its requests. */
  static void check(PathMatcher matcher, String at, Violations faults) {
    faults.check(
        matcher.getPathRulesCount() == 0 || matcher.getRouteRulesCount() == 0,
        at + ".route_rules",
        "must be empty when there are path_rules");
    int last = -1;
    for (int i = 0; i < matcher.getRouteRulesCount(); i++) {
      HttpRouteRule rule = matcher.getRouteRules(i);
      String ruleAt = "%s.route_rules[%d]".formatted(at, i);
      if (faults.range(rule.getPriority(), 0, Integer.MAX_VALUE, ruleAt + ".priority")) {
        faults.check(
            rule.getPriority() > last,
            ruleAt + ".priority",
            "must be more than that of the rule before it, %d; is %d"
                .formatted(last, rule.getPriority()));
        last = rule.getPriority();
      }
      faults.check(
          rule.getMatchRulesCount() > 0, ruleAt + ".match_rules", "must have at least one");
      for (int j = 0; j < rule.getMatchRulesCount(); j++) {
        match(rule.getMatchRules(j), "%s.match_rules[%d]".formatted(ruleAt, j), faults);
      }
    }
  }

  private static void match(HttpRouteRuleMatch match, String at, Violations faults) {
    path(match, at, faults);
    for (int i = 0; i < match.getHeaderMatchesCount(); i++) {
      header(match.getHeaderMatches(i), "%s.header_matches[%d]".formatted(at, i), faults);
    }
    for (int i = 0; i < match.getQueryParameterMatchesCount(); i++) {
      parameter(
          match.getQueryParameterMatches(i),
          "%s.query_parameter_matches[%d]".formatted(at, i),
          faults);
    }
  }

  private static void path(HttpRouteRuleMatch match, String at, Violations faults) {
    switch (match.getPathCase()) {
      case PREFIX_MATCH -> literalPath(match.getPrefixMatch(), at + ".prefix_match", faults);
      case FULL_PATH_MATCH ->
          literalPath(match.getFullPathMatch(), at + ".full_path_match", faults);
      case REGEX_MATCH -> {
        regex(match.getRegexMatch(), at + ".regex_match", faults);
        caseCounts(match, at, faults);
      }
      case PATH_TEMPLATE_MATCH -> {
        try {
          var _ = PathTemplate.parse(match.getPathTemplateMatch());
        } catch (IllegalArgumentException e) {
          faults.check(false, at + ".path_template_match", String.valueOf(e.getMessage()));
        }
        caseCounts(match, at, faults);
      }
      case PATH_NOT_SET ->
          faults.check(
              false,
              at,
              "must have one of prefix_match, full_path_match, regex_match, path_template_match");
    }
  }

  private static void literalPath(String path, String field, Violations faults) {
    faults.check(
        path.startsWith("/")
            && path.length() <= MAX_TEXT
            && path.indexOf('?') < 0
            && path.indexOf('#') < 0,
        field,
        "must begin with '/', have at most %d characters and no '?' or '#'".formatted(MAX_TEXT));
  }

  private static void caseCounts(HttpRouteRuleMatch match, String at, Violations faults) {
    faults.check(
        !match.getIgnoreCase(),
        at + ".ignore_case",
        "must be false, for it is for prefix_match and full_path_match only");
  }

  private static void header(HttpHeaderMatch match, String at, Violations faults) {
    faults.check(
        HEADER_NAME.matcher(match.getHeaderName()).matches(),
        at + ".header_name",
        "must be the name of a header, ':method', ':authority' or ':path'");
    switch (match.getMatchCase()) {
      case EXACT_MATCH -> text(match.getExactMatch(), at + ".exact_match", faults);
      case PREFIX_MATCH -> text(match.getPrefixMatch(), at + ".prefix_match", faults);
      case SUFFIX_MATCH -> text(match.getSuffixMatch(), at + ".suffix_match", faults);
      case REGEX_MATCH -> regex(match.getRegexMatch(), at + ".regex_match", faults);
      case RANGE_MATCH -> {
        Int64RangeMatch range = match.getRangeMatch();
        faults.check(
            range.getRangeStart() < range.getRangeEnd(),
            at + ".range_match.range_end",
            "must be more than range_start, %d; is %d"
                .formatted(range.getRangeStart(), range.getRangeEnd()));
      }
      case PRESENT_MATCH -> present(match.getPresentMatch(), at, faults);
      case MATCH_NOT_SET ->
          faults.check(
              false,
              at,
              "must have one of exact_match, prefix_match, suffix_match, regex_match, range_match,"
                  + " present_match");
    }
  }

  private static void parameter(HttpQueryParameterMatch match, String at, Violations faults) {
    text(match.getName(), at + ".name", faults);
    switch (match.getMatchCase()) {
      case PRESENT_MATCH -> present(match.getPresentMatch(), at, faults);
      case EXACT_MATCH -> text(match.getExactMatch(), at + ".exact_match", faults);
      case REGEX_MATCH -> regex(match.getRegexMatch(), at + ".regex_match", faults);
      case MATCH_NOT_SET ->
          faults.check(false, at, "must have one of present_match, exact_match, regex_match");
    }
  }

  private static void present(boolean present, String at, Violations faults) {
    faults.check(present, at + ".present_match", "must be true");
  }

  private static void text(String text, String field, Violations faults) {
    faults.check(
        !text.isEmpty()
            && text.length() <= MAX_TEXT
            && text.chars().noneMatch(Character::isISOControl),
        field,
        "must have 1..%d characters, none of them a control character".formatted(MAX_TEXT));
  }

  /** RE2: its time is linear in the text, in this service and in the proxies. */
  static void regex(String regex, String field, Violations faults) {
    if (faults.check(
        !regex.isEmpty() && regex.length() <= MAX_TEXT,
        field,
        "must have 1..%d characters".formatted(MAX_TEXT))) {
      try {
        var _ = Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        faults.check(false, field, "must be an RE2 expression: " + e.getDescription());
      }
    }
  }
}
