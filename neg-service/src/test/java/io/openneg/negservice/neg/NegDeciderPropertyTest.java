package io.openneg.negservice.neg;

import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.Census;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class NegDeciderPropertyTest {

  @Property(tries = 2_000)
  void whateverIsAskedTheGroupIsAsTheNaiveModelSays(@ForAll("commands") List<NegCommand> commands) {
    GroupUnderTest group = new GroupUnderTest();
    commands.forEach(group::run);
    group.isReplayedAlike();
  }

  @Provide
  Arbitrary<List<NegCommand>> commands() {
    Arbitrary<OptionalInt> defaultPorts = Arbitraries.of(OptionalInt.of(8080), OptionalInt.empty());
    Arbitrary<NegCommand> create =
        defaultPorts.map(port -> Groups.createNeg("", port, "", Map.of(), new Census(0, 100)));
    Arbitrary<BadEndpoint> bad = Arbitraries.of(BadEndpoint.class);
    Arbitrary<NegCommand> attach =
        Combinators.combine(endpoints().list().ofMaxSize(4), bad)
            .as((e, b) -> new AttachEndpoints(Groups.NAME, e, false, Groups.INTERFACES, b));
    Arbitrary<NegCommand> detach =
        Combinators.combine(endpoints().list().ofMaxSize(3), bad)
            .as((e, b) -> new DetachEndpoints(Groups.NAME, e, b));
    Arbitrary<NegCommand> set =
        Combinators.combine(endpoints().list().ofMaxSize(4), bad)
            .as((e, b) -> new SetEndpoints(Groups.NAME, e, false, Groups.INTERFACES, Map.of(), b));
    Arbitrary<NegCommand> conclude =
        Arbitraries.of(Groups.conclude(0), Groups.conclude(0, "projects/p/user"));
    return Arbitraries.frequencyOf(
            Tuple.of(2, create),
            Tuple.of(10, attach),
            Tuple.of(6, detach),
            Tuple.of(4, set),
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
    Arbitrary<Map<String, String>> annotations =
        Arbitraries.frequency(Tuple.of(3, Map.of()), Tuple.of(1, Map.of("rack", "7")));
    return Combinators.combine(instances, addresses, ports, annotations).as(EndpointRequest::new);
  }
}
