package io.openneg.negservice.neg;

import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.eventlog.Rejection.Violation;
import io.openneg.negservice.neg.Interfaces.Interface;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.CreateNeg;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import io.openneg.serviceruntime.address.Ipv4Address;
import io.openneg.serviceruntime.address.Ipv4Range;
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
 * Who may be attached to a group and detached from it. Every endpoint of a call is checked, so that
 * the answer names every bad one. Pure; one object per call.
 */
final class EndpointRules {
  /** Of a group (seed), and of a call. */
  static final int MAX_ENDPOINTS = 10_000;

  static final int MAX_PORT = 65_535;

  private static final String FIELD = "network_endpoints";
  private static final String INVALID = "INVALID_ARGUMENT";
  private static final String FULL = "ENDPOINT_LIMIT_EXCEEDED";

  /** compute v1's form of an instance's name. */
  private static final Pattern INSTANCE = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

  private final Live group;
  private final Interfaces interfaces;
  private final Map<EndpointAddress, Integer> seen = new HashMap<>();
  private final List<NegEvent> events = new ArrayList<>();
  private final List<RejectedEndpoint> rejected = new ArrayList<>();
  // Of the endpoint that is being checked.
  private Violations violations = new Violations();
  // What its faults are when it is only out of place.
  private String misplacement = INVALID;

  private EndpointRules(Live group, Interfaces interfaces) {
    this.group = group;
    this.interfaces = interfaces;
  }

  static Decision<NegEvent> attach(Live group, AttachEndpoints command) {
    Optional<Rejection> size = size(command.endpoints(), 1);
    if (size.isPresent()) {
      return Decision.rejected(size.get());
    }
    EndpointRules rules = attached(group, command);
    int attached = group.endpoints().size();
    if (rules.rejected.isEmpty() && attached + rules.events.size() > MAX_ENDPOINTS) {
      return Decision.rejected(
          Kind.RESOURCE_EXHAUSTED,
          FULL,
          "'%s' has %d endpoints and takes %d at most; none of the %d was attached."
              .formatted(command.name(), attached, MAX_ENDPOINTS, rules.events.size()));
    }
    return rules.decision(command.badEndpoint());
  }

  static Decision<NegEvent> detach(Live group, DetachEndpoints command) {
    Optional<Rejection> size = size(command.endpoints(), 1);
    return size.isPresent()
        ? Decision.rejected(size.get())
        : detached(group, command).decision(command.badEndpoint());
  }

  static Decision<NegEvent> set(Live group, SetEndpoints command) {
    Optional<Rejection> size = size(command.endpoints(), 0);
    if (size.isPresent()) {
      return Decision.rejected(size.get());
    }
    EndpointRules rules = new EndpointRules(group, command.interfaces());
    List<Endpoint> declared = rules.declared(command);
    if (rules.rejected.isEmpty()) {
      return Decision.accepted(EndpointDifference.events(group, command.attached(), declared));
    }
    return rules.decision(command.badEndpoint());
  }

  /** The endpoints that such a command leaves out; those of one that is accepted. */
  static List<RejectedEndpoint> leftOut(Live group, NegCommand command) {
    return switch (command) {
      case AttachEndpoints attach -> attached(group, attach).rejected;
      case DetachEndpoints detach -> detached(group, detach).rejected;
      case SetEndpoints set -> {
        EndpointRules rules = new EndpointRules(group, set.interfaces());
        rules.declared(set);
        yield rules.rejected;
      }
      case CreateNeg _, StartDeletion _, ConcludeDeletion _ -> List.of();
    };
  }

  private static EndpointRules attached(Live group, AttachEndpoints command) {
    EndpointRules rules = new EndpointRules(group, command.interfaces());
    int room =
        switch (command.badEndpoint()) {
          case REFUSES -> Integer.MAX_VALUE;
          case IS_LEFT_OUT -> MAX_ENDPOINTS - group.endpoints().size();
        };
    int index = 0;
    for (EndpointRequest endpoint : command.endpoints()) {
      rules.attach(endpoint, index, command.labAddresses(), room);
      rules.conclude(index++);
    }
    return rules;
  }

