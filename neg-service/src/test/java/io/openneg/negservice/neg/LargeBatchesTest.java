package io.openneg.negservice.neg;

import static org.assertj.core.api.Assertions.assertThat;

import io.openneg.negservice.neg.NegCommand.AttachEndpoints;
import io.openneg.negservice.neg.NegCommand.BadEndpoint;
import io.openneg.negservice.neg.NegCommand.DetachEndpoints;
import io.openneg.negservice.neg.NegCommand.SetEndpoints;
import io.openneg.negservice.neg.NegCommand.StartDeletion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Batches up to 10,000 endpoints against the naive model; the limit is met again and again. */
class LargeBatchesTest {
  private static final int POOL = 14_000;

  @Test
  void whateverBatchesComeTheGroupIsAsTheNaiveModelSays() {
    boolean full = false;
    for (long seed = 1; seed <= 6; seed++) {
      Random random = new Random(seed);
      GroupUnderTest group = new GroupUnderTest();
      group.run(Groups.createNeg());
      for (int step = 0; step < 25; step++) {
        NegCommand command = command(random);
        group.run(command);
        if (command instanceof SetEndpoints) {
          assertThat(group.run(command)).as("set again").isZero();
        }
        full |= group.size() == EndpointRules.MAX_ENDPOINTS;
      }
      group.run(new StartDeletion(Groups.NAME));
      group.run(Groups.conclude(0));
      group.isReplayedAlike();
    }
    assertThat(full).as("the limit was met").isTrue();
  }

  private static NegCommand command(Random random) {
    BadEndpoint badEndpoint =
        random.nextInt(3) == 0 ? BadEndpoint.REFUSES : BadEndpoint.IS_LEFT_OUT;
    List<EndpointRequest> endpoints = endpoints(random);
    return switch (random.nextInt(8)) {
      case 0, 1, 2, 3 ->
          new AttachEndpoints(Groups.NAME, endpoints, false, Groups.INTERFACES, badEndpoint);
      case 4, 5 -> new DetachEndpoints(Groups.NAME, endpoints, badEndpoint);
      default ->
          new SetEndpoints(Groups.NAME, endpoints, false, Groups.INTERFACES, Map.of(), badEndpoint);
    };
  }

  /** One call in two has none that is bad in itself, one in three none named twice. */
  private static List<EndpointRequest> endpoints(Random random) {
    boolean faulty = random.nextBoolean();
    boolean repeating = random.nextInt(3) != 0;
    int size =
        switch (random.nextInt(10)) {
          case 0 -> 0;
          case 1 -> 10_000;
          case 2 -> 10_001;
          default -> 1 + random.nextInt(10_000);
        };
    int start = random.nextInt(POOL);
    List<EndpointRequest> endpoints = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int n = (start + (repeating && random.nextInt(1_000) == 0 ? 0 : i)) % POOL;
      boolean bad = faulty && random.nextInt(1_000) == 0;
      endpoints.add(
          new EndpointRequest(
              bad && random.nextBoolean() ? "" : "vm-1",
              (bad && random.nextBoolean() ? "8." : "10.") + "0." + (n >> 8) + "." + (n & 255),
              bad && random.nextBoolean() ? OptionalInt.of(0) : OptionalInt.empty(),
              random.nextInt(500) == 0 ? Map.of("rack", "7") : Map.of()));
    }
    return endpoints;
  }
}
