package io.openneg.backendservice.urlmap;

import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.UrlMap;
import io.openneg.backend.v1.UrlMapTestFailure;
import io.openneg.backend.v1.UrlMapValidationResult;
import io.openneg.backendservice.resource.Facts;
import io.openneg.backendservice.resource.Mismatches;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.backendservice.resource.UrlMapReferences;
import io.openneg.eventlog.Rejection;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether a URL map is taken: one answer for commands, and all of it for those who ask. Pure. */
final class UrlMapValidation {
  private UrlMapValidation() {}

  /** Why a command with the map is refused: its rules first, then what it refers to and tests. */
  static Optional<Rejection> refusal(String name, UrlMap wanted, Facts facts) {
    Violations faults = new Violations();
    UrlMapRules.check(name, wanted, faults);
    return faults
        .rejection()
        .or(() -> unusable(wanted, facts).stream().findFirst())
        .or(() -> failedTests(wanted));
  }

  /** What a command would find, all of it. */
  static UrlMapValidationResult result(String name, UrlMap wanted, Facts facts) {
    Violations faults = new Violations();
    UrlMapRules.check(name, wanted, faults);
    UrlMapValidationResult.Builder result = UrlMapValidationResult.newBuilder();
    faults
        .found()
        .forEach(
            fault -> result.addLoadErrors("%s %s".formatted(fault.subject(), fault.description())));
    if (faults.isEmpty()) {
      unusable(wanted, facts).forEach(refusal -> result.addLoadErrors(refusal.message()));
      List<UrlMapTestFailure> failures = UrlMapTests.failures(wanted);
      result.addAllTestFailures(failures).setTestPassed(failures.isEmpty());
    }
    return result.setLoadSucceeded(result.getLoadErrorsCount() == 0).build();
  }

  private static List<Rejection> unusable(UrlMap wanted, Facts facts) {
    List<Rejection> unusable = new ArrayList<>();
    Map<String, String> fields = UrlMapReferences.services(wanted);
    Map<String, BackendService> used = new HashMap<>();
    fields.forEach(
        (name, field) -> {
          Refusals.missing(facts, field, name).ifPresent(unusable::add);
          BackendService service = facts.services().get(name);
          if (service != null) {
            used.put(name, service);
            Mismatches.protocol(service, Mismatches.HTTP_FAMILY, field).ifPresent(unusable::add);
          }
        });
    Mismatches.scheme(facts.with(used), "url_map").ifPresent(unusable::add);
    return unusable;
  }

  private static Optional<Rejection> failedTests(UrlMap wanted) {
    Violations faults = new Violations();
    UrlMapTests.tell(UrlMapTests.failures(wanted), faults);
    return faults.rejection();
  }
}
