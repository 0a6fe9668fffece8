package io.openneg.healthservice.api;

import io.openneg.eventlog.RejectedException;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Reads what requests name, and refuses what they cannot mean. */
final class Requested {
  private Requested() {}

  static String service(String name) {
    return ResourceName.parse("backend_service", name, Scope.GLOBAL_OR_REGION, "backendServices")
        .toString();
  }

  static String group(String field, String name) {
    // One that is neither is told what the first would be called.
    return ResourceName.isName(name, Scope.ZONE, "instanceGroups")
        ? name
        : ResourceName.parse(field, name, Scope.ZONE, "networkEndpointGroups").toString();
  }

  /**
   * The check of a service.
   *
   * @param group one of the service's; empty: any
   * @return empty when it has none
   * @throws RejectedException when the service is not known or the group not its
   */
  static Optional<String> check(Handle tx, String service, String group) {
    Optional<String> check =
        EndpointHealthQueries.healthCheck(tx, service).orElseThrow(() -> unknown(service));
    if (!group.isEmpty() && !EndpointHealthQueries.isBackend(tx, service, group)) {
      throw invalid("group", "must be a backend of " + service);
    }
    return check;
  }

  private static RejectedException unknown(String service) {
    return refused(
        Kind.NOT_FOUND,
        "NOT_FOUND",
        "The backend service '%s' is not known to health-service.".formatted(service));
  }

  static RejectedException refused(Kind kind, String reason, String message) {
    return new RejectedException(new Rejection(kind, reason, message));
  }

  static RejectedException invalid(String field, String rule) {
    Violations faults = new Violations();
    faults.check(false, field, rule);
    return new RejectedException(faults.rejection().orElseThrow());
  }

  /** Refuses if there are any. */
  static void none(Violations faults) {
    faults
        .rejection()
        .ifPresent(
            rejection -> {
              throw new RejectedException(rejection);
            });
  }

  static void endpoint(String at, String ip, int port, Violations faults) {
    faults.check(PageKeys.isIp(ip), at + "ip_address", "must be an IPv4 address");
    faults.range(port, 1, 65_535, at + "port");
  }
}
