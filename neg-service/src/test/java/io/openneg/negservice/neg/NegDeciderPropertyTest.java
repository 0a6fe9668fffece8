package io.openneg.negservice.neg;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.eventlog.Decision.Accepted;
import io.openneg.eventlog.Decision.Rejected;
import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.Census;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import io.openneg.negservice.neg.NetworkEndpointGroup.Absent;
import io.openneg.negservice.neg.NetworkEndpointGroup.Deleting;
import io.openneg.negservice.neg.NetworkEndpointGroup.Live;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class NegDeciderPropertyTest {
  private final NegDecider decider = new NegDecider();
  private final NegEventCodec codec = new NegEventCodec();

  @Property(tries = 2_000)
  void whateverIsAskedTheGroupIsAsTheNaiveModelSays(@ForAll("commands") List<NegCommand> commands) {
    NaiveGroup model = new NaiveGroup();
    NetworkEndpointGroup state = decider.initial();
    List<NegEvent> log = new ArrayList<>();
    for (NegCommand command : commands) {
      boolean accepted = model.run(command);
      switch (decider.decide(state, concerning(state, command))) {
        case Accepted<NegEvent>(List<NegEvent> events) -> {
          assertThat(accepted).as("accepted by the model: %s", command).isTrue();
          for (NegEvent event : events) {
            state = decider.evolve(state, event);
            log.add(event);
          }
        }
        case Rejected<NegEvent> rejected ->
            assertThat(accepted).as("%s: %s", command, rejected).isFalse();
      }
      assertThat(members(state)).isEqualTo(model.members);
      assertThat(state instanceof Absent).isEqualTo(!model.exists);
      assertThat(state instanceof Deleting).isEqualTo(model.deleting);
    }
    assertThat(replayed(log)).isEqualTo(state);
  }

  private NetworkEndpointGroup replayed(List<NegEvent> log) {
    NetworkEndpointGroup state = decider.initial();
    for (NegEvent event : log) {
      state = decider.evolve(state, codec.decode(codec.encode(event)));
    }
    return state;
  }

  /** A verdict is on the deletion under way; late ones have their tests elsewhere. */
  private static NegCommand concerning(NetworkEndpointGroup state, NegCommand command) {
    return command instanceof NegCommand.ConcludeDeletion(var name, var id, _, var users)
            && state instanceof Deleting(Live group)
        ? new NegCommand.ConcludeDeletion(name, id, group.refusedDeletions(), users)
        : command;
  }

  private static Set<String> members(NetworkEndpointGroup state) {
    return switch (state) {
      case Absent _ -> Set.of();
      case Live group -> members(group);
      case Deleting(Live group) -> members(group);
    };
  }

  private static Set<String> members(Live group) {
    assertThat(group.endpoints()).hasSize(Set.copyOf(group.endpoints()).size());
    return group.endpoints().stream().map(EndpointAddress::toString).collect(toSet());
  }

  @Provide
  Arbitrary<List<NegCommand>> commands() {
    Arbitrary<OptionalInt> defaultPorts = Arbitraries.of(OptionalInt.of(8080), OptionalInt.empty());
    Arbitrary<NegCommand> create =
        defaultPorts.map(port -> Groups.createNeg("", port, "", Map.of(), new Census(0, 100)));
    Arbitrary<NegCommand> attach =
        endpoints().list().ofMaxSize(4).map(e -> new AttachEndpoints(Groups.NAME, e, false));
    Arbitrary<NegCommand> detach =
        endpoints().list().ofMaxSize(3).map(e -> new DetachEndpoints(Groups.NAME, e));
    Arbitrary<NegCommand> conclude =
        Arbitraries.of(Groups.conclude(0), Groups.conclude(0, "projects/p/user"));
    return Arbitraries.frequencyOf(
            Tuple.of(2, create),
            Tuple.of(10, attach),
            Tuple.of(6, detach),
            Tuple.of(1, Arbitraries.just(new StartDeletion(Groups.NAME))),
            Tuple.of(1, conclude))
        .list()
        .ofMaxSize(40);
  }

  /** Mostly good ones, of few, so that they meet. */
  private static Arbitrary<EndpointRequest> endpoints() {
    Arbitrary<String> instances =
        Arbitraries.frequency(Tuple.of(20, "vm-1"), Tuple.of(1, ""), Tuple.of(1, "VM"));
    Arbitrary<String> addresses =
        Arbitraries.frequency(
            Tuple.of(10, "10.0.0.1"),
            Tuple.of(10, "10.0.0.2"),
            Tuple.of(10, "192.168.0.3"),
            Tuple.of(1, "8.8.8.8"),
            Tuple.of(1, "10.0.0"),
            Tuple.of(1, ""));
    Arbitrary<OptionalInt> ports =
        Arbitraries.frequency(
            Tuple.of(10, OptionalInt.empty()),
            Tuple.of(10, OptionalInt.of(8080)),
            Tuple.of(10, OptionalInt.of(81)),
            Tuple.of(1, OptionalInt.of(0)));
    return Combinators.combine(instances, addresses, ports)
        .as((instance, ip, port) -> new EndpointRequest(instance, ip, port, Map.of()));
  }
}
