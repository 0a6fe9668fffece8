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
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NegDeciderPropertyTest {
  private static final int SEQUENCES = 2_000;
  private static final int MAX_COMMANDS = 40;

  @Test
  void whateverIsAskedTheGroupIsAsTheNaiveModelSays() {
    for (int seed = 0; seed < SEQUENCES; seed++) {
      Random random = new Random(seed);
      GroupUnderTest group = new GroupUnderTest();
      try {
        for (int left = random.nextInt(MAX_COMMANDS + 1); left > 0; left--) {
          group.run(command(random));
        }
        group.isReplayedAlike();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static NegCommand command(Random random) {
    BadEndpoint bad = oneOf(random, BadEndpoint.values());
    int dice = random.nextInt(24);
    if (dice < 2) {
      OptionalInt defaultPort = oneOf(random, OptionalInt.of(8080), OptionalInt.empty());
      return Groups.createNeg("", defaultPort, "", Map.of(), new Census(0, 100));
    } else if (dice < 12) {
      return new AttachEndpoints(Groups.NAME, endpoints(random, 4), false, Groups.INTERFACES, bad);
    } else if (dice < 18) {
      return new DetachEndpoints(Groups.NAME, endpoints(random, 3), bad);
    } else if (dice < 22) {
      return new SetEndpoints(
          Groups.NAME, endpoints(random, 4), false, Groups.INTERFACES, Map.of(), bad);
    } else if (dice < 23) {
      return new StartDeletion(Groups.NAME);
    }
    return oneOf(random, Groups.conclude(0), Groups.conclude(0, "projects/p/user"));
  }

  private static List<EndpointRequest> endpoints(Random random, int most) {
    return IntStream.range(0, random.nextInt(most + 1)).mapToObj(_ -> endpoint(random)).toList();
  }

  /** Mostly good ones, of few, so that they meet. */
  private static EndpointRequest endpoint(Random random) {
    boolean odd = random.nextInt(8) == 0;
    String instance = odd ? oneOf(random, "vm-1", "", "VM") : "vm-1";
    String address =
        odd
            ? oneOf(random, "10.0.0.1", "8.8.8.8", "10.0.0", "")
            : oneOf(random, "10.0.0.1", "10.0.0.2", "192.168.0.3");
    OptionalInt port =
        odd
            ? oneOf(random, OptionalInt.empty(), OptionalInt.of(0))
            : oneOf(random, OptionalInt.empty(), OptionalInt.of(8080), OptionalInt.of(81));
    Map<String, String> annotations = random.nextInt(4) == 0 ? Map.of("rack", "7") : Map.of();
    return new EndpointRequest(instance, address, port, annotations);
  }

  @SafeVarargs
  private static <T> T oneOf(Random random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
