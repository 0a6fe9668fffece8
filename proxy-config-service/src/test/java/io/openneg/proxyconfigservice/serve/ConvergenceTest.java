package io.openneg.proxyconfigservice.serve;

import io.openneg.proxyconfigservice.RandomRows;
import io.openneg.proxyconfigservice.xds.XdsSnapshot.Audience;
import java.util.Random;
import java.util.function.LongConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever changes while messages are under way: proxies get there, and never over a gap. */
class ConvergenceTest {
  private static final int RUNS = 30;

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void aWellBehavedProxyConvergesWithoutAnyWaitExpiring(boolean proxyless, boolean delta) {
    repeat((seed) -> run(new Audience(proxyless, ""), delta, false, seed));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void soDoesOneThatComesBackTimeAndAgain(boolean proxyless) {
    repeat((seed) -> run(new Audience(proxyless, ""), true, true, seed));
  }

  private static void repeat(LongConsumer run) {
    for (int seed = 0; seed < RUNS; seed++) {
      try {
        run.accept(seed);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static void run(Audience audience, boolean delta, boolean reconnects, long seed) {
    Random random = new Random(seed);
    RandomRows rows = new RandomRows(seed);
    World world = new World(rows.distinct(60));
    SimulatedProxy proxy = new SimulatedProxy(audience, delta, world.snapshot(), seed);
    for (int change = 0; change < 30; change++) {
      int steps = random.nextInt(6);
      for (int step = 0; step < steps; step++) {
        proxy.step();
      }
      proxy.publish(world.change(rows.distinct(1 + random.nextInt(4))));
      if (reconnects && random.nextInt(4) == 0) {
        proxy.reconnect();
      }
    }
    while (proxy.step()) {}
    proxy.checkUpToDate();
  }
}
