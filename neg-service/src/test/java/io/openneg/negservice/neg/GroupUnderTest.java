package io.openneg.negservice.neg;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.negservice.neg.NegCommand.ConcludeDeletion;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NetworkEndpointGroup.Absent;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A group run beside the naive model: whatever is asked, both must say the same. */
final class GroupUnderTest {
  private final NegDecider decider = new NegDecider();
  private final NegEventCodec codec = new NegEventCodec();
  private final NaiveGroup model = new NaiveGroup();
  private final List<NegEvent> log = new ArrayList<>();
  private final Map<EndpointAddress, Endpoint> details = new HashMap<>();
  private NetworkEndpointGroup state = decider.initial();

  /** How many events the command led to. */
  int run(NegCommand asked) {
    NegCommand command = concerning(asked);
    boolean accepted = model.run(command);
    int before = log.size();
    switch (decider.decide(state, command)) {
      case Accepted<NegEvent>(List<NegEvent> events) -> {
        assertThat(accepted).as("accepted by the model: %s", brief(command)).isTrue();
        if (live(state) instanceof Live group) {
          assertThat(EndpointRules.leftOut(group, command))
              .extracting(RejectedEndpoint::index)
              .isEqualTo(model.leftOut);
        }
        events.forEach(this::record);
      }
      case Rejected<NegEvent> rejected ->
          assertThat(accepted).as("%s: %s", brief(command), rejected).isFalse();
    }
    assertThat(members()).isEqualTo(model.members);
    assertThat(state instanceof Absent).isEqualTo(!model.exists);
    assertThat(state instanceof Deleting).isEqualTo(model.deleting);
    return log.size() - before;
  }

  /** Replaying what was recorded, as bytes, leads to the same group. */
  void isReplayedAlike() {
    NetworkEndpointGroup replayed = decider.initial();
    for (NegEvent event : log) {
      replayed = decider.evolve(replayed, codec.decode(codec.encode(event)));
    }
    assertThat(replayed).isEqualTo(state);
  }

  int size() {
    return details.size();
  }

  private void record(NegEvent event) {
    state = decider.evolve(state, event);
    log.add(event);
    switch (event) {
      case NegEvent.EndpointAttached(Endpoint endpoint) ->
          assertThat(details.put(endpoint.address(), endpoint)).isNull();
      case NegEvent.EndpointUpdated(Endpoint endpoint) ->
          assertThat(details.put(endpoint.address(), endpoint)).isNotNull().isNotEqualTo(endpoint);
      case NegEvent.EndpointDetached(EndpointAddress address) ->
          assertThat(details.remove(address)).isNotNull();
      case NegEvent.NegDeleted _ -> details.clear();
      case NegEvent.NegCreated _, NegEvent.NegDeletionStarted _, NegEvent.NegDeletionRefused _ -> {}
    }
    assertThat(details.size()).isLessThanOrEqualTo(EndpointRules.MAX_ENDPOINTS);
  }

  /** With what the command must know of the group; late verdicts have their tests elsewhere. */
  private NegCommand concerning(NegCommand command) {
    return switch (command) {
      case ConcludeDeletion(var name, var id, _, var users)
          when state instanceof Deleting(Live group) ->
          new ConcludeDeletion(name, id, group.refusedDeletions(), users);
      case SetEndpoints(var name, var endpoints, var lab, _, _, var badEndpoint) ->
          new SetEndpoints(
              name, endpoints, lab, Groups.INTERFACES, Map.copyOf(details), badEndpoint);
      default -> command;
    };
  }

  private Map<String, String> members() {
    Map<String, String> members = new HashMap<>();
    details.forEach(
        (address, endpoint) ->
            members.put(address.toString(), endpoint.instance() + endpoint.annotations()));
    if (live(state) instanceof Live group) {
      // Not by AssertJ, which looks for each in all of them.
      assertThat(group.endpoints().equals(details.keySet())).as("endpoints").isTrue();
    } else {
      assertThat(details).isEmpty();
    }
    return members;
  }

  private static NetworkEndpointGroup live(NetworkEndpointGroup state) {
    return state instanceof Deleting(Live group) ? group : state;
  }

  private static String brief(NegCommand command) {
    String text = command.toString();
    return text.length() > 500 ? text.substring(0, 500) + "…" : text;
  }
}
