package io.openneg.negservice.inventory.instancegroup;

import io.openneg.eventlog.Rejection;
import io.openneg.eventlog.Rejection.Kind;
import io.openneg.neg.v1.InstanceGroup;
import io.openneg.neg.v1.NamedPort;
import io.openneg.neg.v1.NegEvent;
import io.openneg.neg.v1.NetworkEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where the members of an instance group serve: at their addresses, at each of the group's ports.
 * They are told as the endpoints of a network endpoint group are, so whoever follows those follows
 * these. Pure.
 */
final class MemberEndpoints {
  /** As many as a network endpoint group may have. */
  static final int MAX_ENDPOINTS = 10_000;

  private MemberEndpoints() {}

  /** Each port once, whatever names it has. */
  static SortedSet<Integer> ports(Collection<NamedPort> named) {
    return named.stream().map(NamedPort::getPort).collect(Collectors.toCollection(TreeSet::new));
  }

  static Optional<Rejection> tooMany(InstanceGroup group, int members, int ports) {
    long endpoints = (long) members * ports;
    return endpoints <= MAX_ENDPOINTS
        ? Optional.empty()
        : Optional.of(
            new Rejection(
                Kind.RESOURCE_EXHAUSTED,
                "ENDPOINT_LIMIT_EXCEEDED",
                "'%s' would have %,d members times %,d ports; it takes %,d endpoints."
                    .formatted(group.getName(), members, ports, MAX_ENDPOINTS)));
  }

  /**
   * @param members addresses by instance; those without one do not serve
   */
  static List<NegEvent> attached(Map<String, String> members, Collection<Integer> ports) {
    List<NegEvent> events = new ArrayList<>();
    members.forEach(
        (instance, address) -> {
          for (int port : address.isEmpty() ? List.<Integer>of() : ports) {
            NegEvent.Builder event = NegEvent.newBuilder();
            event
                .getEndpointAttachedBuilder()
                .setNetworkEndpoint(
                    NetworkEndpoint.newBuilder()
                        .setInstance(id(instance))
                        .setIpAddress(address)
                        .setPort(port))
                .setInstanceRange(address + "/32");
            events.add(event.build());
          }
        });
    return events;
  }

  /** As {@link #attached}. */
  static List<NegEvent> detached(Map<String, String> members, Collection<Integer> ports) {
    List<NegEvent> events = new ArrayList<>();
    for (String address : members.values()) {
      for (int port : address.isEmpty() ? List.<Integer>of() : ports) {
        NegEvent.Builder event = NegEvent.newBuilder();
        event.getEndpointDetachedBuilder().setIpAddress(address).setPort(port);
        events.add(event.build());
      }
    }
    return events;
  }

  private static String id(String instance) {
    return instance.substring(instance.lastIndexOf('/') + 1);
  }
}
