package io.openneg.backendservice.urlmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may become of a request. A service named $x stands for the full name of x. */
class ActionRulesTest {
  private static final String SERVICES = "projects/p/global/backendServices/";

  private static UrlMap map(String text) throws ParseException {
    return TextFormat.parse(text.replace("$", SERVICES), UrlMap.class);
  }

  private static List<Violation> faults(String text) throws ParseException {
    Violations faults = new Violations();
    UrlMapRules.check("projects/p/global/urlMaps/map", map(text), faults);
    return faults.found();
  }

  private static List<Violation> byRouteRule(String matches, String action) throws ParseException {
    return faults(
        """
        default_service: '$a'
        host_rules { hosts: '*' path_matcher: 'm' }
        path_matchers { name: 'm' default_service: '$a' route_rules { %s %s } }
        """
            .formatted(matches, action));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default_service: '$a'",
        "default_service: '$a' default_route_action { timeout { seconds: 1 } }",
        "default_url_redirect { https_redirect: true }",
        "default_url_redirect { path_redirect: '/a' host_redirect: 'a.com' strip_query: true }",
        "default_route_action { weighted_backend_services { backend_service: '$a' weight: 1000 } }",
        "default_service: '$a' default_route_action { retry_policy { retry_conditions: '5xx' } }",
        "default_service: '$a' default_route_action { request_mirror_policy { backend_service: '$b' } }",
        "default_service: '$a' default_route_action { cors_policy { allow_origins: '*' max_age: 86400 } }",
        "default_service: '$a' default_route_action { cors_policy { disabled: true } }",
        "default_service: '$a' default_route_action { fault_injection_policy { abort { http_status: 599"
            + " percentage: 100 } delay { fixed_delay { nanos: 1 } percentage: 0.5 } } }",
        "default_service: '$a' header_action { request_headers_to_add { header_name: 'X-a' header_value:"
            + " '50%' replace: true } response_headers_to_remove: 'Server' }",
      })
  void mayBe(String action) throws ParseException {
    assertThat(faults(action)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "description: '' | default_service | must be given unless there is default_url_redirect or"
            + " default_route_action.weighted_backend_services",
        "default_service: '$a' default_url_redirect { https_redirect: true } | default_service | must not"
            + " be beside default_url_redirect or default_route_action.weighted_backend_services",
        "default_service: '$a' default_route_action { weighted_backend_services { backend_service: '$a'"
            + " weight: 1 } } | default_service | must not be beside default_url_redirect or"
            + " default_route_action.weighted_backend_services",
        "default_url_redirect { https_redirect: true } default_route_action { timeout { seconds: 1 } } |"
            + " default_route_action | must not be beside default_url_redirect",
        "default_url_redirect { strip_query: true } | default_url_redirect | must have at least one of"
            + " host_redirect, path_redirect, prefix_redirect, https_redirect",
        "default_url_redirect { path_redirect: '/a' prefix_redirect: '/b' } |"
            + " default_url_redirect.prefix_redirect | must not be beside path_redirect",
        "default_url_redirect { path_redirect: '/a?b' } | default_url_redirect.path_redirect | must begin"
            + " with '/', have at most 1024 characters of ASCII and no '?', '#' or space",
        "default_url_redirect { host_redirect: 'a/b' } | default_url_redirect.host_redirect | must be a"
            + " host name of at most 255 characters",
        "default_url_redirect { https_redirect: true redirect_response_code: 9 } |"
            + " default_url_redirect.redirect_response_code | must be a known one",
        "default_route_action { weighted_backend_services { backend_service: '$a' weight: 1001 } } |"
            + " default_route_action.weighted_backend_services[0].weight | must be 0..1000, is 1001",
        "default_route_action { weighted_backend_services { backend_service: '$a' } } |"
            + " default_route_action.weighted_backend_services | must have one with a weight above 0",
        "default_route_action { weighted_backend_services { backend_service: 'a' weight: 1 } } |"
            + " default_route_action.weighted_backend_services[0].backend_service | must be"
            + " projects/{project}/global/backendServices/{id}",
        "default_service: '$a' default_route_action { url_rewrite { path_template_rewrite: '/a' } } |"
            + " default_route_action.url_rewrite.path_template_rewrite | needs match rules that all have"
            + " path_template_match",
        "default_service: '$a' default_route_action { timeout { } } | default_route_action.timeout | must"
            + " be more than 0 and at most 2147483647 s",
        "default_service: '$a' default_route_action { retry_policy { } } |"
            + " default_route_action.retry_policy.retry_conditions | must have at least one",
        "default_service: '$a' default_route_action { retry_policy { retry_conditions: 'a' } } |"
            + " default_route_action.retry_policy.retry_conditions[0] | must be one of 5xx, cancelled,"
            + " connect-failure, deadline-exceeded, gateway-error, internal, refused-stream,"
            + " resource-exhausted, retriable-4xx, unavailable",
        "default_service: '$a' default_route_action { timeout { seconds: 1 } retry_policy {"
            + " retry_conditions: '5xx' per_try_timeout { seconds: 2 } } } |"
            + " default_route_action.retry_policy.per_try_timeout | must not be more than the timeout",
        "default_service: '$a' default_route_action { request_mirror_policy { backend_service: '$b'"
            + " mirror_percent: 101 } } | default_route_action.request_mirror_policy.mirror_percent | must"
            + " be 0..100, is 101.0",
        "default_service: '$a' default_route_action { request_mirror_policy { } } |"
            + " default_route_action.request_mirror_policy.backend_service | must be given",
        "default_service: '$a' default_route_action { fault_injection_policy { } } |"
            + " default_route_action.fault_injection_policy | must have delay or abort",
        "default_service: '$a' default_route_action { fault_injection_policy { abort { http_status: 199 }"
            + " } } | default_route_action.fault_injection_policy.abort.http_status | must be 200..599,"
            + " is 199",
        "default_service: '$a' default_route_action { fault_injection_policy { delay { fixed_delay {"
            + " seconds: 1 } percentage: -1 } } } |"
            + " default_route_action.fault_injection_policy.delay.percentage | must be 0..100, is -1.0",
        "default_service: '$a' default_route_action { cors_policy { } } |"
            + " default_route_action.cors_policy.allow_origins | must have at least one unless there are"
            + " allow_origin_regexes",
        "default_service: '$a' default_route_action { cors_policy { allow_origin_regexes: '(' } } |"
            + " default_route_action.cors_policy.allow_origin_regexes[0] | must be an RE2 expression:"
            + " missing closing )",
        "default_service: '$a' header_action { request_headers_to_add { header_name: 'Host' header_value:"
            + " 'a' } } | header_action.request_headers_to_add[0].header_name | must be the name of a"
            + " header other than connection, content-length, host, keep-alive, te, trailer,"
            + " transfer-encoding, upgrade",
        "default_service: '$a' header_action { response_headers_to_remove: ':status' } |"
            + " header_action.response_headers_to_remove[0] | must be the name of a header other than"
            + " connection, content-length, host, keep-alive, te, trailer, transfer-encoding, upgrade",
        "default_service: '$a' header_action { response_headers_to_add { header_name: 'a' } } |"
            + " header_action.response_headers_to_add[0].header_value | must have 1..1024 printable"
            + " characters of ASCII",
      })
  void mayNotBe(String action, String field, String rule) throws ParseException {
    assertThat(faults(action)).containsExactly(new Violation("url_map." + field, rule));
  }

  @Test
  void aTemplateIsRewrittenWithItsVariablesOnly() throws ParseException {
    String matches = "match_rules { path_template_match: '/{a}/{b}' }";
    String field = "url_map.path_matchers[0].route_rules[0].route_action.url_rewrite";
    String rewrite = "service: '$a' route_action { url_rewrite { path_template_rewrite: '%s' } }";

    assertThat(byRouteRule(matches, rewrite.formatted("/{b}/{a}"))).isEmpty();
    assertThat(byRouteRule(matches, rewrite.formatted("/{c}")))
        .containsExactly(
            new Violation(
                field + ".path_template_rewrite",
                "must name variables of path_template_match only; 'c' is none"));
    assertThat(
            byRouteRule(matches + "match_rules { prefix_match: '/' }", rewrite.formatted("/{a}")))
        .containsExactly(
            new Violation(
                field + ".path_template_rewrite",
                "needs match rules that all have path_template_match"));
  }

  @ParameterizedTest
  @CsvSource({"prefix_match, true", "full_path_match, true", "regex_match, false"})
  void aPrefixIsRewrittenWhereOneMatched(String kind, boolean allowed) throws ParseException {
    List<Violation> faults =
        byRouteRule(
            "match_rules { %s: '/a' }".formatted(kind),
            "service: '$a' route_action { url_rewrite { path_prefix_rewrite: '/b' } }");

    assertThat(faults).hasSize(allowed ? 0 : 1);
    assertThat(
            byRouteRule(
                "match_rules { %s: '/a' }".formatted(kind),
                "url_redirect { prefix_redirect: '/b' }"))
        .hasSize(allowed ? 0 : 1);
  }

  @Test
  void everyServiceIsAReferenceWithTheFieldThatNamesIt() throws ParseException {
    UrlMap map =
        map(
            """
            default_service: '$a'
            default_route_action { request_mirror_policy { backend_service: '$b' } }
            path_matchers {
              default_route_action { weighted_backend_services { backend_service: '$c' } }
              path_rules {
                service: '$d'
                route_action { request_mirror_policy { backend_service: '$e' } }
              }
              path_rules { url_redirect { https_redirect: true } }
              route_rules {
                route_action {
                  weighted_backend_services { backend_service: '$a' }
                  weighted_backend_services { backend_service: '$f' }
                }
              }
            }
            """);

    assertThat(UrlMapReferences.services(map))
        .hasSize(6)
        .containsEntry(SERVICES + "a", "url_map.default_service")
        .containsEntry(
            SERVICES + "b", "url_map.default_route_action.request_mirror_policy.backend_service")
        .containsEntry(
            SERVICES + "c",
            "url_map.path_matchers[0].default_route_action.weighted_backend_services[0]"
                + ".backend_service")
        .containsEntry(SERVICES + "d", "url_map.path_matchers[0].path_rules[0].service")
        .containsEntry(
            SERVICES + "e",
            "url_map.path_matchers[0].path_rules[0].route_action.request_mirror_policy"
                + ".backend_service")
        .containsEntry(
            SERVICES + "f",
            "url_map.path_matchers[0].route_rules[0].route_action.weighted_backend_services[1]"
                + ".backend_service");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host: 'b.com' path: '/x' expected_redirect_response_code: 301",
        "host: 'b.com' path: '/x' expected_redirect_response_code: 301 expected_output_url:"
            + " 'https://b.com/x'",
        "host: 'a.com' path: '/x?y' service: '$a' expected_output_url: 'http://inner/z/x?y'",
        "host: 'a.com' path: '/x' service: '$b' expected_output_url: 'inner/z/x'",
      })
  void testsPass(String test) throws ParseException {
    assertThat(UrlMapTests.failures(tested(test))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "host: 'b.com' path: '/x' service: '$a' | expects that 'b.com/x' reaches '$a', but it is"
            + " redirected with 301 to 'https://b.com/x', by url_map",
        "host: 'b.com' path: '/x' expected_redirect_response_code: 302 | expects that 'b.com/x' is"
            + " redirected with 302, but it is redirected with 301 to 'https://b.com/x', by url_map",
        "host: 'b.com' path: '/x' expected_redirect_response_code: 301 expected_output_url: 'http://b.com/x'"
            + " | expects that 'b.com/x' is redirected with 301 to 'http://b.com/x', but it is redirected"
            + " with 301 to 'https://b.com/x', by url_map",
        "host: 'a.com' path: '/x' service: '$c' expected_output_url: 'inner/z/x' | expects that 'a.com/x'"
            + " reaches '$c' as 'inner/z/x', but it reaches '$a, $b' as 'http://inner/z/x', by"
            + " url_map.path_matchers[0]",
      })
  void testsFail(String test, String rule) throws ParseException {
    Violations faults = new Violations();
    UrlMapTests.tell(UrlMapTests.failures(tested(test)), faults);
    assertThat(faults.found())
        .containsExactly(new Violation("url_map.tests[0]", rule.replace("$", SERVICES)));
  }

  private static UrlMap tested(String test) throws ParseException {
    return map(
        """
        default_url_redirect { https_redirect: true }
        host_rules { hosts: 'a.com' path_matcher: 'm' }
        path_matchers {
          name: 'm'
          default_route_action {
            url_rewrite { host_rewrite: 'inner' path_prefix_rewrite: '/z/' }
            weighted_backend_services { backend_service: '$a' weight: 1 }
            weighted_backend_services { backend_service: '$b' weight: 2 }
            weighted_backend_services { backend_service: '$c' weight: 0 }
          }
        }
        tests { %s }
        """
            .formatted(test));
  }
}