  private static EndpointRules detached(Live group, DetachEndpoints command) {
    EndpointRules rules = new EndpointRules(group, Interfaces.NONE);
    int index = 0;
    for (EndpointRequest endpoint : command.endpoints()) {
      rules.detach(endpoint, index);
      rules.conclude(index++);
    }
    return rules;
  }

  private List<Endpoint> declared(SetEndpoints command) {
    List<Endpoint> declared = new ArrayList<>();
    int index = 0;
    for (EndpointRequest request : command.endpoints()) {
      Endpoint endpoint = endpoint(request, index, command.labAddresses());
      if (endpoint != null) {
        declared.add(endpoint);
      }
      conclude(index++);
    }
    return declared;
  }

  private static Optional<Rejection> size(List<EndpointRequest> endpoints, int min) {
    Violations violations = new Violations();
    violations.check(
        endpoints.size() >= min && endpoints.size() <= MAX_ENDPOINTS,
        FIELD,
        "must have %d..%d items, has %d".formatted(min, MAX_ENDPOINTS, endpoints.size()));
    return violations.rejection();
  }

  private void attach(EndpointRequest request, int index, boolean labAddresses, int room) {
    Endpoint endpoint = endpoint(request, index, labAddresses);
    if (endpoint == null) {
      return;
    }
    if (group.endpoints().contains(endpoint.address())) {
      misplaced(index, "ENDPOINT_ALREADY_ATTACHED", endpoint.address() + " is already attached");
    } else if (violations.isEmpty() && events.size() >= room) {
      misplaced(index, FULL, "is one too many: the group takes %d".formatted(MAX_ENDPOINTS));
    } else if (violations.isEmpty()) {
      events.add(new EndpointAttached(endpoint));
    }
  }

  private void detach(EndpointRequest request, int index) {
    Optional<Ipv4Address> ip = Ipv4Address.parse(request.ipAddress());
    checkIp(ip, request, index);
    EndpointAddress address = address(ip, request, index);
    if (address == null) {
      return;
    }
    if (!group.endpoints().contains(address)) {
      misplaced(index, "ENDPOINT_NOT_ATTACHED", address + " is not attached");
    } else {
      events.add(new EndpointDetached(address));
    }
  }

  /** As it would be attached, or null when its address cannot be. */
  private @Nullable Endpoint endpoint(EndpointRequest request, int index, boolean labAddresses) {
    String field = field(index);
    Optional<Ipv4Address> named = Ipv4Address.parse(request.ipAddress());
    return switch (group.definition().type()) {
      case GCE_VM_IP_PORT -> {
        Interface nic = nic(request.instance(), field);
        checkAnnotations(request, field);
        if (!request.ipAddress().isEmpty()) {
          checkIp(named, request, index);
        }
        Optional<Ipv4Address> ip =
            request.ipAddress().isEmpty()
                ? Optional.ofNullable(nic).map(Interface::primary)
                : named;
        Endpoint endpoint = endpoint(address(ip, request, index), request, field, labAddresses);
        yield endpoint == null || nic == null ? endpoint : onInterface(endpoint, nic, field);
      }
      case NON_GCP_PRIVATE_IP_PORT -> {
        violations.check(
            request.instance().isEmpty(),
            field + ".instance",
            "must be absent in a group of type NON_GCP_PRIVATE_IP_PORT");
        checkAnnotations(request, field);
        checkIp(named, request, index);
        yield endpoint(address(named, request, index), request, field, labAddresses);
      }
    };
  }

