package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTestFailure;
import io.openneg.backend.v1.UrlMapValidationResult;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether a URL map is taken: one answer for commands, and all of it for those who ask. Pure. */
final class UrlMapValidation {
  private UrlMapValidation() {}

  /** Why a command with the map is refused: its rules first, then what it refers to and tests. */
  static Optional<Rejection> refusal(UrlMap wanted, Facts facts) {
    Violations faults = new Violations();
    UrlMapRules.check(wanted, faults);
    return faults
        .rejection()
        .or(() -> missing(wanted, facts).stream().findFirst())
        .or(() -> failedTests(wanted));
  }

  /** What a command would find, all of it. */
  static UrlMapValidationResult result(UrlMap wanted, Facts facts) {
    Violations faults = new Violations();
    UrlMapRules.check(wanted, faults);
    UrlMapValidationResult.Builder result = UrlMapValidationResult.newBuilder();
    faults
        .found()
        .forEach(
            fault -> result.addLoadErrors("%s %s".formatted(fault.subject(), fault.description())));
    if (faults.isEmpty()) {
      missing(wanted, facts).forEach(refusal -> result.addLoadErrors(refusal.message()));
      List<UrlMapTestFailure> failures = UrlMapTests.failures(wanted);
      result.addAllTestFailures(failures).setTestPassed(failures.isEmpty());
    }
    return result.setLoadSucceeded(result.getLoadErrorsCount() == 0).build();
  }

  private static List<Rejection> missing(UrlMap wanted, Facts facts) {
    List<Rejection> missing = new ArrayList<>();
    for (Map.Entry<String, String> service : UrlMapReferences.services(wanted).entrySet()) {
      Refusals.missing(facts, service.getValue(), service.getKey()).ifPresent(missing::add);
    }
    return missing;
  }

  private static Optional<Rejection> failedTests(UrlMap wanted) {
    Violations faults = new Violations();
    UrlMapTests.tell(UrlMapTests.failures(wanted), faults);
    return faults.rejection();
  }
}
