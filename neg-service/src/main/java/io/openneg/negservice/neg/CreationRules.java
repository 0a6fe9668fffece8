package io.openneg.negservice.neg;

import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegEvent.NegCreated;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.List;
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
                command.network().network(),
                command.defaultPort(),
                command.annotations(),
                command.network().id(),
                subnetwork(command))));
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
        ResourceName.isName(command.network().network(), Scope.GLOBAL, "networks"),
        FIELD + "network",
        "must be projects/{project}/global/networks/{id}");
    switch (command.type()) {
      case GCE_VM_IP_PORT -> checkSubnetwork(command, violations);
      case NON_GCP_PRIVATE_IP_PORT ->
          violations.check(
              command.subnetwork().isEmpty(),
              FIELD + "subnetwork",
              "must be absent in a group of type NON_GCP_PRIVATE_IP_PORT");
    }
    command
        .defaultPort()
        .ifPresent(
            port -> violations.range(port, 1, EndpointRules.MAX_PORT, FIELD + "default_port"));
    Annotations.OF_GROUP.check(command.annotations(), FIELD + "annotations", violations);
    return violations.rejection().or(() -> misplaced(command));
  }

  private static void checkSubnetwork(CreateNeg command, Violations violations) {
    String subnetwork = command.subnetwork();
    if (subnetwork.isEmpty()) {
      // Of a network that does not exist or is a legacy one something else is said.
      violations.check(
          command.network().automatic().isPresent()
              || command.network().id().isEmpty()
              || command.network().legacy(),
          FIELD + "subnetwork",
          "must be given: '%s' has no automatic subnetwork in %s"
              .formatted(command.network().network(), command.network().region()));
    } else {
      violations.check(
          ResourceName.isName(subnetwork, Scope.REGION, "subnetworks")
              && subnetwork.contains("/regions/" + command.network().region() + "/"),
          FIELD + "subnetwork",
          "must be projects/{project}/regions/%s/subnetworks/{id}: in the region of the zone"
              .formatted(command.network().region()));
    }
  }

  /** Well-formed, but there is no such place, or it takes no groups. */
  private static Optional<Rejection> misplaced(CreateNeg command) {
    NegNetwork network = command.network();
    if (network.id().isEmpty()) {
      return refused(
          "REFERENCE_NOT_FOUND",
          "network",
          "names '%s', which does not exist".formatted(network.network()));
    }
    if (network.legacy()) {
      return refused(
          "LEGACY_NETWORK",
          "network",
          "names '%s', a legacy network, in which there are no groups"
              .formatted(network.network()));
    }
    if (command.subnetwork().isEmpty()) {
      return Optional.empty();
    }
    if (network.networkOfSubnetwork().isEmpty()) {
      return refused(
          "REFERENCE_NOT_FOUND",
          "subnetwork",
          "names '%s', which does not exist".formatted(command.subnetwork()));
    }
    String other = network.networkOfSubnetwork().get();
    return other.equals(network.network())
        ? Optional.empty()
        : refused(
            "OTHER_NETWORK",
            "subnetwork",
            "names a subnetwork of '%s'; the group is in '%s'".formatted(other, network.network()));
  }

  private static Optional<Rejection> refused(String reason, String field, String rule) {
    return Optional.of(
        new Rejection(
            Kind.FAILED_PRECONDITION,
            reason,
            "Invalid value for field '%s': it %s.".formatted(FIELD + field, rule),
            List.of(new Violation(FIELD + field, rule))));
  }

  private static String subnetwork(CreateNeg command) {
    return switch (command.type()) {
      case GCE_VM_IP_PORT ->
          command.subnetwork().isEmpty()
              ? command.network().automatic().orElse("")
              : command.subnetwork();
      case NON_GCP_PRIVATE_IP_PORT -> "";
    };
  }
}
