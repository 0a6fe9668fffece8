package io.openneg.negservice.inventory.instancegroup;

import static java.util.Objects.requireNonNull;

import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.InstanceGroupDeleted;
import io.openneg.neg.v1.InstanceGroupDeletionStarted;
import io.openneg.neg.v1.InstancesAdded;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NegEvent;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.AddInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.ConcludeDeletion;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Create;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.Interface;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.RemoveInstances;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.SetNamedPorts;
import io.openneg.negservice.inventory.instancegroup.InstanceGroupCommand.StartDeletion;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.ResourceName;
import io.openneg.serviceruntime.api.ResourceName.Scope;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The rules of an instance group. Pure. */
public final class InstanceGroupDecider
    implements Decider<InstanceGroupState, InstanceGroupCommand, NegEvent> {
  static final int MAX_MEMBERS = 2_000;
  static final int MAX_PORTS = 500;
  private static final int MAX_PORT = 65_535;
  private static final int WEIGHT_OF_GROUP = 10;
  private static final Pattern PORT_NAME = Pattern.compile("[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?");

  @Override
  public InstanceGroupState initial() {
    return InstanceGroupState.ABSENT;
  }

  @Override
  public Decision<NegEvent> decide(InstanceGroupState state, InstanceGroupCommand command) {
    InstanceGroup group = state.group();
    if (command instanceof Create create) {
      return group == null ? create(create) : rejected(Refusals.alreadyExists(create.name()));
    }
    if (group == null) {
      // The outcome of a deletion that somebody else has recorded.
      return command instanceof ConcludeDeletion
          ? Decision.accepted()
          : rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create _ -> throw new IllegalStateException("decided above");
      case AddInstances add -> deleting(state).orElseGet(() -> add(state, group, add));
      case RemoveInstances remove -> deleting(state).orElseGet(() -> remove(state, group, remove));
      case SetNamedPorts set -> deleting(state).orElseGet(() -> setNamedPorts(state, group, set));
      case StartDeletion _ ->
          state.deleting()
              ? Decision.accepted()
              : Decision.accepted(
                  NegEvent.newBuilder()
                      .setInstanceGroupDeletionStarted(
                          InstanceGroupDeletionStarted.getDefaultInstance())
                      .build());
      case ConcludeDeletion conclude -> conclude(state, group, conclude);
    };
  }

  private static Optional<Decision<NegEvent>> deleting(InstanceGroupState state) {
    return state.deleting() && state.group() != null
        ? Optional.of(
            Decision.rejected(
                Kind.FAILED_PRECONDITION,
                "DELETION_IN_PROGRESS",
                "The group '%s' is being deleted; its members and ports do not change any more."
                    .formatted(state.group().getName())))
        : Optional.empty();
  }

  private static Decision<NegEvent> conclude(
      InstanceGroupState state, InstanceGroup group, ConcludeDeletion conclude) {
    if (!state.deleting()
        || group.getId() != conclude.id()
        || state.refusedDeletions() != conclude.refusedBefore()) {
      // Somebody else was first.
      return Decision.accepted();
    }
    NegEvent.Builder outcome = NegEvent.newBuilder();
    if (conclude.users().isEmpty()) {
      outcome.setInstanceGroupDeleted(InstanceGroupDeleted.getDefaultInstance());
    } else {
      outcome.getInstanceGroupDeletionRefusedBuilder().addAllUsers(conclude.users());
    }
    return Decision.accepted(outcome.build());
  }

  private static Decision<NegEvent> create(Create create) {
    InstanceGroup wanted = create.wanted();
    Violations violations = new Violations();
    Contents.checkDescription(wanted.getDescription(), "instance_group.description", violations);
    checkPorts(wanted.getNamedPortsList(), "instance_group.named_ports", violations);
    return violations
        .rejection()
        .map(InstanceGroupDecider::rejected)
        .orElseGet(
            () -> {
              NegEvent.Builder event = NegEvent.newBuilder();
              event
                  .getInstanceGroupCreatedBuilder()
                  .setInstanceGroup(
                      InstanceGroup.newBuilder()
                          .setName(create.name())
                          .setId(create.id())
                          .setCreationTimestamp(create.now())
                          .setDescription(wanted.getDescription())
                          .addAllNamedPorts(wanted.getNamedPortsList()));
              return Decision.accepted(event.build());
            });
  }

  private static void checkPorts(List<NamedPort> ports, String field, Violations violations) {
    violations.check(
        ports.size() <= MAX_PORTS,
        field,
        "must have at most %d items, has %d".formatted(MAX_PORTS, ports.size()));
    Set<NamedPort> seen = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      NamedPort port = ports.get(i);
      String item = field + "[" + i + "]";
      violations.check(
          PORT_NAME.matcher(port.getName()).matches(),
          item + ".name",
          "must be 1-63 characters: a lower-case letter first, then lower-case letters, digits and"
              + " hyphens, no hyphen last");
      violations.range(port.getPort(), 1, MAX_PORT, item + ".port");
      violations.check(
          seen.add(port), item, "repeats %s:%d".formatted(port.getName(), port.getPort()));
    }
  }

  private static Decision<NegEvent> add(
      InstanceGroupState state, InstanceGroup group, AddInstances add) {
    Optional<Rejection> malformed = malformed(group.getName(), add.instances());
    if (malformed.isPresent()) {
      return rejected(malformed.get());
    }
    String network = group.getNetwork();
    for (int i = 0; i < add.instances().size(); i++) {
      String field = "instances[" + i + "]";
      String instance = add.instances().get(i);
      Interface first = add.interfaces().get(instance);
      if (first == null) {
        return rejected(Refusals.missing(field, instance));
      }
      String own = first.network();
      if (state.members().containsKey(instance)) {
        return rejected(
            Refusals.precondition("INSTANCE_ALREADY_MEMBER", field, "is a member already"));
      }
      network = network.isEmpty() ? own : network;
      if (!own.equals(network)) {
        return rejected(
            Refusals.precondition(
                "OTHER_NETWORK",
                field,
                "is in '%s'; the members of the group are in '%s'".formatted(own, network)));
      }
    }
    int size = state.members().size() + add.instances().size();
    if (size > MAX_MEMBERS) {
      return Decision.rejected(
          Kind.RESOURCE_EXHAUSTED,
          "INSTANCE_LIMIT_EXCEEDED",
          "'%s' would have %d members; it takes %d.".formatted(group.getName(), size, MAX_MEMBERS));
    }
    SortedSet<Integer> ports = MemberEndpoints.ports(group.getNamedPortsList());
    Optional<Rejection> tooMany = MemberEndpoints.tooMany(group, size, ports.size());
    if (tooMany.isPresent()) {
      return rejected(tooMany.get());
    }
    Map<String, String> added = new LinkedHashMap<>();
    add.instances().forEach(name -> added.put(name, address(add, name)));
    NegEvent.Builder event = NegEvent.newBuilder();
    event
        .getInstancesAddedBuilder()
        .addAllInstances(added.keySet())
        .setNetwork(network)
        .addAllIpAddresses(added.values());
    List<NegEvent> events = new ArrayList<>(List.of(event.build()));
    events.addAll(MemberEndpoints.attached(added, ports));
    return Decision.accepted(events);
  }

  private static String address(AddInstances add, String instance) {
    return requireNonNull(add.interfaces().get(instance)).address();
  }

  private static Decision<NegEvent> remove(
      InstanceGroupState state, InstanceGroup group, RemoveInstances remove) {
    Optional<Rejection> malformed = malformed(remove.name(), remove.instances());
    if (malformed.isPresent()) {
      return rejected(malformed.get());
    }
    for (int i = 0; i < remove.instances().size(); i++) {
      if (!state.members().containsKey(remove.instances().get(i))) {
        return rejected(
            Refusals.precondition(
                "INSTANCE_NOT_MEMBER", "instances[" + i + "]", "is not a member"));
      }
    }
    Map<String, String> removed = new LinkedHashMap<>();
    remove
        .instances()
        .forEach(name -> removed.put(name, requireNonNull(state.members().get(name))));
    List<NegEvent> events =
        new ArrayList<>(
            MemberEndpoints.detached(removed, MemberEndpoints.ports(group.getNamedPortsList())));
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getInstancesRemovedBuilder().addAllInstances(remove.instances());
    events.add(event.build());
    return Decision.accepted(events);
  }

  /** Names are full, of the group's zone, and each is there once. */
  private static Optional<Rejection> malformed(String group, List<String> instances) {
    Violations violations = new Violations();
    violations.check(
        !instances.isEmpty() && instances.size() <= MAX_MEMBERS,
        "instances",
        "must have 1..%d items, has %d".formatted(MAX_MEMBERS, instances.size()));
    String zone = group.substring(0, group.indexOf("/instanceGroups/"));
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < instances.size(); i++) {
      String instance = instances.get(i);
      violations.check(
          ResourceName.isName(instance, Scope.ZONE, "instances") && instance.startsWith(zone + "/"),
          "instances[" + i + "]",
          "must be %s/instances/{id}, in the zone of the group".formatted(zone));
      violations.check(
          seen.add(instance), "instances[" + i + "]", "repeats '%s'".formatted(instance));
    }
    return violations.rejection();
  }

  private static Decision<NegEvent> setNamedPorts(
      InstanceGroupState state, InstanceGroup group, SetNamedPorts set) {
    if (!set.fingerprint().isEmpty()
        && !Fingerprint.matches(set.fingerprint(), fingerprint(group))) {
      return rejected(Refusals.changedMeanwhile("fingerprint"));
    }
    Violations violations = new Violations();
    checkPorts(set.ports(), "named_ports", violations);
    Optional<Rejection> fault = violations.rejection();
    if (fault.isPresent()) {
      return rejected(fault.get());
    }
    if (set.ports().equals(group.getNamedPortsList())) {
      return Decision.accepted();
    }
    SortedSet<Integer> before = MemberEndpoints.ports(group.getNamedPortsList());
    SortedSet<Integer> after = MemberEndpoints.ports(set.ports());
    Optional<Rejection> tooMany =
        MemberEndpoints.tooMany(group, state.members().size(), after.size());
    if (tooMany.isPresent()) {
      return rejected(tooMany.get());
    }
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getNamedPortsSetBuilder().addAllNamedPorts(set.ports());
    List<NegEvent> events = new ArrayList<>(List.of(event.build()));
    events.addAll(MemberEndpoints.attached(state.members(), without(after, before)));
    events.addAll(MemberEndpoints.detached(state.members(), without(before, after)));
    return Decision.accepted(events);
  }

  private static SortedSet<Integer> without(SortedSet<Integer> ports, SortedSet<Integer> others) {
    SortedSet<Integer> rest = new TreeSet<>(ports);
    rest.removeAll(others);
    return rest;
  }

  /** Of the named ports alone (compute v1): members come and go without changing it. */
  static String fingerprint(InstanceGroup group) {
    return Fingerprint.of(
        InstanceGroup.newBuilder().addAllNamedPorts(group.getNamedPortsList()).build());
  }

  private static Decision<NegEvent> rejected(Rejection rejection) {
    return Decision.rejected(rejection);
  }

  @Override
  public InstanceGroupState evolve(InstanceGroupState state, NegEvent event) {
    InstanceGroup group = state.group();
    if (event.hasInstanceGroupCreated() && group == null) {
      return InstanceGroupState.created(event.getInstanceGroupCreated().getInstanceGroup());
    }
    if (group != null) {
      switch (event.getEventCase()) {
        case INSTANCES_ADDED -> {
          return added(state, group, event.getInstancesAdded());
        }
        case INSTANCES_REMOVED -> {
          var members = state.members().minusAll(event.getInstancesRemoved().getInstancesList());
          InstanceGroup.Builder rest = group.toBuilder().setSize(members.size());
          return state.with(
              members.isEmpty() ? rest.clearNetwork().build() : rest.build(), members);
        }
        case NAMED_PORTS_SET -> {
          return state.with(
              group.toBuilder()
                  .clearNamedPorts()
                  .addAllNamedPorts(event.getNamedPortsSet().getNamedPortsList())
                  .build(),
              state.members());
        }
        case ENDPOINT_ATTACHED, ENDPOINT_DETACHED -> {
          // They follow from members and ports.
          return state;
        }
        case INSTANCE_GROUP_DELETION_STARTED -> {
          return state.startingDeletion();
        }
        case INSTANCE_GROUP_DELETION_REFUSED -> {
          return state.afterRefusedDeletion();
        }
        case INSTANCE_GROUP_DELETED -> {
          return InstanceGroupState.ABSENT;
        }
        default -> {}
      }
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), group != null));
  }

  private static InstanceGroupState added(
      InstanceGroupState state, InstanceGroup group, InstancesAdded added) {
    var members = state.members();
    for (int i = 0; i < added.getInstancesCount(); i++) {
      String address = i < added.getIpAddressesCount() ? added.getIpAddresses(i) : "";
      members = members.plus(added.getInstances(i), address);
    }
    return state.with(
        group.toBuilder().setNetwork(added.getNetwork()).setSize(members.size()).build(), members);
  }

  @Override
  public int weight(InstanceGroupState state) {
    return WEIGHT_OF_GROUP + state.members().size();
  }
}
