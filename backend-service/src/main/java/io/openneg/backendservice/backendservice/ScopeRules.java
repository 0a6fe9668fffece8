package io.openneg.backendservice.backendservice;

import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL;
import static io.openneg.backend.v1.LoadBalancingScheme.EXTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_MANAGED;
import static io.openneg.backend.v1.LoadBalancingScheme.INTERNAL_SELF_MANAGED;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backendservice.resource.References;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import io.openneg.serviceruntime.catalogue.Catalogue;
import io.openneg.serviceruntime.catalogue.Catalogue.Region;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What follows from a backend service being global or in a region (compute v1). Pure. */
final class ScopeRules {
  private static final Set<LoadBalancingScheme> GLOBAL =
      Set.of(EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED, INTERNAL_SELF_MANAGED, INTERNAL);
  private static final Set<LoadBalancingScheme> REGIONAL =
      Set.of(EXTERNAL, EXTERNAL_MANAGED, INTERNAL_MANAGED, INTERNAL);

  private final Catalogue catalogue;

  ScopeRules(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * @param name of the service
   * @param complete with every default filled in
   */
  void service(String name, BackendService complete, Violations faults) {
    Set<LoadBalancingScheme> schemes = References.region(name).isEmpty() ? GLOBAL : REGIONAL;
    // One that is no scheme at all is told of elsewhere.
    faults.check(
        schemes.contains(complete.getLoadBalancingScheme())
            || !GLOBAL.contains(complete.getLoadBalancingScheme()),
        "backend_service.load_balancing_scheme",
        "must be one of %s in a region, is %s"
            .formatted(new TreeSet<>(schemes), complete.getLoadBalancingScheme()));
    for (int i = 0; i < complete.getHealthChecksCount(); i++) {
      String check = complete.getHealthChecks(i);
      String field = "backend_service.health_checks[%d]".formatted(i);
      if (!ResourceName.isName(check, Scope.GLOBAL, "healthChecks")) {
        References.check(name, check, "healthChecks", field, faults);
      }
    }
  }

  /** A group of a regional service must be in a zone of its region. */
  void group(String service, Backend backend, String at, Violations faults) {
    String region = References.region(service);
    String group = backend.getGroup();
    if (!region.isEmpty() && group.contains("/zones/")) {
      String zone = group.split("/", 5)[3];
      Optional<Region> its = catalogue.regionOf(zone);
      faults.check(
          its.isPresent() && its.get().name().equals(region),
          at + ".group",
          "must be in a zone of %s, the region of the backend service".formatted(region));
    }
  }
}
