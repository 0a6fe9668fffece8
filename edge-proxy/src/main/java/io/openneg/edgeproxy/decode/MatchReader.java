package io.openneg.edgeproxy.decode;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.openneg.edgeproxy.routing.FieldRule;
import io.openneg.edgeproxy.routing.PathRule;
import io.openneg.edgeproxy.routing.TextRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads what a route demands of a request. */
final class MatchReader {

  private MatchReader() {}

  static PathRule path(RouteMatch match, String path) {
    boolean caseSensitive = !match.hasCaseSensitive() || match.getCaseSensitive().getValue();
    return switch (match.getPathSpecifierCase()) {
      case PATH -> new PathRule.Exact(match.getPath(), caseSensitive);
      case PREFIX -> new PathRule.Prefix(match.getPrefix(), caseSensitive);
      case PATH_SEPARATED_PREFIX -> {
        String prefix = match.getPathSeparatedPrefix();
        if (!prefix.startsWith("/") || prefix.endsWith("/") || prefix.matches(".*[?#].*")) {
          throw new InvalidField(
              path + ".path_separated_prefix",
              "\"" + prefix + "\" must begin with \"/\", not end with it, and be a path only");
        }
        yield new PathRule.SegmentPrefix(prefix, caseSensitive);
      }
      case SAFE_REGEX ->
          new PathRule.Regex(regex(match.getSafeRegex(), path + ".safe_regex.regex"));
      case CONNECT_MATCHER, PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET ->
          throw new InvalidField(
              path, "must have prefix, path, path_separated_prefix or safe_regex");
    };
  }

  static List<FieldRule> fields(RouteMatch match, String path) {
    List<FieldRule> rules = new ArrayList<>();
    for (int i = 0; i < match.getHeadersCount(); i++) {
      rules.add(header(match.getHeaders(i), path + ".headers[" + i + "]"));
    }
    for (int i = 0; i < match.getQueryParametersCount(); i++) {
      rules.add(parameter(match.getQueryParameters(i), path + ".query_parameters[" + i + "]"));
    }
    return rules;
  }

  private static FieldRule header(HeaderMatcher matcher, String path) {
    String name = Fields.required(matcher.getName(), path + ".name").toLowerCase(Locale.ROOT);
    TextRule rule =
        switch (matcher.getHeaderMatchSpecifierCase()) {
          case STRING_MATCH -> text(matcher.getStringMatch(), path + ".string_match");
          case RANGE_MATCH ->
              new TextRule.Range(
                  matcher.getRangeMatch().getStart(), matcher.getRangeMatch().getEnd());
          // "Present: false" is another way to say "inverted".
          case PRESENT_MATCH, HEADERMATCHSPECIFIER_NOT_SET -> new TextRule.Present();
          default ->
              throw new InvalidField(path, "must have string_match, range_match or present_match");
        };
    boolean absent = matcher.hasPresentMatch() && !matcher.getPresentMatch();
    return new FieldRule.Header(name, rule, matcher.getInvertMatch() != absent);
  }

  private static FieldRule parameter(QueryParameterMatcher matcher, String path) {
    String name = Fields.required(matcher.getName(), path + ".name");
    return switch (matcher.getQueryParameterMatchSpecifierCase()) {
      case STRING_MATCH ->
          new FieldRule.Parameter(name, text(matcher.getStringMatch(), path + ".string_match"));
      case PRESENT_MATCH -> {
        if (!matcher.getPresentMatch()) {
          throw new InvalidField(path + ".present_match", "must be true");
        }
        yield new FieldRule.Parameter(name, new TextRule.Present());
      }
      case QUERYPARAMETERMATCHSPECIFIER_NOT_SET ->
          new FieldRule.Parameter(name, new TextRule.Present());
    };
  }

  private static TextRule text(StringMatcher matcher, String path) {
    return switch (matcher.getMatchPatternCase()) {
      case EXACT -> new TextRule.Exact(matcher.getExact());
      case PREFIX -> new TextRule.Prefix(Fields.required(matcher.getPrefix(), path + ".prefix"));
      case SUFFIX -> new TextRule.Suffix(Fields.required(matcher.getSuffix(), path + ".suffix"));
      case SAFE_REGEX ->
          new TextRule.Regex(regex(matcher.getSafeRegex(), path + ".safe_regex.regex"));
      case CONTAINS, CUSTOM, MATCHPATTERN_NOT_SET ->
          throw new InvalidField(path, "must have exact, prefix, suffix or safe_regex");
    };
  }

  private static Pattern regex(RegexMatcher matcher, String path) {
    try {
      return Pattern.compile(Fields.required(matcher.getRegex(), path));
    } catch (PatternSyntaxException e) {
      throw new InvalidField(path, "is no RE2 expression: " + e.getDescription());
    }
  }
}
