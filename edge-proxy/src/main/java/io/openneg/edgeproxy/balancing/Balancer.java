package io.openneg.edgeproxy.balancing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses endpoints of one cluster as Envoy does: a priority by its load, a locality by its
 * effective weight, an endpoint by the policy. Never an ineligible one: there is no panic routing.
 * What is chosen from is fixed; a change makes a new balancer that carries on where its predecessor
 * stood, so that frequent updates do not favour the first endpoints. Thread-safe.
 */
public final class Balancer<E> {

  private final Policy policy;
  private final ToIntFunction<? super E> load;
  private final ToLongFunction<? super E> key;
  private final RandomGenerator random;
  private final List<Level<E>> levels;
  private final @Nullable SmoothWeights levelChoice;

  /** The eligible endpoints of one priority. */
  private record Level<E>(
      String id, int load, List<Turn<E>> turns, List<Double> weights, SmoothWeights choice) {}

  /** Whose turn it is in one locality. */
  private static final class Turn<E> {
    final String id;
    final List<E> endpoints;
    int next;

    Turn(String id, List<E> endpoints) {
      this.id = id;
      this.endpoints = endpoints;
    }
  }

  /**
   * @param localityWeighted whether locality weights count; otherwise all endpoints of a priority
   *     are one group
   * @param overprovisioningPercent see {@link PriorityLoad}
   * @param load requests in flight on an endpoint
   * @param key a hash of an endpoint, the same for the same one in every process
   * @param predecessor the balancer that this one replaces, or null
   */
  public Balancer(
      Policy policy,
      List<Locality<E>> localities,
      boolean localityWeighted,
      int overprovisioningPercent,
      ToIntFunction<? super E> load,
      ToLongFunction<? super E> key,
      RandomGenerator random,
      @Nullable Balancer<E> predecessor) {
    this.policy = policy;
    this.load = load;
    this.key = key;
    this.random = random;
    TreeMap<Integer, List<Locality<E>>> byPriority = new TreeMap<>();
    for (Locality<E> locality : localities) {
      byPriority.computeIfAbsent(locality.priority(), _ -> new ArrayList<>()).add(locality);
    }
    int[] eligible = new int[byPriority.size()];
    int[] sizes = new int[byPriority.size()];
    int p = 0;
    for (List<Locality<E>> members : byPriority.values()) {
      for (Locality<E> member : members) {
        eligible[p] += member.eligible().size();
        sizes[p] += member.size();
      }
      p++;
    }
    int[] loads = PriorityLoad.of(eligible, sizes, overprovisioningPercent);
    Map<String, Turn<E>> before = predecessor == null ? Map.of() : predecessor.turnsById();
    Map<String, Double> credits = predecessor == null ? Map.of() : predecessor.creditsById();
    List<Level<E>> usable = new ArrayList<>();
    List<Double> usableLoads = new ArrayList<>();
    p = 0;
    for (Map.Entry<Integer, List<Locality<E>>> entry : byPriority.entrySet()) {
      if (loads[p] > 0) {
        usable.add(
            level(
                "priority " + entry.getKey(),
                loads[p],
                entry.getValue(),
                localityWeighted,
                overprovisioningPercent,
                before,
                credits));
        usableLoads.add((double) loads[p]);
      }
      p++;
    }
    this.levels = List.copyOf(usable);
    this.levelChoice = levels.isEmpty() ? null : choice(usableLoads);
    for (int i = 0; levelChoice != null && i < levels.size(); i++) {
      levelChoice.carryOver(i, credits.getOrDefault(levels.get(i).id(), 0.0));
    }
  }

