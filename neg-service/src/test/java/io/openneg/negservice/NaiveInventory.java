package io.openneg.negservice;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Machines in one network, with a primary address and /24 aliases, and groups on port 8080. */
final class NaiveInventory {
  private record Endpoint(String vm, String ip) {}

  /** By machine: its address and the prefixes of its aliases. */
  private final Map<String, Set<String>> holdings = new HashMap<>();

  private final Map<String, String> primaries = new HashMap<>();
  private final Map<String, Set<Endpoint>> groups = new HashMap<>();

  boolean create(String vm, String primary, List<String> aliases) {
    return !holdings.containsKey(vm) && take(vm, primary, aliases);
  }

  boolean delete(String vm, boolean force) {
    if (!holdings.containsKey(vm) || (!force && !displaced(vm, Set.of()).isEmpty())) {
      return false;
    }
    groups.values().forEach(members -> members.removeIf(e -> e.vm().equals(vm)));
    holdings.remove(vm);
    return true;
  }

  boolean update(String vm, String primary, List<String> aliases, boolean force) {
    if (!holdings.containsKey(vm)) {
      return false;
    }
    List<Endpoint> gone = displaced(vm, held(primary, aliases));
    if (!gone.isEmpty() && !force) {
      return false;
    }
    if (!take(vm, primary, aliases)) {
      return false;
    }
    groups.values().forEach(members -> members.removeAll(gone));
    return true;
  }

  private boolean take(String vm, String primary, List<String> aliases) {
    Set<String> wanted = held(primary, aliases);
    for (Map.Entry<String, Set<String>> other : holdings.entrySet()) {
      if (!other.getKey().equals(vm) && other.getValue().stream().anyMatch(wanted::contains)) {
        return false;
      }
    }
    holdings.put(vm, wanted);
    primaries.put(vm, primary);
    return true;
  }

  private static Set<String> held(String primary, List<String> aliases) {
    Set<String> held = new HashSet<>(Set.of(primary));
    aliases.forEach(alias -> held.add(alias.substring(0, alias.lastIndexOf('.'))));
    return held;
  }

  private List<Endpoint> displaced(String vm, Set<String> by) {
    List<Endpoint> displaced = new ArrayList<>();
    groups
        .values()
        .forEach(
            members ->
                members.stream()
                    .filter(e -> e.vm().equals(vm) && !isHeld(by, e.ip()))
                    .forEach(displaced::add));
    return displaced;
  }

  private static boolean isHeld(Set<String> held, String ip) {
    return held.contains(ip) || held.contains(ip.substring(0, ip.lastIndexOf('.')));
  }

  boolean attach(String neg, String vm, String requested) {
    Set<String> held = holdings.get(vm);
    @Nullable String ip = requested.isEmpty() ? primaries.get(vm) : requested;
    if (held == null || ip == null || !isHeld(held, ip) || isMember(neg, ip)) {
      return false;
    }
    return groups.computeIfAbsent(neg, _ -> new HashSet<>()).add(new Endpoint(vm, ip));
  }

  boolean detach(String neg, String ip) {
    return groups.computeIfAbsent(neg, _ -> new HashSet<>()).removeIf(e -> e.ip().equals(ip));
  }

  private boolean isMember(String neg, String ip) {
    return groups.getOrDefault(neg, Set.of()).stream().anyMatch(e -> e.ip().equals(ip));
  }

  List<String> members(String neg) {
    return groups.getOrDefault(neg, Set.of()).stream()
        .map(e -> e.vm() + " " + e.ip() + ":8080")
        .toList();
  }
}
