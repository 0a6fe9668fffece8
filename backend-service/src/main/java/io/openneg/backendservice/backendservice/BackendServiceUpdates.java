package io.openneg.backendservice.backendservice;

import io.openneg.backend.v1.Backend;
import io.openneg.backend.v1.BackendEvent;
import io.openneg.backend.v1.BackendService;
import io.openneg.backend.v1.BackendServiceUpdated;
import io.openneg.backend.v1.LoadBalancingScheme;
import io.openneg.backendservice.backendservice.BackendServiceCommand.Update;
import io.openneg.backendservice.resource.Backends;
import io.openneg.backendservice.resource.Patch;
import io.openneg.backendservice.resource.Refusals;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an update of a whole backend service comes to. Pure. */
final class BackendServiceUpdates {
  private final ScopeRules scopes;

  BackendServiceUpdates(ScopeRules scopes) {
    this.scopes = scopes;
  }

  Decision<BackendEvent> decide(BackendService current, Update update) {
    String sent = update.wanted().getFingerprint();
    if (!sent.isEmpty() && !Fingerprint.matches(sent, Fingerprint.of(current))) {
      return Decision.rejected(Refusals.changedMeanwhile("backend_service.fingerprint"));
    }
    Violations faults = new Violations();
    BackendService wanted =
        whole(current, Patch.apply(current, update.wanted(), update.fields(), faults));
    check(current, wanted, faults);
    return faults
        .rejection()
        .or(() -> otherLoadBalancer(current, wanted, update.facts().users()))
        .or(() -> unusable(current, wanted, update))
        .map(Decision::<BackendEvent>rejected)
        .orElseGet(() -> Decision.accepted(differences(current, wanted)));
  }

  /** What does not change is the current one's. */
  private static BackendService whole(BackendService current, BackendService patched) {
    BackendService.Builder whole =
        patched.toBuilder()
            .setName(current.getName())
            .setId(current.getId())
            .setCreationTimestamp(current.getCreationTimestamp());
    if (patched.getLoadBalancingScheme() == LoadBalancingScheme.LOAD_BALANCING_SCHEME_UNSPECIFIED) {
      whole.setLoadBalancingScheme(current.getLoadBalancingScheme());
    }
    return whole.build();
  }

  private void check(BackendService current, BackendService wanted, Violations faults) {
    // compute v1: a service's scheme is part of what it is, as those of what leads to it are.
    faults.check(
        wanted.getLoadBalancingScheme() == current.getLoadBalancingScheme(),
        "backend_service.load_balancing_scheme",
        "must be %s: it does not change".formatted(current.getLoadBalancingScheme()));
    BackendRules.settings(wanted, faults);
    scopes.service(current.getName(), BackendRules.complete(wanted), faults);
    // Backends that stay as they are were right when they came, and may have become the only one
    // since.
    if (!type(wanted).equals(type(current))
        || !Set.copyOf(wanted.getBackendsList()).equals(Set.copyOf(current.getBackendsList()))
        || wanted.getBackendsCount() != current.getBackendsCount()) {
      BackendRules.backends(wanted, faults);
      for (int i = 0; i < wanted.getBackendsCount(); i++) {
        scopes.group(current.getName(), wanted.getBackends(i), at(i), faults);
      }
    }
  }

  private static Optional<LoadBalancerType> type(BackendService service) {
    return LoadBalancerType.of(BackendRules.complete(service));
  }

  private static String at(int backend) {
    return "backend_service.backends[%d]".formatted(backend);
  }

  /** What leads to a service was checked for the load balancer that it belongs to. */
  private static Optional<Rejection> otherLoadBalancer(
      BackendService current, BackendService wanted, List<String> users) {
    return users.isEmpty() || type(wanted).equals(type(current))
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Kind.FAILED_PRECONDITION,
                "RESOURCE_IN_USE",
                ("Invalid value for field 'backend_service.protocol': with %s '%s' would be of"
                        + " another load balancer than what uses it: '%s'")
                    .formatted(
                        BackendRules.complete(wanted).getProtocol(),
                        current.getName(),
                        String.join("', '", users)),
                users.stream()
                    .map(user -> new Violation(user, "uses " + current.getName()))
                    .toList()));
  }

  /** What it refers to already exists: the references hold it. */
  private static Optional<Rejection> unusable(
      BackendService current, BackendService wanted, Update update) {
    Optional<Rejection> refused = Optional.empty();
    for (String check : wanted.getHealthChecksList()) {
      if (!current.getHealthChecksList().contains(check)) {
        refused =
            refused.or(
                () -> Refusals.missing(update.facts(), "backend_service.health_checks[0]", check));
      }
    }
    for (int i = 0; i < wanted.getBackendsCount(); i++) {
      String group = wanted.getBackends(i).getGroup();
      String field = at(i) + ".group";
      if (!Backends.has(current, group)) {
        refused = refused.or(() -> BackendServiceDecider.unusable(update.negs(), field, group));
      }
    }
    return refused;
  }

  /** First the settings; groups that go make room for those that come. */
  private static List<BackendEvent> differences(BackendService current, BackendService wanted) {
    List<BackendEvent> events = new ArrayList<>();
    BackendService settings = BackendRules.complete(wanted);
    if (!settings.equals(current.toBuilder().clearBackends().build())) {
      events.add(
          BackendEvent.newBuilder()
              .setBackendServiceUpdated(
                  BackendServiceUpdated.newBuilder().setBackendService(settings))
              .build());
    }
    Map<String, Backend> before =
        current.getBackendsList().stream()
            .collect(Collectors.toMap(Backend::getGroup, Function.identity()));
    Set<String> kept = new HashSet<>();
    wanted.getBackendsList().forEach(backend -> kept.add(backend.getGroup()));
    for (Backend backend : current.getBackendsList()) {
      if (!kept.contains(backend.getGroup())) {
        events.add(BackendServiceDecider.removed(backend.getGroup()));
      }
    }
    for (Backend backend : wanted.getBackendsList()) {
      Backend was = before.get(backend.getGroup());
      if (was == null) {
        events.add(BackendServiceDecider.added(settings, backend));
      } else if (!was.equals(BackendRules.complete(settings, backend))) {
        events.add(BackendServiceDecider.updated(settings, backend));
      }
    }
    return events;
  }
}
