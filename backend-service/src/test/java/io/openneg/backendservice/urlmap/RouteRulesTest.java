package io.openneg.backendservice.urlmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.openneg.backend.v1.HostRule;
import io.openneg.backend.v1.PathMatcher;
import io.openneg.backend.v1.UrlMap;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What route rules may and may not say. */
class RouteRulesTest {
  private static final String SERVICE = "projects/p/global/backendServices/web";
  private static final String MATCHER = "url_map.path_matchers[0]";
  private static final String MATCH = MATCHER + ".route_rules[0].match_rules[0]";

  private static Violations faults(String matcher) throws ParseException {
    PathMatcher.Builder parsed = PathMatcher.newBuilder().setName("m").setDefaultService(SERVICE);
    TextFormat.merge(matcher, parsed);
    parsed.getRouteRulesBuilderList().forEach(rule -> rule.setService(SERVICE));
    Violations faults = new Violations();
    UrlMapRules.check(
        "projects/p/global/urlMaps/map",
        UrlMap.newBuilder()
            .setDefaultService(SERVICE)
            .addHostRules(HostRule.newBuilder().addHosts("*").setPathMatcher("m"))
            .addPathMatchers(parsed)
            .build(),
        faults);
    return faults;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prefix_match: '/'",
        "full_path_match: '/a' ignore_case: true",
        "regex_match: '/[a-z]+(?i)x'",
        "path_template_match: '/a/{b=*}/**'",
        "prefix_match: '/' header_matches { header_name: ':method' exact_match: 'PUT' }",
        "prefix_match: '/' header_matches { header_name: 'X-a' range_match { range_end: 1 } }",
        "prefix_match: '/' query_parameter_matches { name: 'q' present_match: true }",
      })
  void mayAskFor(String match) throws ParseException {
    assertThat(faults("route_rules { match_rules { %s } }".formatted(match)).found()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        " | | must have one of prefix_match, full_path_match, regex_match, path_template_match",
        "prefix_match: 'a' | .prefix_match | must begin with '/', have at most 1024 characters and no"
            + " '?' or '#'",
        "full_path_match: '/?' | .full_path_match | must begin with '/', have at most 1024 characters"
            + " and no '?' or '#'",
        "regex_match: '(' | .regex_match | must be an RE2 expression: missing closing )",
        "regex_match: '(?=a)' | .regex_match | must be an RE2 expression: invalid or unsupported Perl"
            + " syntax",
        "regex_match: '(a)\\\\1' | .regex_match | must be an RE2 expression: invalid escape sequence",
        "regex_match: '' | .regex_match | must have 1..1024 characters",
        "regex_match: 'a' ignore_case: true | .ignore_case | must be false, for it is for prefix_match"
            + " and full_path_match only",
        "path_template_match: '/**/*' | .path_template_match | must have no operator behind '**'",
        "prefix_match: '/' header_matches { header_name: 'a b' exact_match: 'x' } |"
            + " .header_matches[0].header_name | must be the name of a header, ':method',"
            + " ':authority' or ':path'",
        "prefix_match: '/' header_matches { header_name: 'a' } | .header_matches[0] | must have one of"
            + " exact_match, prefix_match, suffix_match, regex_match, range_match, present_match",
        "prefix_match: '/' header_matches { header_name: 'a' present_match: false } |"
            + " .header_matches[0].present_match | must be true",
        "prefix_match: '/' header_matches { header_name: 'a' range_match { range_start: 2 range_end: 2"
            + " } } | .header_matches[0].range_match.range_end | must be more than range_start, 2; is"
            + " 2",
        "prefix_match: '/' query_parameter_matches { name: 'a' } | .query_parameter_matches[0] | must"
            + " have one of present_match, exact_match, regex_match",
        "prefix_match: '/' query_parameter_matches { present_match: true } |"
            + " .query_parameter_matches[0].name | must have 1..1024 characters, none of them a"
            + " control character",
      })
  void mayNotAskFor(String match, String field, String rule) throws ParseException {
    String given = match == null ? "" : match;
    assertThat(faults("route_rules { match_rules { %s } }".formatted(given)).found())
        .containsExactly(new Violation(MATCH + (field == null ? "" : field), rule));
  }

  @Test
  void prioritiesRise() throws ParseException {
    String rule = "route_rules { priority: %d match_rules { prefix_match: '/' } }";

    assertThat(faults(rule.formatted(0) + rule.formatted(Integer.MAX_VALUE)).found()).isEmpty();
    assertThat(faults(rule.formatted(1) + rule.formatted(1) + rule.formatted(0)).found())
        .containsExactly(
            new Violation(
                MATCHER + ".route_rules[1].priority",
                "must be more than that of the rule before it, 1; is 1"),
            new Violation(
                MATCHER + ".route_rules[2].priority",
                "must be more than that of the rule before it, 1; is 0"));
    assertThat(faults(rule.formatted(-1)).found())
        .containsExactly(
            new Violation(MATCHER + ".route_rules[0].priority", "must be 0..2147483647, is -1"));
  }

  @Test
  void aRuleAsksForSomething() throws ParseException {
    assertThat(faults("route_rules { }").found())
        .containsExactly(
            new Violation(MATCHER + ".route_rules[0].match_rules", "must have at least one"));
  }

  @Test
  void areNotBesidePathRules() throws ParseException {
    assertThat(
            faults(
                    "route_rules { match_rules { prefix_match: '/' } } path_rules { paths: '/' service:"
                        + " '%s' }".formatted(SERVICE))
                .found())
        .containsExactly(
            new Violation(MATCHER + ".route_rules", "must be empty when there are path_rules"));
  }
}
