package io.openneg.negservice.inventory.network;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Timestamp;
import io.openneg.eventlog.Decider;
import io.openneg.eventlog.Decision;
import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.Network;
import io.openneg.neg.v1.NetworkDeleted;
import io.openneg.neg.v1.NetworkSwitchedToCustomMode;
import io.openneg.neg.v1.SecondaryRange;
import io.openneg.neg.v1.Subnetwork;
import io.openneg.negservice.inventory.network.NetworkCommand.Automatic;
import io.openneg.negservice.inventory.network.NetworkCommand.CompleteAutomatic;
import io.openneg.negservice.inventory.network.NetworkCommand.Create;
import io.openneg.negservice.inventory.network.NetworkCommand.CreateSubnetwork;
import io.openneg.negservice.inventory.network.NetworkCommand.Delete;
import io.openneg.negservice.inventory.network.NetworkCommand.DeleteSubnetwork;
import io.openneg.negservice.inventory.network.NetworkCommand.EnsureDefault;
import io.openneg.negservice.inventory.network.NetworkCommand.Expand;
import io.openneg.negservice.inventory.network.NetworkCommand.SwitchToCustomMode;
import io.openneg.negservice.inventory.network.NetworkCommand.UpdateSubnetwork;
import io.openneg.negservice.inventory.network.NetworkState.Mode;
import io.openneg.negservice.inventory.resource.Contents;
import io.openneg.negservice.inventory.resource.Refusals;
import io.openneg.serviceruntime.address.Ipv4Range;
import io.openneg.serviceruntime.api.Fingerprint;
import io.openneg.serviceruntime.api.Violations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.TreePMap;

/** The rules of a network and the subnetworks in it. Pure. */
public final class NetworkDecider implements Decider<NetworkState, NetworkCommand, NegEvent> {

  @Override
  public NetworkState initial() {
    return new NetworkState(false, null, TreePMap.empty());
  }

  @Override
  public Decision<NegEvent> decide(NetworkState state, NetworkCommand command) {
    Network network = state.network();
    if (command instanceof EnsureDefault(Create create)) {
      return state.existed() ? Decision.accepted() : create(create);
    }
    if (command instanceof Create create) {
      return network == null
          ? create(create)
          : Decision.rejected(Refusals.alreadyExists(create.name()));
    }
    if (network == null) {
      return Decision.rejected(Refusals.notFound(command.name()));
    }
    return switch (command) {
      case Create _, EnsureDefault _ -> throw new IllegalStateException("decided above");
      case CompleteAutomatic complete ->
          NetworkState.mode(network) == Mode.AUTO
              ? Decision.accepted(
                  automatic(state, complete.automatic(), complete.taken(), complete.now()))
              : Decision.accepted();
      case SwitchToCustomMode switched -> switchToCustomMode(network, switched);
      case Delete delete -> delete(state, delete);
      case CreateSubnetwork create -> createSubnetwork(state, network, create);
      case UpdateSubnetwork update -> updateSubnetwork(state, network, update);
      case Expand expand -> expand(state, network, expand);
      case DeleteSubnetwork delete -> deleteSubnetwork(state, network, delete);
    };
  }

