package io.openneg.edgeproxy.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BalancerTest {

  private static final Policy ROUND_ROBIN = new Policy.RoundRobin();

  private static Locality<String> locality(String id, int priority, long weight, String... hosts) {
    return new Locality<>(id, priority, weight, hosts.length, List.of(hosts));
  }

  private static Balancer<String> weighted(List<Locality<String>> localities) {
    return weighted(localities, null);
  }

  private static Balancer<String> weighted(
      List<Locality<String>> localities, @Nullable Balancer<String> predecessor) {
    return new Balancer<>(
        ROUND_ROBIN,
        localities,
        true,
        140,
        _ -> 0,
        String::hashCode,
        new SplittableRandom(7),
        predecessor);
  }

  private static Map<String, Integer> counts(Balancer<String> balancer, int requests) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      counts.merge(String.valueOf(balancer.next()), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void takesEndpointsOfALocalityOneAfterTheOther() {
    Balancer<String> balancer = weighted(List.of(locality("l", 0, 1, "a", "b", "c")));
    assertThat(counts(balancer, 30)).isEqualTo(Map.of("a", 10, "b", 10, "c", 10));
    assertThat(counts(balancer, 3)).isEqualTo(Map.of("a", 1, "b", 1, "c", 1));
  }

  @Test
  void takesAnyEndpointWhenAskedToChooseAtRandom() {
    Balancer<String> balancer =
        new Balancer<>(
            new Policy.Random(),
            List.of(locality("l", 0, 1, "a", "b", "c")),
            true,
            140,
            _ -> 0,
            String::hashCode,
            new SplittableRandom(7),
            null);

    assertThat(counts(balancer, 3_000).values())
        .hasSize(3)
        .allSatisfy(count -> assertThat(count).isBetween(850, 1_150));
    Map<String, Integer> pairs = new HashMap<>();
    for (int i = 0; i < 900; i++) {
      pairs.merge(balancer.next() + "" + balancer.next(), 1, Integer::sum);
    }
    assertThat(pairs).as("the next does not follow from the last").hasSize(9);
  }

  @Test
  void sharesOutByLocalityWeightHoweverManyEndpointsALocalityHas() {
    Balancer<String> balancer =
        weighted(List.of(locality("one", 0, 3, "a"), locality("two", 0, 1, "b", "c")));
    assertThat(counts(balancer, 80)).isEqualTo(Map.of("a", 60, "b", 10, "c", 10));
  }

  @Test
  void countsEndpointsAlikeWhenLocalitiesAreNotWeighted() {
    Balancer<String> balancer =
        new Balancer<>(
            ROUND_ROBIN,
            List.of(locality("one", 0, 3, "a"), locality("two", 0, 1, "b", "c")),
            false,
            140,
            _ -> 0,
            String::hashCode,
            new SplittableRandom(7),
            null);
    assertThat(counts(balancer, 30)).isEqualTo(Map.of("a", 10, "b", 10, "c", 10));
  }

  @Test
  void withoutAnEligibleEndpointThereIsNoChoiceAndNoPanic() {
    assertThat(weighted(List.of()).next()).isNull();
    assertThat(weighted(List.of(new Locality<String>("l", 0, 1, 5, List.of()))).next()).isNull();
  }

  @Test
  void aLocalityWithoutWeightGetsNothingWhileAnotherHasOne() {
    assertThat(
            counts(weighted(List.of(locality("one", 0, 0, "a"), locality("two", 0, 1, "b"))), 10))
        .isEqualTo(Map.of("b", 10));
    assertThat(
            counts(weighted(List.of(locality("one", 0, 0, "a"), locality("two", 0, 0, "b"))), 10))
        .isEqualTo(Map.of("a", 5, "b", 5));
  }

  @Test
  void aLocalityKeepsItsShareUntilItHasLostMoreThanTheOverprovisioning() {
    // 3 of 4 is 75 %, times 1.4 is more than all: full weight. 1 of 4 is 35 %: 0.35 of the weight.
    Balancer<String> spare =
        weighted(
            List.of(
                new Locality<>("one", 0, 1, 4, List.of("a", "b", "c")),
                locality("two", 0, 1, "z")));
    assertThat(counts(spare, 60)).containsEntry("z", 30);
    Balancer<String> lost =
        weighted(List.of(new Locality<>("one", 0, 1, 4, List.of("a")), locality("two", 0, 1, "z")));
    assertThat(counts(lost, 135)).isEqualTo(Map.of("a", 35, "z", 100));
  }

  @Test
  void theNextPriorityTakesWhatTheFirstCannot() {
    Balancer<String> healthy =
        weighted(List.of(locality("near", 0, 1, "a"), locality("far", 1, 1, "z")));
    assertThat(counts(healthy, 10)).isEqualTo(Map.of("a", 10));
    Balancer<String> half =
        weighted(
            List.of(new Locality<>("near", 0, 1, 2, List.of("a")), locality("far", 1, 1, "z")));
    assertThat(counts(half, 100)).isEqualTo(Map.of("a", 70, "z", 30));
    Balancer<String> gone =
        weighted(
            List.of(new Locality<String>("near", 0, 1, 2, List.of()), locality("far", 1, 1, "z")));
    assertThat(counts(gone, 10)).isEqualTo(Map.of("z", 10));
  }

  @Test
  void aSingleEndpointOfAThousandIsStillUsed() {
    Balancer<String> balancer =
        weighted(List.of(new Locality<>("l", 0, 1, 1_000, List.of("last"))));
    assertThat(balancer.next()).isEqualTo("last");
  }

  @Test
  void anUpdateGoesOnWithTheTurnsOfItsPredecessor() {
    List<Locality<String>> localities =
        List.of(locality("one", 0, 2, "a", "b", "c"), locality("two", 0, 1, "x", "y"));
    Map<String, Integer> counts = new HashMap<>();
    Balancer<String> balancer = weighted(localities);
    for (int i = 0; i < 180; i++) {
      balancer = weighted(localities, balancer);
      counts.merge(next(balancer), 1, Integer::sum);
    }
    assertThat(counts).isEqualTo(Map.of("a", 40, "b", 40, "c", 40, "x", 30, "y", 30));
  }

  @Test
  void aRetryGoesToAnotherEndpointIfThereIsOne() {
    Balancer<String> balancer =
        weighted(List.of(locality("one", 0, 1_000, "a"), locality("two", 0, 1, "b")));
    for (int i = 0; i < 50; i++) {
      assertThat(balancer.nextOther(List.of("a"))).isEqualTo("b");
    }
    assertThat(balancer.nextOther(List.of("a", "b"))).isIn("a", "b");
  }

  @Test
  void leastRequestPrefersTheIdleOne() {
    Map<String, Integer> load = new HashMap<>(Map.of("busy", 100, "idle", 0));
    Balancer<String> balancer =
        new Balancer<>(
            new Policy.LeastRequest(2),
            List.of(locality("l", 0, 1, "busy", "idle")),
            true,
            140,
            host -> load.getOrDefault(host, 0),
            String::hashCode,
            new SplittableRandom(7),
            null);
    // Both draws fall on the busy one in a quarter of all cases.
    assertThat(counts(balancer, 4_000).getOrDefault("busy", 0)).isBetween(850, 1_150);
  }

  /** In whole rounds every weight is met exactly; within a round nobody is far from its share. */
  @Test
  void smoothWeightsAreExactAndNeverFarOff() {
    Random random = new Random(4711);
    for (int round = 0; round < 500; round++) {
      int[] weights = new int[1 + random.nextInt(6)];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = random.nextInt(10);
      }
      weights[random.nextInt(weights.length)] += 1;
      int total = Arrays.stream(weights).sum();
      SmoothWeights choice = new SmoothWeights(Arrays.stream(weights).asDoubleStream().toArray());
      int[] chosen = new int[weights.length];
      for (int turn = 1; turn <= 3 * total; turn++) {
        chosen[choice.next()]++;
        for (int i = 0; i < weights.length; i++) {
          double fair = (double) turn * weights[i] / total;
          assertThat(chosen[i])
              .as("%s after %d", Arrays.toString(weights), turn)
              .isBetween(
                  (int) Math.floor(fair - weights.length), (int) Math.ceil(fair + weights.length));
        }
      }
      for (int i = 0; i < weights.length; i++) {
        assertThat(chosen[i]).as(Arrays.toString(weights)).isEqualTo(3 * weights[i]);
      }
    }
  }

  /**
   * Whatever the health: loads sum up to 100 or nothing is eligible, and no empty priority gets
   * any.
   */
  @Test
  void priorityLoadsAreComplete() {
    Random random = new Random(42);
    for (int round = 0; round < 5_000; round++) {
      int[] sizes = new int[1 + random.nextInt(4)];
      int[] eligible = new int[sizes.length];
      for (int p = 0; p < sizes.length; p++) {
        sizes[p] = random.nextInt(2_000);
        eligible[p] = random.nextInt(3) == 0 ? 0 : random.nextInt(sizes[p] + 1);
      }
      int[] loads = PriorityLoad.of(eligible, sizes, 100 + random.nextInt(100));
      List<Integer> served = new ArrayList<>();
      for (int p = 0; p < sizes.length; p++) {
        if (loads[p] > 0) {
          served.add(p);
          assertThat(eligible[p]).isPositive();
        }
      }
      int expected = Arrays.stream(eligible).sum() == 0 ? 0 : 100;
      assertThat(Arrays.stream(loads).sum())
          .as("%s of %s: %s", Arrays.toString(eligible), Arrays.toString(sizes), served)
          .isEqualTo(expected);
    }
  }

  private static String next(Balancer<String> balancer) {
    return String.valueOf(balancer.next());
  }

  private static Balancer<String> hashing(List<Locality<String>> localities) {
    return new Balancer<>(
        new Policy.Hash(),
        localities,
        true,
        140,
        _ -> 0,
        Hashing::of,
        new SplittableRandom(7),
        null);
  }

  private static Map<String, Integer> byHash(Balancer<String> balancer, int hashes) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < hashes; i++) {
      String endpoint = String.valueOf(balancer.next(Hashing.of("client " + i), List.of()));
      assertThat(balancer.next(Hashing.of("client " + i), List.of())).isEqualTo(endpoint);
      counts.merge(endpoint, 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void theSameHashGetsTheSameEndpointAndAllGetTheirShare() {
    assertThat(
            byHash(
                hashing(List.of(locality("l", 0, 3, "a", "b"), locality("m", 0, 1, "c"))), 8_000))
        .satisfies(
            counts -> {
              assertThat(counts.get("a")).isBetween(2_850, 3_150);
              assertThat(counts.get("b")).isBetween(2_850, 3_150);
              assertThat(counts.get("c")).isBetween(1_850, 2_150);
            });
  }

  @Test
  void onlyTheHashesOfAnEndpointThatGoesMove() {
    Balancer<String> before = hashing(List.of(locality("l", 0, 1, "a", "b", "c", "d")));
    Balancer<String> after = hashing(List.of(locality("l", 0, 1, "a", "b", "d")));
    for (int i = 0; i < 2_000; i++) {
      long hash = Hashing.of("client " + i);
      String was = before.next(hash, List.of());
      if (!"c".equals(was)) {
        assertThat(after.next(hash, List.of())).isEqualTo(was);
      }
      assertThat(before.next(hash, List.of(String.valueOf(was))))
          .as("a retry goes elsewhere, and always to the same one")
          .isNotEqualTo(was)
          .isEqualTo(before.next(hash, List.of(String.valueOf(was))));
    }
  }

  @Test
  void hashesAreSharedOutOverPrioritiesByTheirLoad() {
    Balancer<String> balancer =
        hashing(List.of(new Locality<>("l", 0, 1, 4, List.of("a")), locality("m", 1, 1, "far")));
    assertThat(byHash(balancer, 4_000).get("a")).as("35 % of them").isBetween(1_250, 1_550);
  }

  @Test
  void withoutAnEligibleEndpointThereIsNoneForAnyHash() {
    assertThat(hashing(List.of(new Locality<>("l", 0, 1, 1, List.of()))).next(1, List.of()))
        .isNull();
  }
}
