package io.openneg.proxyconfigservice.xds;

import com.google.protobuf.BoolValue;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.Int64Range;
import io.openneg.backend.v1.HttpHeaderMatch;
import io.openneg.backend.v1.HttpQueryParameterMatch;
import io.openneg.backend.v1.HttpRouteRuleMatch;
import io.openneg.urlmap.PathTemplate;
import java.util.Locale;

/** What a rule asks of a request → RouteMatch. */
final class RouteMatches {
  private RouteMatches() {}

  static RouteMatch path(String path) {
    return RouteMatch.newBuilder().setPath(path).build();
  }

  static RouteMatch prefix(String prefix) {
    return RouteMatch.newBuilder().setPrefix(prefix).build();
  }

  /**
   * @throws IllegalArgumentException when the rule asks for nothing, or proxies would refuse it
   */
  static RouteMatch of(HttpRouteRuleMatch rule) {
    RouteMatch.Builder match = RouteMatch.newBuilder();
    switch (rule.getPathCase()) {
      case PREFIX_MATCH -> match.setPrefix(rule.getPrefixMatch());
      case FULL_PATH_MATCH -> match.setPath(rule.getFullPathMatch());
      case REGEX_MATCH -> match.setSafeRegex(regex(rule.getRegexMatch()));
      case PATH_TEMPLATE_MATCH -> {
        var _ = PathTemplate.parse(rule.getPathTemplateMatch());
        match.setPathMatchPolicy(
            TypedExtensionConfig.newBuilder()
                .setName("envoy.path.match.uri_template.uri_template_matcher")
                .setTypedConfig(
                    Packed.any(
                        UriTemplateMatchConfig.newBuilder()
                            .setPathTemplate(rule.getPathTemplateMatch())
                            .build())));
      }
      case PATH_NOT_SET -> throw new IllegalArgumentException("asks for no path");
    }
    if (rule.getIgnoreCase()) {
      match.setCaseSensitive(BoolValue.of(false));
    }
    rule.getHeaderMatchesList().forEach(header -> match.addHeaders(header(header)));
    rule.getQueryParameterMatchesList()
        .forEach(parameter -> match.addQueryParameters(parameter(parameter)));
    return match.build();
  }

  /**
   * @throws IllegalArgumentException when it is none (RE2)
   */
  static RegexMatcher regex(String regex) {
    try {
      var _ = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'%s' is no RE2 expression".formatted(regex), e);
    }
    return RegexMatcher.newBuilder().setRegex(regex).build();
  }

  private static HeaderMatcher header(HttpHeaderMatch header) {
    HeaderMatcher.Builder matcher =
        HeaderMatcher.newBuilder()
            .setName(header.getHeaderName().toLowerCase(Locale.ROOT))
            .setInvertMatch(header.getInvertMatch());
    switch (header.getMatchCase()) {
      case EXACT_MATCH -> matcher.setStringMatch(exact(header.getExactMatch()));
      case PREFIX_MATCH ->
          matcher.setStringMatch(StringMatcher.newBuilder().setPrefix(header.getPrefixMatch()));
      case SUFFIX_MATCH ->
          matcher.setStringMatch(StringMatcher.newBuilder().setSuffix(header.getSuffixMatch()));
      case REGEX_MATCH -> matcher.setStringMatch(matching(header.getRegexMatch()));
      case RANGE_MATCH ->
          matcher.setRangeMatch(
              Int64Range.newBuilder()
                  .setStart(header.getRangeMatch().getRangeStart())
                  .setEnd(header.getRangeMatch().getRangeEnd()));
      case PRESENT_MATCH -> matcher.setPresentMatch(true);
      case MATCH_NOT_SET -> throw new IllegalArgumentException("asks nothing of a header");
    }
    return matcher.build();
  }

  private static QueryParameterMatcher parameter(HttpQueryParameterMatch parameter) {
    QueryParameterMatcher.Builder matcher =
        QueryParameterMatcher.newBuilder().setName(parameter.getName());
    switch (parameter.getMatchCase()) {
      case PRESENT_MATCH -> matcher.setPresentMatch(true);
      case EXACT_MATCH -> matcher.setStringMatch(exact(parameter.getExactMatch()));
      case REGEX_MATCH -> matcher.setStringMatch(matching(parameter.getRegexMatch()));
      case MATCH_NOT_SET -> throw new IllegalArgumentException("asks nothing of a parameter");
    }
    return matcher.build();
  }

  static StringMatcher exact(String text) {
    return StringMatcher.newBuilder().setExact(text).build();
  }

  static StringMatcher matching(String regex) {
    return StringMatcher.newBuilder().setSafeRegex(regex(regex)).build();
  }
}