  private static Decision<NegEvent> create(Create create) {
    Network wanted = create.wanted();
    Violations violations = new Violations();
    Contents.checkDescription(wanted.getDescription(), "network.description", violations);
    boolean legacy = !wanted.getIpv4Range().isEmpty();
    if (legacy) {
      SubnetworkRules.checkRange(
          wanted.getIpv4Range(), "network.ipv4_range", create.lab(), violations);
      violations.check(
          !wanted.hasAutoCreateSubnetworks(),
          "network.auto_create_subnetworks",
          "must be absent in a legacy network, which is one with ipv4_range");
    }
    Optional<Rejection> fault = violations.rejection();
    if (fault.isPresent()) {
      return Decision.rejected(fault.get());
    }
    Network.Builder network =
        Network.newBuilder()
            .setName(create.name())
            .setId(create.id())
            .setCreationTimestamp(create.now())
            .setDescription(wanted.getDescription())
            .setIpv4Range(wanted.getIpv4Range());
    boolean auto =
        !legacy && (!wanted.hasAutoCreateSubnetworks() || wanted.getAutoCreateSubnetworks());
    if (!legacy) {
      network.setAutoCreateSubnetworks(auto);
    }
    List<NegEvent> events = new ArrayList<>();
    NegEvent.Builder created = NegEvent.newBuilder();
    created.getNetworkCreatedBuilder().setNetwork(network);
    events.add(created.build());
    if (auto) {
      Optional<String> taken =
          create.automatic().stream()
              .map(Automatic::name)
              .filter(create.taken()::contains)
              .findFirst();
      if (taken.isPresent()) {
        return Decision.rejected(Refusals.alreadyExists(taken.get()));
      }
      create.automatic().forEach(a -> events.add(created(create.name(), a, create.now())));
    }
    return Decision.accepted(events);
  }

  private static NegEvent created(String network, Automatic automatic, Timestamp now) {
    NegEvent.Builder event = NegEvent.newBuilder();
    event
        .getSubnetworkCreatedBuilder()
        .getSubnetworkBuilder()
        .setName(automatic.name())
        .setId(automatic.id())
        .setCreationTimestamp(now)
        .setNetwork(network)
        .setIpCidrRange(automatic.range().toString())
        .setGatewayAddress(gateway(automatic.range()))
        .setAutomatic(true);
    return event.build();
  }

  private static String gateway(Ipv4Range range) {
    return range.first().plus(1).toString();
  }

  /** A region whose range or name is taken meanwhile goes without one. */
  private static List<NegEvent> automatic(
      NetworkState state, List<Automatic> wanted, Set<String> taken, Timestamp now) {
    List<NegEvent> events = new ArrayList<>();
    for (Automatic automatic : wanted) {
      boolean free =
          state.subnetworks().values().stream()
              .flatMap(other -> SubnetworkRules.ranges(other).values().stream())
              .noneMatch(automatic.range()::overlaps);
      if (free
          && !taken.contains(automatic.name())
          && !state.subnetworks().containsKey(automatic.name())) {
        Network network = requireNonNull(state.network());
        events.add(created(network.getName(), automatic, now));
      }
    }
    return events;
  }

  private static Decision<NegEvent> switchToCustomMode(
      Network network, SwitchToCustomMode command) {
    if (NetworkState.mode(network) != Mode.AUTO) {
      return Decision.rejected(
          Kind.FAILED_PRECONDITION,
          "NOT_AUTO_MODE",
          "The network '%s' is not in auto mode.".formatted(command.name()));
    }
    return Decision.accepted(
        NegEvent.newBuilder()
            .setNetworkSwitchedToCustomMode(NetworkSwitchedToCustomMode.getDefaultInstance())
            .build());
  }

  private static Decision<NegEvent> delete(NetworkState state, Delete delete) {
    List<String> users = new ArrayList<>();
    List<NegEvent> events = new ArrayList<>();
    state
        .subnetworks()
        .forEach(
            (name, subnetwork) -> {
              if (subnetwork.getAutomatic()) {
                events.add(deleted(name));
              } else {
                users.add(name);
              }
            });
    users.addAll(delete.users());
    if (!users.isEmpty()) {
      return Decision.rejected(Refusals.inUse(delete.name(), users));
    }
    events.add(
        NegEvent.newBuilder().setNetworkDeleted(NetworkDeleted.getDefaultInstance()).build());
    return Decision.accepted(events);
  }

  private static NegEvent deleted(String subnetwork) {
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getSubnetworkDeletedBuilder().setName(subnetwork);
    return event.build();
  }

