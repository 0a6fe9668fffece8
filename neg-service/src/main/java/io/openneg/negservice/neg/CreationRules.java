package io.openneg.negservice.neg;

import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.Optional;

/** What a group must be to come into existence. Pure. */
final class CreationRules {
  static final int MAX_DESCRIPTION = 2_048;

  private static final String FIELD = "network_endpoint_group.";

  private CreationRules() {}

  static Decision<NegEvent> create(CreateNeg command) {
    Optional<Rejection> fault = fault(command);
    if (fault.isPresent()) {
      return Decision.rejected(fault.get());
    }
    var census = command.census();
    if (census.groups() >= census.quota()) {
      return Decision.rejected(
          Kind.RESOURCE_EXHAUSTED,
          "QUOTA_EXCEEDED",
          "The project '%s' has %d network endpoint groups; its quota is %d."
              .formatted(command.project(), census.groups(), census.quota()));
    }
    return Decision.accepted(
        new NegCreated(
            new NegDefinition(
                command.name(),
                command.id(),
                command.now(),
                command.description(),
                command.type(),
                command.network().isEmpty()
                    ? "projects/%s/global/networks/default".formatted(command.project())
                    : command.network(),
                command.defaultPort(),
                command.annotations())));
  }

  private static Optional<Rejection> fault(CreateNeg command) {
    Violations violations = new Violations();
    String description = command.description();
    violations.check(
        description.length() <= MAX_DESCRIPTION,
        FIELD + "description",
        "must have at most %d characters, has %d".formatted(MAX_DESCRIPTION, description.length()));
    violations.check(
        Annotations.isStorable(description),
        FIELD + "description",
        "must have no character U+0000");
    violations.check(
        command.network().isEmpty()
            || ResourceName.isName(command.network(), Scope.GLOBAL, "networks"),
        FIELD + "network",
        "must be projects/{project}/global/networks/{id}");
    command
        .defaultPort()
        .ifPresent(
            port -> violations.range(port, 1, EndpointRules.MAX_PORT, FIELD + "default_port"));
    Annotations.OF_GROUP.check(command.annotations(), FIELD + "annotations", violations);
    return violations.rejection();
  }
}
