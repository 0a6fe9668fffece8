package io.openneg.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;

class FoldCacheIT {
  private static final int CACHED_WEIGHT = 10;

  private final AtomicInteger evolved = new AtomicInteger();

  @Test
  void statesAreKeptByTheirWeightNotByTheirNumber() {
    try (TestDatabase database = TestDatabase.fresh()) {
      CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner =
          new CommandRunner<>(
              database.jdbi(),
              new EventStore("cache.events.v1"),
              weighed(),
              Basket.CODEC,
              new NoTables(),
              () -> {},
              CACHED_WEIGHT);
      run(runner, "light", Basket.Put.many("x", 5));
      assertThat(evolvedBy(runner, "light")).as("it is kept").isEqualTo(1);
      run(runner, "heavy", Basket.Put.many("x", 20));
      // Eviction takes its time.
      await().until(() -> evolvedBy(runner, "heavy") > 20);
    }
  }

  private int evolvedBy(CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner, String stream) {
    int before = evolved.get();
    run(runner, stream, Basket.Put.one("y"));
    return evolved.get() - before;
  }

  private static void run(
      CommandRunner<Basket, Basket.Put, Basket.ThingPut> runner, String stream, Basket.Put put) {
    runner.run(stream, put, CommandContext.internal(Instant.now(), "test", "test")).orThrow();
  }

  /** Baskets that weigh what is in them. */
  private Decider<Basket, Basket.Put, Basket.ThingPut> weighed() {
    return new Decider<>() {
      @Override
      public Basket initial() {
        return Basket.DECIDER.initial();
      }

      @Override
      public Decision<Basket.ThingPut> decide(Basket basket, Basket.Put command) {
        return Basket.DECIDER.decide(basket, command);
      }

      @Override
      public Basket evolve(Basket basket, Basket.ThingPut event) {
        evolved.incrementAndGet();
        return Basket.DECIDER.evolve(basket, event);
      }

      @Override
      public int weight(Basket basket) {
        return 1 + basket.size();
      }
    };
  }

  private static final class NoTables implements Projection {
    @Override
    public void apply(Handle tx, List<RecordedEvent> events) {}

    @Override
    public void clear(Handle tx) {}
  }
}