  private static Decision<NegEvent> createSubnetwork(
      NetworkState state, Network network, CreateSubnetwork create) {
    if (create.taken() || state.subnetworks().containsKey(create.subnetwork())) {
      return Decision.rejected(Refusals.alreadyExists(create.subnetwork()));
    }
    if (NetworkState.mode(network) == Mode.LEGACY) {
      return Decision.rejected(
          Refusals.precondition(
              "LEGACY_NETWORK",
              "subnetwork.network",
              "names a legacy network, which has no subnetworks"));
    }
    Optional<Rejection> fault = SubnetworkRules.fault(create.wanted(), create.lab());
    if (fault.isPresent()) {
      return Decision.rejected(fault.get());
    }
    Subnetwork subnetwork =
        create.wanted().toBuilder()
            .clearFingerprint()
            .clearChangeToken()
            .clearAutomatic()
            .setName(create.subnetwork())
            .setId(create.id())
            .setCreationTimestamp(create.now())
            .setGatewayAddress(gateway(SubnetworkRules.range(create.wanted().getIpCidrRange())))
            .build();
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getSubnetworkCreatedBuilder().setSubnetwork(subnetwork);
    return apart(state, network, subnetwork, event.build());
  }

  private static Decision<NegEvent> apart(
      NetworkState state, Network network, Subnetwork subnetwork, NegEvent event) {
    return SubnetworkRules.overlap(
            subnetwork,
            state.subnetworks().minus(subnetwork.getName()).values(),
            NetworkState.mode(network) == Mode.AUTO)
        .<Decision<NegEvent>>map(Decision::rejected)
        .orElseGet(() -> Decision.accepted(event));
  }

  private static Decision<NegEvent> updateSubnetwork(
      NetworkState state, Network network, UpdateSubnetwork update) {
    Subnetwork current = state.subnetworks().get(update.subnetwork());
    if (current == null) {
      return Decision.rejected(Refusals.notFound(update.subnetwork()));
    }
    Subnetwork wanted = update.wanted();
    if (!wanted.getFingerprint().isEmpty()
        && !Fingerprint.matches(wanted.getFingerprint(), Fingerprint.of(current))) {
      return Decision.rejected(Refusals.changedMeanwhile("subnetwork.fingerprint"));
    }
    Subnetwork after =
        current.toBuilder()
            .setDescription(wanted.getDescription())
            .clearSecondaryIpRanges()
            .addAllSecondaryIpRanges(wanted.getSecondaryIpRangesList())
            .build();
    Optional<Rejection> fault =
        fixed(wanted, current)
            .or(() -> SubnetworkRules.fault(after, update.lab()))
            .or(() -> rangeInUse(current, after, update.usedRanges()));
    if (fault.isPresent()) {
      return Decision.rejected(fault.get());
    }
    return after.equals(current) ? Decision.accepted() : updated(state, network, after);
  }

  private static Optional<Rejection> fixed(Subnetwork wanted, Subnetwork current) {
    Violations violations = new Violations();
    violations.check(
        wanted.getNetwork().isEmpty() || wanted.getNetwork().equals(current.getNetwork()),
        "subnetwork.network",
        "must be absent or '%s'".formatted(current.getNetwork()));
    violations.check(
        wanted.getIpCidrRange().isEmpty()
            || wanted.getIpCidrRange().equals(current.getIpCidrRange()),
        "subnetwork.ip_cidr_range",
        "must be absent or '%s'; ExpandIpCidrRange makes it larger"
            .formatted(current.getIpCidrRange()));
    return violations.rejection();
  }

  private static Optional<Rejection> rangeInUse(
      Subnetwork current, Subnetwork after, Set<String> used) {
    Map<String, String> wanted = new HashMap<>();
    after
        .getSecondaryIpRangesList()
        .forEach(range -> wanted.put(range.getRangeName(), range.getIpCidrRange()));
    for (SecondaryRange range : current.getSecondaryIpRangesList()) {
      if (used.contains(range.getRangeName())
          && !range.getIpCidrRange().equals(wanted.get(range.getRangeName()))) {
        return Optional.of(
            Refusals.precondition(
                "RANGE_IN_USE",
                "subnetwork.secondary_ip_ranges",
                "must keep '%s' as it is: instances have addresses of it"
                    .formatted(range.getRangeName())));
      }
    }
    return Optional.empty();
  }