  private @Nullable Endpoint endpoint(
      @Nullable EndpointAddress address,
      EndpointRequest request,
      String field,
      boolean labAddresses) {
    if (address == null) {
      return null;
    }
    if (!isAllowed(address.ip(), labAddresses)) {
      fault(
          field + ".ip_address",
          labAddresses
              ? "must be private (RFC 1918) or loopback"
              : "must be private: RFC 1918, 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
      return null;
    }
    return new Endpoint(request.instance(), address, request.annotations());
  }

  /** The instance's interface in the network and subnetwork of the group, or null with a fault. */
  private @Nullable Interface nic(String instance, String field) {
    NegDefinition definition = group.definition();
    String fault = null;
    Interface nic = null;
    if (!isInstance(instance)) {
      fault =
          instance.isEmpty()
              ? "must be given in a group of type GCE_VM_IP_PORT"
              : "must be the name of an instance: 1-63 characters, a lower-case letter first, then"
                  + " lower-case letters, digits and hyphens, no hyphen last";
    } else if (definition.networkId().isEmpty()) {
      fault = "cannot be checked: the group is from before networks were known; create it anew";
    } else if (!interfaces.byInstance().containsKey(instance)) {
      fault = "names '%s', which does not exist in the zone of the group".formatted(instance);
    } else {
      nic = interfaces.byInstance().getOrDefault(instance, Optional.empty()).orElse(null);
      if (nic == null) {
        fault =
            "names '%s', which has no interface in the network of the group, '%s'"
                .formatted(instance, definition.network());
      } else if (!nic.subnetwork().equals(definition.subnetwork())) {
        fault =
            "names '%s', whose interface is in '%s'; the group is in '%s'"
                .formatted(instance, nic.subnetwork(), definition.subnetwork());
        nic = null;
      }
    }
    if (fault != null) {
      fault(field + ".instance", fault);
    }
    return nic;
  }

  private @Nullable Endpoint onInterface(Endpoint endpoint, Interface nic, String field) {
    Optional<Ipv4Range> range = nic.rangeOf(endpoint.address().ip());
    if (range.isEmpty()) {
      fault(
          field + ".ip_address",
          "must be the primary address of '%s' in the network, %s, or an alias of it"
              .formatted(endpoint.instance(), nic.primary()));
      return null;
    }
    return new Endpoint(endpoint.instance(), endpoint.address(), endpoint.annotations(), range);
  }

  private void checkAnnotations(EndpointRequest request, String field) {
    Annotations.OF_ENDPOINT.check(request.annotations(), field + ".annotations", violations);
  }

  static boolean isInstance(String name) {
    return INSTANCE.matcher(name).matches();
  }

  private void checkIp(Optional<Ipv4Address> ip, EndpointRequest request, int index) {
    violations.check(
        ip.isPresent(),
        field(index) + ".ip_address",
        request.ipAddress().isEmpty()
            ? "must be given"
            : "must be an IPv4 address such as 10.0.0.1");
  }

  /** The address with the default port filled in, or null when it is faulty or named before. */
  private @Nullable EndpointAddress address(
      Optional<Ipv4Address> ip, EndpointRequest request, int index) {
    String field = field(index);
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

  /** The endpoint is good in itself. */
  private void misplaced(int index, String reason, String fault) {
    if (violations.isEmpty()) {
      misplacement = reason;
    }
    fault(field(index), fault);
  }

  private void fault(String field, String rule) {
    violations.check(false, field, rule);
  }

  /** Ends the check of an endpoint. */
  private void conclude(int index) {
    if (!violations.isEmpty()) {
      rejected.add(new RejectedEndpoint(index, misplacement, violations.found()));
      violations = new Violations();
      misplacement = INVALID;
    }
  }

  private static String field(int index) {
    return FIELD + "[" + index + "]";
  }

  private Decision<NegEvent> decision(BadEndpoint badEndpoint) {
    return switch (badEndpoint) {
      case IS_LEFT_OUT -> Decision.accepted(events);
      case REFUSES ->
          refusal().<Decision<NegEvent>>map(Decision::rejected).orElse(Decision.accepted(events));
    };
  }

  private Optional<Rejection> refusal() {
    Violations all = new Violations();
    rejected.forEach(endpoint -> all.addAll(endpoint.faults()));
    Optional<String> reason =
        rejected.stream().map(RejectedEndpoint::reason).distinct().reduce((_, _) -> INVALID);
    if (reason.isEmpty() || reason.get().equals(INVALID)) {
      return all.rejection();
    }
    List<Violation> faults = all.found();
    return Optional.of(
        new Rejection(
            Kind.FAILED_PRECONDITION,
            reason.get(),
            "%s: %s%s. Nothing was changed."
                .formatted(
                    faults.getFirst().subject(),
                    faults.getFirst().description(),
                    faults.size() == 1 ? "" : " (and %d more)".formatted(faults.size() - 1)),
            faults));
  }
}
