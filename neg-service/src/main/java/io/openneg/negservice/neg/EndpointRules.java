package io.openneg.negservice.neg;

import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may be attached to a group and detached from it. A call is all or nothing: every endpoint of
 * it is checked, so that the answer names every fault. Pure; one object per call.
 */
final class EndpointRules {
  /** Of a group (seed), and of a call. */
  static final int MAX_ENDPOINTS = 10_000;

  static final int MAX_PORT = 65_535;

  private static final String FIELD = "network_endpoints";

  /** compute v1's form of an instance's name. */
  private static final Pattern INSTANCE = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

  private final Live group;
  private final Violations violations = new Violations();
  private final Map<EndpointAddress, Integer> seen = new HashMap<>();
  private final List<NegEvent> events = new ArrayList<>();
  // Those whose only fault is that they are attached, or are not.
  private int misplaced;

  private EndpointRules(Live group) {
    this.group = group;
  }

  static Decision<NegEvent> attach(Live group, AttachEndpoints command) {
    EndpointRules rules = new EndpointRules(group);
    int index = 0;
    for (EndpointRequest endpoint : rules.bounded(command.endpoints())) {
      rules.attach(endpoint, index++, command.labAddresses());
    }
    int attached = group.endpoints().size();
    if (rules.violations.isEmpty() && attached + rules.events.size() > MAX_ENDPOINTS) {
      return Decision.rejected(
          Kind.RESOURCE_EXHAUSTED,
          "ENDPOINT_LIMIT_EXCEEDED",
          "'%s' has %d endpoints and takes %d at most; none of the %d was attached."
              .formatted(command.name(), attached, MAX_ENDPOINTS, rules.events.size()));
    }
    return rules.decision("ENDPOINT_ALREADY_ATTACHED");
  }

  static Decision<NegEvent> detach(Live group, DetachEndpoints command) {
    EndpointRules rules = new EndpointRules(group);
    int index = 0;
    for (EndpointRequest endpoint : rules.bounded(command.endpoints())) {
      rules.detach(endpoint, index++);
    }
    return rules.decision("ENDPOINT_NOT_ATTACHED");
  }

  private List<EndpointRequest> bounded(List<EndpointRequest> endpoints) {
    return violations.check(
            !endpoints.isEmpty() && endpoints.size() <= MAX_ENDPOINTS,
            FIELD,
            "must have 1..%d items, has %d".formatted(MAX_ENDPOINTS, endpoints.size()))
        ? endpoints
        : List.of();
  }

  private void attach(EndpointRequest request, int index, boolean labAddresses) {
    String field = field(index);
    checkInstance(request.instance(), field);
    Annotations.OF_ENDPOINT.check(request.annotations(), field + ".annotations", violations);
    EndpointAddress address = address(request, index);
    if (address == null) {
      return;
    }
    if (!isAllowed(address.ip(), labAddresses)) {
      fault(
          field + ".ip_address",
          labAddresses
              ? "must be private (RFC 1918) or loopback"
              : "must be private: RFC 1918, 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
    } else if (group.endpoints().contains(address)) {
      misplaced(field, address + " is already attached");
    } else {
      events.add(
          new EndpointAttached(new Endpoint(request.instance(), address, request.annotations())));
    }
  }

  private void detach(EndpointRequest request, int index) {
    EndpointAddress address = address(request, index);
    if (address == null) {
      return;
    }
    if (!group.endpoints().contains(address)) {
      misplaced(field(index), address + " is not attached");
    } else {
      events.add(new EndpointDetached(address));
    }
  }

  private void checkInstance(String instance, String field) {
    switch (group.definition().type()) {
      case GCE_VM_IP_PORT ->
          violations.check(
              INSTANCE.matcher(instance).matches(),
              field + ".instance",
              instance.isEmpty()
                  ? "must be given in a group of type GCE_VM_IP_PORT"
                  : "must be the name of an instance: 1-63 characters, a lower-case letter first,"
                      + " then lower-case letters, digits and hyphens, no hyphen last");
      case NON_GCP_PRIVATE_IP_PORT ->
          violations.check(
              instance.isEmpty(),
              field + ".instance",
              "must be absent in a group of type NON_GCP_PRIVATE_IP_PORT");
    }
  }

  /** The address with the default port filled in, or null when it is faulty or named before. */
  private @Nullable EndpointAddress address(EndpointRequest request, int index) {
    String field = field(index);
    Optional<Ipv4Address> ip = Ipv4Address.parse(request.ipAddress());
    violations.check(
        ip.isPresent(),
        field + ".ip_address",
        request.ipAddress().isEmpty()
            ? "must be given: the addresses of instances are not known here yet, so there is no"
                + " primary one to take"
            : "must be an IPv4 address such as 10.0.0.1");
    OptionalInt port =
        request.port().isPresent() ? request.port() : group.definition().defaultPort();
    if (port.isEmpty()) {
      fault(field + ".port", "must be given: the group has no default port");
    } else if (port.getAsInt() < 1 || port.getAsInt() > MAX_PORT) {
      violations.range(port.getAsInt(), 1, MAX_PORT, field + ".port");
    } else if (ip.isPresent()) {
      EndpointAddress address = new EndpointAddress(ip.get(), port.getAsInt());
      Integer first = seen.putIfAbsent(address, index);
      if (first == null) {
        return address;
      }
      fault(field, "repeats %s of %s".formatted(address, field(first)));
    }
    return null;
  }

  private static boolean isAllowed(Ipv4Address ip, boolean labAddresses) {
    return ip.isPrivate() || (labAddresses && ip.isLoopback());
  }

  private void misplaced(String field, String fault) {
    fault(field, fault);
    misplaced++;
  }

  private void fault(String field, String rule) {
    violations.check(false, field, rule);
  }

  private static String field(int index) {
    return FIELD + "[" + index + "]";
  }

  private Decision<NegEvent> decision(String misplacedReason) {
    Optional<Rejection> rejection = violations.rejection();
    if (rejection.isEmpty()) {
      return Decision.accepted(events);
    }
    List<Violation> faults = rejection.get().violations();
    return Decision.rejected(
        faults.size() > misplaced
            ? rejection.get()
            : new Rejection(
                Kind.FAILED_PRECONDITION,
                misplacedReason,
                "%s: %s%s. Nothing was changed."
                    .formatted(
                        faults.getFirst().subject(),
                        faults.getFirst().description(),
                        misplaced == 1 ? "" : " (and %d more)".formatted(misplaced - 1)),
                faults));
  }
}
