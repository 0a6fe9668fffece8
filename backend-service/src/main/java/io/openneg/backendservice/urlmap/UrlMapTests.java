package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTest;
import io.openneg.backend.v1.UrlMapTestFailure;
import io.openneg.backendservice.urlmap.match.Match;
import io.openneg.backendservice.urlmap.match.RequestHead;
import io.openneg.backendservice.urlmap.match.RequestHead.Header;
import io.openneg.backendservice.urlmap.match.UrlMapMatcher;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.List;

/** The tests in a URL map (compute v1): a map of which one fails is not taken. Pure. */
final class UrlMapTests {
  static final int MAX_TESTS = 100;

  private UrlMapTests() {}

  /** What a test may say. */
  static void check(UrlMap map, Violations faults) {
    faults.check(
        map.getTestsCount() <= MAX_TESTS,
        "url_map.tests",
        "must be at most %d, are %d".formatted(MAX_TESTS, map.getTestsCount()));
    for (int i = 0; i < map.getTestsCount(); i++) {
      UrlMapTest test = map.getTests(i);
      String at = field(i);
      faults.check(!test.getHost().isEmpty(), at + ".host", "must be given");
      faults.check(test.getPath().startsWith("/"), at + ".path", "must begin with '/'");
      UrlMapRules.service(test.getService(), at + ".service", faults);
      for (int j = 0; j < test.getHeadersCount(); j++) {
        faults.check(
            !test.getHeaders(j).getName().isEmpty(),
            "%s.headers[%d].name".formatted(at, j),
            "must be given");
      }
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
      if (!match.service().equals(test.getService())) {
        failures.add(
            UrlMapTestFailure.newBuilder()
                .setIndex(i)
                .setHost(test.getHost())
                .setPath(test.getPath())
                .setExpectedService(test.getService())
                .setActualService(match.service())
                .setRule(match.rule())
                .build());
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

  /** Tells of failures as faults of the tests' fields. */
  static void tell(List<UrlMapTestFailure> failures, Violations faults) {
    for (UrlMapTestFailure failure : failures) {
      faults.check(
          false,
          field(failure.getIndex()),
          "expects that '%s%s' reaches '%s', but it reaches '%s' by %s"
              .formatted(
                  failure.getHost(),
                  failure.getPath(),
                  failure.getExpectedService(),
                  failure.getActualService(),
                  failure.getRule()));
    }
  }

  private static String field(int index) {
    return "url_map.tests[%d]".formatted(index);
  }
}
