package io.openneg.negservice.neg;

import io.openneg.negservice.neg.NegEvent.EndpointAttached;
import io.openneg.negservice.neg.NegEvent.EndpointDetached;
import io.openneg.negservice.neg.NegEvent.EndpointUpdated;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What makes the endpoints of a group those that were declared. Pure. */
final class EndpointDifference {
  private EndpointDifference() {}

  /**
   * What must go goes first, so that the group is at no moment larger than before or behind it.
   * Each kind in order of address and port.
   *
   * @param details of the endpoints of the group
   * @return none when they are these already
   */
  static List<NegEvent> events(
      Live group, Map<EndpointAddress, Endpoint> details, List<Endpoint> declared) {
    Map<EndpointAddress, Endpoint> wanted = new TreeMap<>();
    declared.forEach(endpoint -> wanted.put(endpoint.address(), endpoint));
    List<NegEvent> events = new ArrayList<>();
    group.endpoints().stream()
        .filter(address -> !wanted.containsKey(address))
        .sorted()
        .forEach(address -> events.add(new EndpointDetached(address)));
    List<NegEvent> attached = new ArrayList<>();
    wanted.forEach(
        (address, endpoint) -> {
          if (!group.endpoints().contains(address)) {
            attached.add(new EndpointAttached(endpoint));
          } else if (!endpoint.equals(details.get(address))) {
            events.add(new EndpointUpdated(endpoint));
          }
        });
    events.addAll(attached);
    return events;
  }
}