  private static Decision<NegEvent> updated(NetworkState state, Network network, Subnetwork after) {
    NegEvent.Builder event = NegEvent.newBuilder();
    event.getSubnetworkUpdatedBuilder().setSubnetwork(after);
    return apart(state, network, after, event.build());
  }

  private static Decision<NegEvent> expand(NetworkState state, Network network, Expand expand) {
    Subnetwork current = state.subnetworks().get(expand.subnetwork());
    if (current == null) {
      return Decision.rejected(Refusals.notFound(expand.subnetwork()));
    }
    Violations violations = new Violations();
    SubnetworkRules.checkRange(expand.range(), "ip_cidr_range", expand.lab(), violations);
    if (violations.isEmpty()) {
      violations.check(
          SubnetworkRules.range(expand.range())
              .contains(SubnetworkRules.range(current.getIpCidrRange())),
          "ip_cidr_range",
          "must contain the range there is, " + current.getIpCidrRange());
    }
    Optional<Rejection> fault = violations.rejection();
    if (fault.isPresent()) {
      return Decision.rejected(fault.get());
    }
    if (expand.range().equals(current.getIpCidrRange())) {
      return Decision.accepted();
    }
    return updated(
        state,
        network,
        current.toBuilder()
            .setIpCidrRange(expand.range())
            .setGatewayAddress(gateway(SubnetworkRules.range(expand.range())))
            .build());
  }

  private static Decision<NegEvent> deleteSubnetwork(
      NetworkState state, Network network, DeleteSubnetwork delete) {
    Subnetwork current = state.subnetworks().get(delete.subnetwork());
    if (current == null) {
      return Decision.rejected(Refusals.notFound(delete.subnetwork()));
    }
    if (current.getAutomatic()) {
      return Decision.rejected(
          Kind.FAILED_PRECONDITION,
          "AUTO_SUBNETWORK",
          "The subnetwork '%s' is an automatic one of '%s' and goes with it only."
              .formatted(delete.subnetwork(), network.getName()));
    }
    return delete.users().isEmpty()
        ? Decision.accepted(deleted(delete.subnetwork()))
        : Decision.rejected(Refusals.inUse(delete.subnetwork(), delete.users()));
  }

  @Override
  public NetworkState evolve(NetworkState state, NegEvent event) {
    Network network = state.network();
    TreePMap<String, Subnetwork> subnetworks = state.subnetworks();
    if (event.hasNetworkCreated() && network == null) {
      return new NetworkState(true, event.getNetworkCreated().getNetwork(), TreePMap.empty());
    }
    if (network != null) {
      if (event.hasNetworkSwitchedToCustomMode()) {
        TreePMap<String, Subnetwork> custom = TreePMap.empty();
        for (Subnetwork each : subnetworks.values()) {
          custom = custom.plus(each.getName(), each.toBuilder().setAutomatic(false).build());
        }
        return new NetworkState(
            true, network.toBuilder().setAutoCreateSubnetworks(false).build(), custom);
      }
      if (event.hasNetworkDeleted() && subnetworks.isEmpty()) {
        return new NetworkState(true, null, TreePMap.empty());
      }
      if (event.hasSubnetworkCreated()) {
        Subnetwork created = event.getSubnetworkCreated().getSubnetwork();
        if (!subnetworks.containsKey(created.getName())) {
          return new NetworkState(true, network, subnetworks.plus(created.getName(), created));
        }
      }
      if (event.hasSubnetworkUpdated()) {
        Subnetwork updated = event.getSubnetworkUpdated().getSubnetwork();
        if (subnetworks.containsKey(updated.getName())) {
          return new NetworkState(true, network, subnetworks.plus(updated.getName(), updated));
        }
      }
      if (event.hasSubnetworkDeleted()
          && subnetworks.containsKey(event.getSubnetworkDeleted().getName())) {
        return new NetworkState(
            true, network, subnetworks.minus(event.getSubnetworkDeleted().getName()));
      }
    }
    throw new IllegalStateException(
        "%s cannot follow (exists: %s)".formatted(event.getEventCase(), network != null));
  }
}