  private static SmoothWeights choice(List<Double> weights) {
    return new SmoothWeights(weights.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private Level<E> level(
      String id,
      int loadPercent,
      List<Locality<E>> members,
      boolean localityWeighted,
      int overprovisioningPercent,
      Map<String, Turn<E>> before,
      Map<String, Double> credits) {
    List<Turn<E>> turns = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    if (localityWeighted) {
      for (Locality<E> member : members) {
        double weight = effectiveWeight(member, overprovisioningPercent);
        if (weight > 0) {
          turns.add(turn(member.id(), member.eligible(), before));
          weights.add(weight);
        }
      }
    }
    if (turns.isEmpty()) {
      // As Envoy: without a single usable weight, the endpoints of the priority are one group.
      List<E> all = members.stream().flatMap(member -> member.eligible().stream()).toList();
      turns.add(turn(id, all, before));
      weights.add(1.0);
    }
    SmoothWeights choice = choice(weights);
    for (int i = 0; i < turns.size(); i++) {
      choice.carryOver(i, credits.getOrDefault(id + '/' + turns.get(i).id, 0.0));
    }
    return new Level<>(id, loadPercent, List.copyOf(turns), List.copyOf(weights), choice);
  }

  private static double effectiveWeight(Locality<?> locality, int overprovisioningPercent) {
    if (locality.eligible().isEmpty()) {
      return 0;
    }
    double availability =
        overprovisioningPercent / 100.0 * locality.eligible().size() / locality.size();
    return locality.weight() * Math.min(1.0, availability);
  }

  private Turn<E> turn(String id, List<E> endpoints, Map<String, Turn<E>> before) {
    Turn<E> turn = new Turn<>(id, endpoints);
    Turn<E> old = before.get(id);
    // A random start: many proxies that get the same list must not all begin with its first one.
    turn.next = old == null ? random.nextInt(endpoints.size()) : old.next % endpoints.size();
    return turn;
  }

  private synchronized Map<String, Turn<E>> turnsById() {
    Map<String, Turn<E>> turns = new HashMap<>();
    levels.forEach(level -> level.turns().forEach(turn -> turns.put(turn.id, turn)));
    return turns;
  }

  private synchronized Map<String, Double> creditsById() {
    Map<String, Double> credits = new HashMap<>();
    for (int l = 0; levelChoice != null && l < levels.size(); l++) {
      Level<E> level = levels.get(l);
      credits.put(level.id(), levelChoice.credit(l));
      for (int i = 0; i < level.turns().size(); i++) {
        credits.put(level.id() + '/' + level.turns().get(i).id, level.choice().credit(i));
      }
    }
    return credits;
  }

  /** The endpoint for the next request, or null when none is eligible. */
  public synchronized @Nullable E next() {
    if (levelChoice == null) {
      return null;
    }
    Level<E> level = levels.get(levelChoice.next());
    Turn<E> turn = level.turns().get(level.choice().next());
    return switch (policy) {
      case Policy.RoundRobin _ -> roundRobin(turn);
      case Policy.Random _ -> turn.endpoints.get(random.nextInt(turn.endpoints.size()));
      case Policy.LeastRequest(int choices) -> leastRequest(turn, choices);
      // A request without anything to hash.
      case Policy.Hash _ -> byHash(random.nextLong(), List.of());
    };
  }

  /**
   * The endpoint for a request with this hash, or null when none is eligible; with a policy that
   * does not hash, as {@link #nextOther}.
   *
   * @param avoid not one of these, if there is another
   */
  public @Nullable E next(long hash, Collection<E> avoid) {
    return policy instanceof Policy.Hash ? byHash(hash, avoid) : nextOther(avoid);
  }

  private @Nullable E byHash(long hash, Collection<E> avoid) {
    // What is read here never changes, so no lock is needed.
    if (levels.isEmpty()) {
      return null;
    }
    Level<E> level = level(hash);
    E best = null;
    E avoided = null;
    double highest = 0;
    for (int i = 0; i < level.turns().size(); i++) {
      List<E> endpoints = level.turns().get(i).endpoints;
      double weight = level.weights().get(i) / endpoints.size();
      for (E endpoint : endpoints) {
        double score =
            -weight / Math.log(Hashing.unit(Hashing.of(hash, key.applyAsLong(endpoint))));
        if (avoid.contains(endpoint)) {
          avoided = endpoint;
        } else if (best == null || score > highest) {
          best = endpoint;
          highest = score;
        }
      }
    }
    return best == null ? avoided : best;
  }

  /** The same priority for the same hash, each for as many hashes as its load says. */
  private Level<E> level(long hash) {
    int left = (int) Long.remainderUnsigned(hash, 100);
    for (Level<E> level : levels) {
      left -= level.load();
      if (left < 0) {
        return level;
      }
    }
    return levels.getLast();
  }

  /**
   * Like {@link #next}, but one that is not in {@code avoid}, if there is one: a retry belongs on
   * another endpoint.
   */
  public synchronized @Nullable E nextOther(Collection<E> avoid) {
    if (policy instanceof Policy.Hash) {
      return byHash(random.nextLong(), avoid);
    }
    E choice = next();
    for (int tries = 0; choice != null && avoid.contains(choice); tries++) {
      if (tries > avoid.size() * 2) {
        return anyOther(avoid, choice);
      }
      choice = next();
    }
    return choice;
  }

  private E anyOther(Collection<E> avoid, E otherwise) {
    for (Level<E> level : levels) {
      for (Turn<E> turn : level.turns()) {
        for (E endpoint : turn.endpoints) {
          if (!avoid.contains(endpoint)) {
            return endpoint;
          }
        }
      }
    }
    return otherwise;
  }

  private E roundRobin(Turn<E> turn) {
    E endpoint = turn.endpoints.get(turn.next);
    turn.next = (turn.next + 1) % turn.endpoints.size();
    return endpoint;
  }

  private E leastRequest(Turn<E> turn, int choices) {
    E best = turn.endpoints.get(random.nextInt(turn.endpoints.size()));
    for (int i = 1; i < choices; i++) {
      E candidate = turn.endpoints.get(random.nextInt(turn.endpoints.size()));
      if (load.applyAsInt(candidate) < load.applyAsInt(best)) {
        best = candidate;
      }
    }
    return best;
  }
}
