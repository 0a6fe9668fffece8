package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTest;
import io.openneg.backend.v1.UrlMapTestFailure;
import io.openneg.backendservice.resource.References;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.urlmap.Match;
import io.openneg.urlmap.Outcome;
import io.openneg.urlmap.Outcome.Forward;
import io.openneg.urlmap.Outcome.Redirect;
import io.openneg.urlmap.Outcome.Url;
import io.openneg.urlmap.RequestHead;
import io.openneg.urlmap.RequestHead.Header;
import io.openneg.urlmap.UrlMapMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tests in a URL map (compute v1): a map of which one fails is not taken. Pure. */
final class UrlMapTests {
  private static final int MAX_TESTS = 100;
  private static final Set<Integer> REDIRECT_CODES = Set.of(301, 302, 303, 307, 308);
  private static final String HTTPS = "https";

  private UrlMapTests() {}

  /** What a test may say. */
  static void check(String name, UrlMap map, Violations faults) {
    faults.check(
        map.getTestsCount() <= MAX_TESTS,
        "url_map.tests",
        "must be at most %d, are %d".formatted(MAX_TESTS, map.getTestsCount()));
    for (int i = 0; i < map.getTestsCount(); i++) {
      check(name, map.getTests(i), field(i), faults);
    }
  }

  private static void check(String map, UrlMapTest test, String at, Violations faults) {
    faults.check(!test.getHost().isEmpty(), at + ".host", "must be given");
    faults.check(test.getPath().startsWith("/"), at + ".path", "must begin with '/'");
    int code = test.getExpectedRedirectResponseCode();
    if (code == 0) {
      References.check(map, test.getService(), "backendServices", at + ".service", faults);
    } else {
      faults.check(
          REDIRECT_CODES.contains(code),
          at + ".expected_redirect_response_code",
          "must be 301, 302, 303, 307 or 308, is " + code);
      faults.check(
          test.getService().isEmpty(),
          at + ".service",
          "must not be beside expected_redirect_response_code");
    }
    for (int i = 0; i < test.getHeadersCount(); i++) {
      faults.check(
          !test.getHeaders(i).getName().isEmpty(),
          "%s.headers[%d].name".formatted(at, i),
          "must be given");
    }
  }

  /**
   * Runs the tests.
   *
   * @param map one that keeps the rules
   */
  static List<UrlMapTestFailure> failures(UrlMap map) {
    if (map.getTestsCount() == 0) {
      return List.of();
    }
    UrlMapMatcher matcher = new UrlMapMatcher(map);
    List<UrlMapTestFailure> failures = new ArrayList<>();
    for (int i = 0; i < map.getTestsCount(); i++) {
      UrlMapTest test = map.getTests(i);
      Match match = matcher.match(request(test));
      if (!passes(test, match.outcome())) {
        failures.add(failure(i, test, match));
      }
    }
    return failures;
  }

  private static RequestHead request(UrlMapTest test) {
    return RequestHead.of(
        test.getHost(),
        test.getPath(),
        test.getHeadersList().stream().map(h -> new Header(h.getName(), h.getValue())).toList());
  }

  private static boolean passes(UrlMapTest test, Outcome outcome) {
    return fits(test.getExpectedOutputUrl(), outcome.url())
        && switch (outcome) {
          case Forward forward ->
              test.getExpectedRedirectResponseCode() == 0
                  && forward.services().contains(test.getService());
          case Redirect redirect -> test.getExpectedRedirectResponseCode() == redirect.status();
        };
  }

  private static boolean fits(String expected, Url actual) {
    if (expected.isEmpty()) {
      return true;
    }
    int colon = expected.indexOf("://");
    String scheme = colon < 0 ? "" : expected.substring(0, colon);
    String rest = colon < 0 ? expected : expected.substring(colon + "://".length());
    return rest.equals(actual.rest()) && (!actual.https() || scheme.equals(HTTPS));
  }

  private static UrlMapTestFailure failure(int index, UrlMapTest test, Match match) {
    UrlMapTestFailure.Builder failure =
        UrlMapTestFailure.newBuilder()
            .setIndex(index)
            .setHost(test.getHost())
            .setPath(test.getPath())
            .setRule(match.rule())
            .setExpectedService(test.getService())
            .setExpectedOutputUrl(test.getExpectedOutputUrl())
            .setExpectedRedirectResponseCode(test.getExpectedRedirectResponseCode())
            .setActualOutputUrl(match.outcome().url().toString());
    return switch (match.outcome()) {
      case Forward forward ->
          failure.setActualService(String.join(", ", forward.services())).build();
      case Redirect redirect -> failure.setActualRedirectResponseCode(redirect.status()).build();
    };
  }

  /** Tells of failures as faults of the tests' fields. */
  static void tell(List<UrlMapTestFailure> failures, Violations faults) {
    for (UrlMapTestFailure failure : failures) {
      faults.check(
          false,
          field(failure.getIndex()),
          "expects that '%s%s' %s, but it %s, by %s"
              .formatted(
                  failure.getHost(),
                  failure.getPath(),
                  outcome(
                      failure.getExpectedRedirectResponseCode(),
                      failure.getExpectedService(),
                      failure.getExpectedOutputUrl()),
                  outcome(
                      failure.getActualRedirectResponseCode(),
                      failure.getActualService(),
                      failure.getActualOutputUrl()),
                  failure.getRule()));
    }
  }

  private static String outcome(int redirectCode, String service, String url) {
    String what =
        redirectCode == 0
            ? "reaches '%s'".formatted(service)
            : "is redirected with %d".formatted(redirectCode);
    String where = redirectCode == 0 ? " as '%s'" : " to '%s'";
    return url.isEmpty() ? what : what + where.formatted(url);
  }

  private static String field(int index) {
    return "url_map.tests[%d]".formatted(index);
  }
}
